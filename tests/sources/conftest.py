"""What all tests of sources share."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk():
    """Power cuts are not among the faults: what is written need not be on the disk at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield
