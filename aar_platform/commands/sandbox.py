"""`aar sandbox`: the made-up company's systems, served for as long as one wants to look at them."""

import gc
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aar_platform.sandbox.apis.serve import application, serving
from aar_platform.sandbox.company import build_company
from aar_platform.sandbox.exports import write_truth
from aar_platform.sandbox.served import write_served
from aar_platform.sandbox.served_truth import truth_of
from aar_platform.sandbox.systems import systems_of

# At which port a folder's company is served: its aar.yaml names it.
STATE = "sandbox.json"


@contextmanager
def kept_for_good() -> Iterator[None]:
    """Look for garbage neither while something is made that stays, nor in it later.

    A company of 5,000 is half a million objects; looking through them again and again as they
    became more took 0.9 of 3 s.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def serve_company(
    customers: int, folder: Path, seed: int, port: int, say: Callable[[str], None]
) -> None:
    """Make the company up, write it into a folder, and serve its systems until interrupted.

    A folder that was served before is served at the same port. Raises OSError where it is taken.
    `truth/` is written once the systems are served; an interruption waits until it is complete.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / STATE
    if not port and known.exists():
        port = int(json.loads(known.read_text())["port"])
    with kept_for_good():
        systems = systems_of(build_company(customers, seed))
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with serving(application(systems.vendors), port) as url:
        write_served(systems, folder, url)
        known.write_text(json.dumps({"port": int(url.rpartition(":")[2])}))
        say(f"serving {len(systems.vendors)} systems at {url}; end with Ctrl-C")
        write_truth(truth_of(systems), folder)
        ended.wait()
