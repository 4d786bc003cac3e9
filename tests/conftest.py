"""What all tests share: how hypothesis searches, and where kernels and formulas are kept.

By default the examples are the same each time, so that the suite says the same of the same code.
`python -m pytest --hypothesis-profile=deep` draws fifty times as many, others each time.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.browser import browser as browser  # here, so that there is one

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "same",
    deadline=None,
    suppress_health_check=SLOW_IS_FINE,
    derandomize=True,
    database=None,
    print_blob=True,
)
settings.register_profile(
    "deep",
    deadline=None,
    suppress_health_check=SLOW_IS_FINE,
    max_examples=50 * settings.get_profile("same").max_examples,
    print_blob=True,
)
settings.register_profile(  # of tests.mutants, which needs no smallest example
    "unshrunk", settings.get_profile("same"), phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("same")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what needs a browser, so that `-m browser` asks for that alone."""
    if "browser" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the pages' commands, by far the longest tests, so that no worker ends with one."""
    items.sort(key=lambda item: "test_the_blocks_of_a_page" not in item.name)


def pytest_collection_finish() -> None:
    """Spare the garbage collector all that has been imported, and stays."""
    gc.freeze()


# Kernels take seconds to compile, and formulas a while to derive: let all workers, and the next
# session, find them again.
os.environ.setdefault(
    "NUMBA_CACHE_DIR", str(Path(__file__).resolve().parent.parent / ".pytest_cache" / "kernels")
)

# Commands that open a page open none here.
os.environ["BROWSER"] = "true"
