"""The made-up company, run once for all tests that hold it against its truth."""

import pytest


@pytest.fixture(scope="session")
def company(once):
    """The folder of `aar demo` with 150 customers: what it wrote, the warehouse and the reports."""

    def build(place):
        from rich.console import Console

        from aar_platform.commands.demo import run_demo

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AAR_SECRETS_DIR", "")
            failures, said = run_demo(150, place.folder, 7, Console(quiet=True))
        assert failures == []
        place.write("said.txt", "\n".join(said))

    return once("demo", build)
