"""How many threads are worth having."""

from __future__ import annotations

import os


def cores() -> int:
    """How many cores this process may use, as it is told by `NUMBA_NUM_THREADS` and the system."""
    here = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        here = len(os.sched_getaffinity(0))
    told = os.environ.get("NUMBA_NUM_THREADS", "")  # in the workers of joblib it is their share
    return min(int(told), here) if told.isdigit() and int(told) else here
