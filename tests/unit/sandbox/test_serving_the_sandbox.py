"""`aar sandbox` announces its systems before it works out what is true of them."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from aar_platform.commands.sandbox import serve_company
from aar_platform.sandbox.company import build_company
from aar_platform.sandbox.exports import write_truth
from aar_platform.sandbox.served_truth import truth_of
from aar_platform.sandbox.systems import systems_of

CUSTOMERS, SEED = 60, 3
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def as_before() -> Iterator[None]:
    """Signals and the collector of garbage do afterwards what they did before."""
    before = [signal.getsignal(name) for name in SIGNALS]
    yield
    for name, handler in zip(SIGNALS, before, strict=True):
        signal.signal(name, handler)
    gc.unfreeze()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "truth").glob("*")}


def test_who_interrupts_it_as_it_announces_its_systems_finds_the_truth_complete(
    tmp_path: Path, as_before: None
) -> None:
    said: list[str] = []
    there: set[str] = set()

    def interrupt(line: str) -> None:
        said.append(line)
        there.update(path.name for path in tmp_path.glob("served/*"))
        for name in SIGNALS:
            os.kill(os.getpid(), name)

    serve_company(CUSTOMERS, tmp_path / "served", SEED, 0, interrupt)
    assert [line.startswith("serving 15 systems at http://") for line in said] == [True]
    assert there == {"aar.yaml", "exports", "rates.csv", "sandbox.json", "secrets"}
    write_truth(truth_of(systems_of(build_company(CUSTOMERS, SEED))), tmp_path)
    assert len(contents(tmp_path)) > 15
    assert contents(tmp_path / "served") == contents(tmp_path)
