"""What all tests of sources share."""

import os

import pytest

from aar_platform.sources.api import auth


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk():
    """Power cuts are not among the faults: what is written need not be on the disk at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True)
def _no_token_of_a_test_before():
    """Servers of two tests may have one port: then the token of the first would be taken for one of
    the second, and be refused one call before the call that is to go wrong."""
    auth._SHARED.clear()
