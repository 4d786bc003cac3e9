from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq

import gdlab
from gdlab.sweeps.table import join

RUNS = (
    ("objective=quadratic", "tol=1e-3"),
    ("objective=quadratic", "tol=[1e-3,1e-6]"),
    ("objective=himmelblau", "x0=[[1,2],[3,-4]]"),
    ("objective=formula", "objective.expr='cos(x)'", "x0=[1,2]"),
)


def test_runs_written_part_by_part_are_the_table_that_loads_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in RUNS:
        gdlab.run(*words, "alpha=[0.01,1,3]", "x0_grid=few", "max_iter=50", "figures=none")
    table = gdlab.load(tmp_path)
    assert set(table.columns) >= {"x0", "x0_1", "objective", "objective.expr"}
    file = tmp_path / "together.parquet"
    for rows_at_once, n_groups in ((1, len(RUNS)), (2**20, 1)):
        monkeypatch.setattr("gdlab.sweeps.table.ROWS_AT_ONCE", rows_at_once)
        join(tmp_path, file)
        pd.testing.assert_frame_equal(pd.read_parquet(file), table, check_exact=True)
        assert pq.ParquetFile(file).num_row_groups == n_groups
