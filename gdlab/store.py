"""Run folders: what a run leaves on disk, and how it is read again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from omegaconf import DictConfig, OmegaConf

from gdlab.config import flat
from gdlab.experiment import Experiment
from gdlab.files import whole_file

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
"""Of run.json and of the parts; a reader refuses a newer one."""
NUMERICS = 1
"""Rises whenever a change to gdlab changes any number that it computes."""
ROWS_PER_PART = 2**20
LIBRARIES = ("gdlab", "numpy", "pandas", "sympy", "pyarrow", "hydra-core")


@dataclass(frozen=True)
class Run:
    """A finished run.

    path : its folder. record : what run.json holds.
    """

    path: Path
    record: Mapping[str, Any]

    @property
    def config(self) -> dict[str, Any]:
        """The resolved configuration."""
        config: dict[str, Any] = self.record["config"]
        return config

    def table(self) -> pd.DataFrame:
        """The results, one row a lane and tolerance; see `gdlab.results.table`."""
        import pandas as pd

        from gdlab.results import STATUS

        parts = [
            pd.read_parquet(self.path / "results" / name) for name in sorted(self.record["parts"])
        ]
        results = pd.concat(parts, ignore_index=True)
        return results.astype({"status": STATUS})

    def trace(self) -> pd.DataFrame:
        """Every iterate of a run of a single lane, to the last bit; see `gdlab.results.trace`.

        Raises ValueError if the run has several lanes.
        """
        import pandas as pd

        path = self.path / "trace.csv"
        if not path.is_file():
            raise ValueError(f"{self.path} has no trace: it has {self.record['lanes']} lanes")
        texts = pd.read_csv(path, dtype=str)  # pandas' own parser of numbers may be a bit off
        return texts.astype("float64").astype({"iteration": "int64"})


def identity(experiment: Experiment, config: DictConfig) -> str:
    """A short hash of everything that decides a run's numbers, equal for equal settings.

    Grids count by their values, however they were written.
    """
    decisive = {
        "numerics": NUMERICS,
        "objective": _resolved(config.objective),
        "method": _resolved(config.method),
        "alpha": _digest(experiment.alpha),
        "x0": _digest(experiment.x0),
        "tol": experiment.tol.tolist(),
        "criterion": experiment.criterion,
        "max_iter": experiment.max_iter,
        "escape": experiment.escape,
    }
    text = json.dumps(decisive, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def folder_name(experiment: Experiment, config: DictConfig, objective: str) -> str:
    """A name that a person can read, made unique by the identity."""
    grid = f"{len(experiment.alpha)}x{len(experiment.x0)}"
    return f"{objective}-{grid}-{identity(experiment, config)}"


def save(
    folder: Path,
    experiment: Experiment,
    results: pd.DataFrame,
    trace: pd.DataFrame | None,
    *,
    config: DictConfig,
    hydra: DictConfig,
    lane_steps: int,
    seconds: float,
) -> Run:
    """Write a run's results and its record; run.json comes last, and marks it as finished.

    trace : of a single lane. config : the composed configuration without `hydra`. hydra : that
    node alone.
    """
    (folder / "results").mkdir(parents=True, exist_ok=True)
    (folder / "run.json").unlink(missing_ok=True)
    _save_hydra(folder / ".hydra", config, hydra)
    parts = _save_parts(folder / "results", results)
    if trace is not None:
        with whole_file(folder / "trace.csv") as path:
            trace.to_csv(path, index=False)
    objective, method = hydra.runtime.choices.objective, hydra.runtime.choices.method
    tightest = results["tol"] == experiment.tol.min()
    record = {
        "format": FORMAT,
        "identity": identity(experiment, config),
        "objective": objective,
        "method": method,
        "config": _resolved(config),
        "overrides": list(hydra.overrides.task),
        "lanes": experiment.n_lanes,
        "rows": experiment.n_rows,
        "counts": results["status"][tightest].value_counts(sort=False).to_dict(),
        "lane_steps": lane_steps,
        "seconds": round(seconds, 3),
        "versions": {"python": platform.python_version(), "numerics": NUMERICS}
        | {name: version(name) for name in LIBRARIES},
        "parts": parts,
    }
    with whole_file(folder / "run.json") as path:
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return Run(folder, record)


def open_run(folder: Path) -> Run:
    """Read the record of a finished run.

    Raises ValueError if there is none, or one of a newer format.
    """
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{folder} is not a finished run: it has no run.json") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{folder / 'run.json'} is damaged: {error}") from None
    if record.get("format") != FORMAT:
        raise ValueError(
            f"{folder / 'run.json'} has format {record.get('format')}; this gdlab reads {FORMAT}"
        )
    return Run(folder, record)


def load(path: str | Path) -> pd.DataFrame:
    """Every finished run at or below a folder, as one table.

    To the columns of `gdlab.results.table` come what tells the runs apart: `objective`, `method`,
    and every configuration value in which they differ, under its dotted name.

    Raises ValueError if there is no finished run.
    """
    import pandas as pd

    path = Path(path)
    if not path.exists():
        raise ValueError(f"there is no folder {path}")
    runs = [open_run(record.parent) for record in sorted(path.rglob("run.json"))]
    if not runs:
        raise ValueError(f"there is no finished run below {path}")
    settings = [flat(run.config) for run in runs]
    tables = []
    for run, setting in zip(runs, settings, strict=True):
        results = run.table()
        differing = {name: setting.get(name) for name in _differing(settings, results.columns)}
        tables.append(
            results.assign(
                objective=run.record["objective"], method=run.record["method"], **differing
            )
        )
    return pd.concat(tables, ignore_index=True).astype({"status": tables[0]["status"].dtype})


def _differing(settings: list[dict[str, Any]], columns: pd.Index[str]) -> list[str]:
    """Names of the settings that are not the same in all runs; pictures do not count."""
    names = sorted(set().union(*settings))
    return [
        name
        for name in names
        if name not in columns
        and not name.startswith("figures.")
        and not name.endswith("_target_")
        and len({repr(setting.get(name)) for setting in settings}) > 1
    ]


def _save_hydra(folder: Path, config: DictConfig, hydra: DictConfig) -> None:
    """Write the three files that Hydra itself leaves beside a job."""
    folder.mkdir(exist_ok=True)
    files = {
        "config.yaml": config,
        "hydra.yaml": OmegaConf.create({"hydra": hydra}),
        "overrides.yaml": hydra.overrides.task,
    }
    for name, content in files.items():
        with whole_file(folder / name) as path:
            OmegaConf.save(content, path)


def _save_parts(folder: Path, results: pd.DataFrame) -> dict[str, str]:
    """Write the table in parts; give their checksums by name."""
    checksums = {}
    for number, first in enumerate(range(0, len(results), ROWS_PER_PART)):
        name = f"part-{number:05d}.parquet"
        with whole_file(folder / name) as path:
            results.iloc[first : first + ROWS_PER_PART].to_parquet(path, index=False)
            checksums[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    for stale in set(folder.glob("part-*.parquet")) - {folder / name for name in checksums}:
        stale.unlink()
    return checksums


def _resolved(node: DictConfig) -> Any:
    return OmegaConf.to_container(node, resolve=True)


def _digest(values: np.ndarray[Any, Any]) -> str:
    return hashlib.sha256(repr(values.shape).encode() + values.tobytes()).hexdigest()
