"""`aar sandbox`: the made-up company's systems, served for as long as one wants to look at them."""

import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from aar_platform.sandbox.apis.serve import HOST, application, serving
from aar_platform.sandbox.company import build_company
from aar_platform.sandbox.exports import write_truth
from aar_platform.sandbox.folder import company_of, only_missing, point_to, remember
from aar_platform.sandbox.served import write_served
from aar_platform.sandbox.served_truth import truth_of
from aar_platform.sandbox.systems import systems_of


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
    customers: int | None,
    folder: Path,
    seed: int | None,
    port: int,
    say: Callable[[str], None],
) -> None:
    """Make a folder's company up and serve its systems until interrupted.

    A folder that was served before is served with the same company, at the same port; what lies in
    it stays as it is, but for the address in its aar.yaml where another port is named. Raises
    FolderRefused for another company, OSError where the port is taken. `truth/` is written once the
    systems are served; an interruption waits until it is complete.
    """
    known = company_of(folder, customers, seed)
    folder.mkdir(parents=True, exist_ok=True)
    with kept_for_good():
        systems = systems_of(build_company(known.customers, known.seed))
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with serving(application(systems.vendors), port or known.port) as url:
        with only_missing(folder) as draft:
            write_served(systems, draft, url)
        taken = int(url.rpartition(":")[2])
        if known.port not in (0, taken):
            point_to(folder, f"http://{HOST}:{known.port}", url)
        remember(replace(known, port=taken), folder)
        say(f"serving {len(systems.vendors)} systems at {url}; end with Ctrl-C")
        with only_missing(folder) as draft:
            write_truth(truth_of(systems), draft)
        ended.wait()
