"""`aar demo`: the made-up company written as exports, then run like any other."""

from pathlib import Path

from rich.console import Console

from aar_platform.commands.run import Window, run_pipeline
from aar_platform.sandbox.company import build_company
from aar_platform.sandbox.exports import write_exports
from aar_platform.settings.loading import load_settings


def run_demo(
    customers: int, folder: Path, seed: int, console: Console
) -> tuple[list[str], list[str]]:
    """Write the company into a folder and run it; returns failures and what to tell the user."""
    with console.status("making up a company"):
        write_exports(build_company(customers, seed), folder)
    path = folder / "aar.yaml"
    settings = load_settings(path)
    failures = run_pipeline(settings, path, None, Window(), console)
    outbox = settings.delivery.outbox
    pages = sorted(outbox.glob("*/*/*.html"))
    portfolios = [page for page in pages if page.parent.name == "portfolio"]
    accounts = [page for page in pages if page.parent.name == "account_activity"]
    said = [f"Reports lie in {outbox}"]
    said += [f"  {page}" for page in [*portfolios[-2:], *accounts[:1]]]
    said.append(f"Ask the warehouse: aar --config {path} query 'select * from kpis limit 5'")
    return failures, said
