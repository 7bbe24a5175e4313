"""Imports run one way through the house, and a planted violation is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLANTED = {
    "kpis/catalogue/revenue.py": ("import dagster", "Domain packages know nothing of Dagster"),
    "tables/core.py": (
        "import aar_platform.reports.blocks",
        "Imports run one way through the house",
    ),
    "checks/tables.py": (
        "import aar_platform.assets.partitions",
        "Checks and sensors name assets, they do not import them",
    ),
    "sandbox/mess.py": (
        "import aar_platform.tables.catalogue",
        "The sandbox company is used by the command line alone and knows nothing of the platform",
    ),
    "assets/partitions.py": (
        "import aar_platform.sandbox.company",
        "Nothing but the command line uses the sandbox",
    ),
}


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(
        ROOT / "aar_platform",
        tmp_path / "aar_platform",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def verdict(folder):
    # -P and PYTHONPATH: the tree in the folder, not the one installed.
    script = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [sys.executable, str(script), "--no-cache"], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip


def test_the_contract_holds_and_a_planted_violation_of_each_part_breaks_it(copied):
    clean = verdict(copied)
    assert clean.returncode == 0, clean.stdout
    assert f"{len(PLANTED)} kept, 0 broken" in clean.stdout
    before = {name: (copied / "aar_platform" / name).read_text() for name in PLANTED}
    for name, (line, contract) in PLANTED.items():
        path = copied / "aar_platform" / name
        path.write_text(f"{before[name]}\n{line}\n")
        found = verdict(copied)
        path.write_text(before[name])
        assert found.returncode != 0, name
        assert f"{contract} BROKEN" in " ".join(found.stdout.split()), found.stdout


def test_the_contract_has_no_exceptions():
    text = (ROOT / "pyproject.toml").read_text()
    assert "ignore_imports" not in text
    assert text.count("[[tool.importlinter.contracts]]") == len(PLANTED)
