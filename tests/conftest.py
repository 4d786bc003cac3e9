"""What all tests share: how hypothesis searches, and where compiled kernels are kept."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("here", deadline=None, suppress_health_check=SLOW_IS_FINE)
settings.register_profile(
    "ci",
    deadline=None,
    suppress_health_check=SLOW_IS_FINE,
    derandomize=True,
    database=None,
    print_blob=True,
)
# Kernels take seconds to compile: let all workers, and the next session, find them again.
os.environ.setdefault(
    "NUMBA_CACHE_DIR", str(Path(__file__).resolve().parent.parent / ".pytest_cache" / "kernels")
)

settings.load_profile("ci" if os.environ.get("CI") else "here")
