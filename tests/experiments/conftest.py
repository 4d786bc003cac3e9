"""Studies leave their runs in a folder of the session."""

from contextlib import chdir

import pytest


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """The folder below which the runs of all studies are."""
    return tmp_path_factory.mktemp("studies")


@pytest.fixture(autouse=True)
def _here(runs):
    with chdir(runs):
        yield
