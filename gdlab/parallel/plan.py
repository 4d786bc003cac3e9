"""How tiles are worked on: in this process, or by how many others."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass

import psutil

from gdlab.core.engines import seconds_with_numpy
from gdlab.experiment import Experiment
from gdlab.given import shown, whole

MODES = ("auto", "processes", "serial")
LARGEST_N_JOBS = 2**16
START_UP = 1.8
"""Seconds until two new processes have done a first, tiny tile: 1.75 to 2.1.

This and what follows were measured on an AMD EPYC at 2.4 GHz, two shared cores, on 2026-11-21.
"""
WORTH = 1.5
"""How many times the start-up several processes must save."""
WRITING = 0.2e-6
"""Seconds of one core that a row of the table takes on its way to the disk: 0.13 to 0.19 µs
on 2026-11-24."""
PER_PROCESS = 0.25e9
"""Bytes that a process needs, its libraries and a tile of 2^18 rows: 202 MB resident."""


@dataclass(frozen=True)
class Parallel:
    """How tiles are worked on.

    mode : "serial" in this process; "processes"; or "auto", processes where that is measured to be
    worth their start. n_jobs : how many processes, -1 for one a core.

    Raises ValueError for anything else.
    """

    mode: str = "auto"
    n_jobs: int = -1

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"mode={shown(self.mode)} is not one of {', '.join(MODES)}")
        n = whole(self.n_jobs)
        if n is None or (n < 1 and n != -1):
            raise ValueError(
                f"n_jobs={shown(self.n_jobs)} is not a number of processes; give 1 or more, or -1 "
                "for one a core"
            )
        if n > LARGEST_N_JOBS:
            raise ValueError(f"n_jobs={shown(n)} is larger than {LARGEST_N_JOBS}")
        object.__setattr__(self, "n_jobs", n)
        if self.mode == "serial" and n != 1:
            raise ValueError(
                f"n_jobs={n}: parallel=serial computes in one process; take parallel=processes "
                "for more"
            )

    @property
    def most(self) -> int:
        """How many processes there are at most."""
        if self.n_jobs != -1:
            return self.n_jobs
        from joblib import cpu_count

        return int(cpu_count())

    def n_processes(self, experiment: Experiment, n_tiles: int) -> int:
        """How many processes shall work on so many tiles of an experiment.

        Raises ValueError where their memory is more than there is.
        """
        if self.mode == "serial" or self.n_jobs == 1 or n_tiles == 1:
            return 1
        n, fit = min(self.most, n_tiles), _that_fit()
        if n > fit and self.n_jobs != -1:
            raise ValueError(
                f"parallel.n_jobs={self.n_jobs}: {n} processes need about "
                f"{n * PER_PROCESS / 1e9:.1f} GB of memory, and this machine has room for {fit}"
            )
        n = min(n, fit)
        if self.mode == "auto" and (_is_worker() or not _pays(experiment, n)):
            return 1
        return n


def _is_worker() -> bool:
    """Whether this process is itself one of several that share the machine."""
    return multiprocessing.current_process().name != "MainProcess"


def _pays(experiment: Experiment, n_processes: int) -> bool:
    """Whether several processes save clearly more time than their start takes."""
    if experiment.engine != "numpy":  # the compiled core has all cores at work already
        return False
    descending, writing = seconds_with_numpy(experiment.problem), WRITING * experiment.n_rows
    alone = max(descending, writing / n_processes)  # threads write beside the descent
    return alone - (descending + writing) / n_processes > WORTH * START_UP


def _that_fit() -> int:
    """How many processes find room in the memory that is free."""
    return max(int(psutil.virtual_memory().available // PER_PROCESS), 1)
