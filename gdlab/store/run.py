"""Finished runs: found in their folders, and read part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gdlab.store.parts import VISITED, read_part
from gdlab.store.records import StoreError, check, read_record

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

REPORT = "report.html"
"""The page in the folder of a run or of a sweep."""
SOON_READ = 2**20
"""Rows up to which a notebook shows what has to be read."""


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

    @property
    def engine(self) -> str:
        """What has computed it, "numpy" or "numba"."""
        said: str = self.record.get("engine", self.config.get("engine", "numpy"))
        return said  # older records say what was asked for, or nothing

    def _repr_html_(self) -> str:
        """What a notebook shows: what was descended, what became of it, and where the report is."""
        from gdlab.terminal.notebook import facts

        record = self.record
        known = {
            "objective": str(record["objective"]),
            "method": str(record["method"]),
            "lanes": f"{record['lanes']:,}",
            **{name: f"{n:,}" for name, n in record["counts"].items() if n},
            "best α": self._best(),
            "report": _link(self.path / REPORT),
        }
        return facts(f"run {self.path.name}", {name: said for name, said in known.items() if said})

    def _best(self) -> str | None:
        """The best step size, in words, of a run that is soon read; None where there is none."""
        if self.record["rows"] > SOON_READ or self.record["lanes"] == 1:
            return None
        from omegaconf import OmegaConf

        from gdlab.results import findings
        from gdlab.results.overview import gathered
        from gdlab.results.tiles import COLUMNS, tile_of_part
        from gdlab.settings import experiment_of

        n_tol = self.record["rows"] // self.record["lanes"]
        try:
            experiment = experiment_of(OmegaConf.create(self.config))
            parts = tiles(self, COLUMNS)
            made = (tile_of_part(part, n_tol, first // n_tol) for first, part in parts)
            return findings.best(gathered(experiment, made)).removeprefix("best α = ")
        except ValueError as error:  # a part that is damaged, an objective that is no longer there
            return str(error)

    def table(self) -> pd.DataFrame:
        """The results, one row a lane and tolerance; see `gdlab.results.table`.

        Raises StoreError if a part is missing or damaged.
        """
        from gdlab.results.table import to_pandas

        return to_pandas(read_parts(self))

    def visited(self) -> pd.DataFrame:
        """How often lanes had their first coordinate where, over the stretch of `orbit`.

        Columns: alpha_low, alpha_high, one value unless more than 1,024 step sizes are counted in
        groups; x_low, x_high, the bin, NaN for those in none; visits.

        Raises StoreError if none are counted, or a file is missing or damaged.
        """
        import pandas as pd

        found = [part.to_pandas() for part in visits(self)]
        whole = pd.concat(found, ignore_index=True)
        by = list(whole.columns[:-1])
        return whole.groupby(by, as_index=False, dropna=False)["visits"].sum()

    def trace(self) -> pd.DataFrame:
        """Every iterate of a run of a single lane, to the last bit; see `gdlab.trace`.

        Raises StoreError if the run has several lanes, or the trace is damaged.
        """
        import pandas as pd

        path = self.path / "trace.csv"
        if "trace" not in self.record:
            raise StoreError(f"{self.path} has no trace: it has {self.record['lanes']} lanes")
        check(path, self.record["trace"])
        texts = pd.read_csv(path, dtype=str)  # pandas' own parser of numbers may be a bit off
        return texts.astype("float64").astype({"iteration": "int64"})


def _link(page: Path) -> str | None:
    """A link to a page, as a notebook of this folder follows it; None where it is not there."""
    from markupsafe import Markup

    if not page.is_file():
        return None
    page = page.absolute()
    here = page.is_relative_to(Path.cwd())
    address = quote(page.relative_to(Path.cwd()).as_posix()) if here else page.as_uri()
    return Markup('<a href="{}" target="_blank">{}</a>').format(address, page.name)


def find(folder: Path) -> Run | None:
    """Give the finished run in `folder`, if there is one.

    Raises StoreError if its record cannot be read or trusted.
    """
    return open_run(folder) if (folder / "run.json").exists() else None


def open_run(folder: Path) -> Run:
    """Read the record of a finished run.

    Raises StoreError if there is none, if it is damaged, or of a newer format.
    """
    path = folder / "run.json"
    if not path.exists():
        raise StoreError(f"{folder} is not a finished run: it has no run.json")
    return Run(folder, read_record(path, "a run"))


def visits(run: Run) -> Iterator[pa.Table]:
    """The histograms of a run, part by part, each checked.

    Raises StoreError if there is none, or one is missing or damaged.
    """
    if "visited" not in run.record:
        raise StoreError(f"{run.path} counts no visits: it has no orbit, or orbit.bins=0")
    for name, stated in run.record["visited"].items():
        yield read_part(run.path / VISITED / name, stated, None)


def read_parts(run: Run, columns: Sequence[str] | None = None) -> pa.Table:
    """The results of a run as an Arrow table, every part checked.

    columns : those to read, as far as the run has them; the first where it has none of them, since
    a table without columns would have no rows.

    Raises StoreError if a part is missing, damaged or has the wrong rows.
    """
    import pyarrow as pa

    return pa.concat_tables(part for _, part in tiles(run, columns))


def tiles(
    run: Run, columns: Sequence[str] | None = None, rows: tuple[int, int] | None = None
) -> Iterator[tuple[int, pa.Table]]:
    """The parts of a run, one at a time, each checked, with the number of its first row.

    columns : as for `read_parts`. rows : from the first to before the second; parts that have none
    of them are passed over.

    Raises StoreError if a part is missing, damaged or has the wrong rows.
    """
    first = 0
    low, high = rows or (0, run.record["rows"])
    for name, stated in run.record["parts"].items():
        if first < high and low < first + stated["rows"]:
            yield first, read_part(run.path / "results" / name, stated, columns)
        first += stated["rows"]
