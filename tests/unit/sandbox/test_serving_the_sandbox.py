"""`aar sandbox` announces its systems before it works out what is true of them, and a folder keeps
its company."""

import gc
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from aar_platform.commands.demo import run_demo
from aar_platform.commands.sandbox import serve_company
from aar_platform.sandbox.company import build_company
from aar_platform.sandbox.exports import write_truth
from aar_platform.sandbox.folder import FolderRefused, company_of
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


def serve(
    folder: Path, customers: int | None = None, seed: int | None = None, port: int = 0
) -> int:
    """Serve a folder for a moment; the port it was served at."""
    serve_company(customers, folder, seed, port, lambda line: os.kill(os.getpid(), signal.SIGTERM))
    port = json.loads((folder / "sandbox.json").read_text())["port"]
    assert isinstance(port, int)
    return port


def test_a_folder_is_served_again_as_it_is(tmp_path: Path, as_before: None) -> None:
    folder = tmp_path / "served"
    port = serve(folder, CUSTOMERS, SEED)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    own = folder / "aar.yaml"
    own.write_text(own.read_text() + "kpis: {churn_window_days: 60}\n")
    (folder / "secrets/FACEBOOK_TOKEN").write_text("my own\n")
    gone = (folder / "exports/erp/customers.csv", folder / "truth/entities.csv")
    for path in gone:
        path.unlink()
    assert serve(folder) == port
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in before if before[path] != after[path]} == {
        "aar.yaml",
        "FACEBOOK_TOKEN",
    }
    assert "kpis: {churn_window_days: 60}" in own.read_text()
    assert (folder / "secrets/FACEBOOK_TOKEN").read_text() == "my own\n"
    other = port + 1 if port < 65535 else port - 1
    assert serve(folder, port=other) == other
    assert own.read_text() == before[own].decode().replace(f":{port}/", f":{other}/") + (
        "kpis: {churn_window_days: 60}\n"
    )


def test_a_folder_of_another_company_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sandbox.json").write_text('{"customers": 1000, "seed": 7, "port": 4321}')
    assert company_of(tmp_path, None, None) == company_of(tmp_path, 1000, 7)
    for customers, seed, named in ((5000, None, "5000 and seed 7"), (None, 8, "1000 and seed 8")):
        said = (
            f"{tmp_path} holds the company of 1000 customers and seed 7, "
            f"not that of {named}; name another --dir"
        )
        with pytest.raises(FolderRefused) as refused:
            serve_company(customers, tmp_path, seed, 0, print)
        assert str(refused.value) == said
        with pytest.raises(FolderRefused) as refused:
            run_demo(customers, tmp_path, seed, Console(quiet=True))
        assert str(refused.value) == said
    assert [path.name for path in tmp_path.iterdir()] == ["sandbox.json"]


def test_an_aar_yaml_of_ones_own_is_not_taken_for_that_of_the_company(tmp_path: Path) -> None:
    (tmp_path / "aar.yaml").write_text("organisation: {name: Northwind}\n")
    with pytest.raises(FolderRefused, match=r"sandbox\.json is missing.*name another --dir"):
        serve_company(None, tmp_path, None, 0, print)
    assert [path.name for path in tmp_path.iterdir()] == ["aar.yaml"]


def test_a_new_folder_is_of_5000_customers(tmp_path: Path) -> None:
    new = company_of(tmp_path / "new", None, None)
    assert (new.customers, new.seed) == (5000, 7)
