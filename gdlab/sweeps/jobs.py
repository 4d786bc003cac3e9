"""The jobs of a sweep: one run each, and word of how it ended."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from gdlab.files import write_text
from gdlab.given import one_line
from gdlab.job import explain, perform

JOBS = ".jobs"
"""Folder of a sweep in which each job leaves how it ended."""


def job(config: DictConfig, hydra: DictConfig) -> float:
    """Do one run of a sweep; leave word of how it ended, so that no failure stops the others.

    Returns what a sweeper may minimise: the median of the iterations over all lanes at the tightest
    tolerance, a lane that did not converge counting as infinitely many; infinity for a failure.
    """
    folder = Path(hydra.sweep.dir)
    outcome: dict[str, Any] = {
        "job": hydra.job.num,
        "overrides": list(hydra.overrides.task),
        "swept": _swept(hydra),
        "run": None,
        "name": None,
        "message": None,
    }
    value = float("inf")
    try:
        run, overview = perform(config, hydra, quiet=True)
    except Exception as error:
        outcome["message"] = explain(error) or one_line(f"{type(error).__name__}: {error}")
        if explain(error) is None:
            traceback.print_exc()
    else:
        outcome["run"] = str(run.path)
        outcome["name"] = overview.experiment.facts.name
        value = overview.tally.median
    _leave(folder / JOBS / f"{hydra.job.num:06d}.json", outcome)
    return value


def outcomes(folder: Path) -> list[dict[str, Any]]:
    """How the jobs of a sweep ended, in their order."""
    return [json.loads(path.read_bytes()) for path in sorted((folder / JOBS).glob("*.json"))]


def _swept(hydra: DictConfig) -> dict[str, Any]:
    """The words of this job that differ from job to job, as values by name."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    overrides = OverridesParser.create().parse_overrides(list(hydra.overrides.task))
    found = {}
    for override in overrides:
        value = override.value()
        name = override.key_or_group
        found[name] = value if isinstance(value, str | int | float | bool) else str(value)
    return found


def _leave(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(content, indent=2) + "\n")
