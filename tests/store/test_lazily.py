"""Runs in Arrow, and read by others only as far as they are asked for."""

import shutil
import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

import gdlab
from gdlab.results.table import TYPES
from tests.command import ROOT


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Runs of one variable and of two, on a quadratic and not, in parts; two are of a sweep."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("gdlab.store.computing.ROWS_PER_PART", 4)
        gdlab.run("alpha=[0.1,0.3,1.0]", "x0=[-3,1,10]", "figures=none", "report=false")
        lists = ("alpha=[0.1,2.4]", "x0=[-1,0.5]", "figures=none", "report=false")
        gdlab.run("objective=double_well", *lists, "max_iter=20")
        plane = ("objective=himmelblau", "alpha=[0.01,0.3]", "x0=[[1,1],[2,0]]")
        gdlab.run(*plane, "figures=none", "report=false", "method=armijo")
    return folder / "outputs"


def same(table, frame):
    """Whether an Arrow table has the columns, rows and values of a frame."""
    assert table.column_names == list(frame.columns)
    there = table.to_pandas()
    there = there.astype({name: own for name, own in TYPES.items() if name in frame})
    pd.testing.assert_frame_equal(there, frame, check_exact=True)
    return True


WHERE = [("status", "!=", "diverged"), ("alpha", "<", 0.5)]


@pytest.mark.parametrize("asked", [{}, {"columns": ["objective", "status"]}, {"where": WHERE}])
def test_arrow_has_the_table_of_pandas(outputs, asked):
    table = gdlab.load(outputs, **asked, as_="arrow")
    assert same(table, gdlab.load(outputs, **asked))
    for chunk in table["status"].chunks:
        assert chunk.dictionary.to_pylist() == ["converged", "cycling", "max_iter", "diverged"]
    assert b"gdlab" not in table.schema.metadata  # the label of a single part


def test_a_dataset_has_the_table_of_pandas(outputs):
    dataset = gdlab.load(outputs, as_="dataset")
    assert isinstance(dataset, ds.Dataset)
    assert same(dataset.to_table(), gdlab.load(outputs))


WITHOUT_PANDAS = """
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Without())
import gdlab

print(gdlab.load({path!r}, where={where}, as_="arrow").num_rows)
print(gdlab.load({path!r}, as_="dataset").count_rows())
"""


def test_neither_needs_pandas(outputs):
    """Arrow imports it by itself where it is there."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PANDAS.format(path=str(outputs), where=WHERE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    assert done.stdout.split() == [str(len(gdlab.load(outputs, where=WHERE))), "17"]


@pytest.mark.parametrize("asked", [{}, {"columns": ["alpha"]}])
def test_a_form_that_does_not_exist_is_refused(outputs, asked):
    with pytest.raises(ValueError, match=r"as_='numpy' is not known; choose one of pandas, arrow"):
        gdlab.load(outputs, **asked, as_="numpy")


@pytest.mark.parametrize("asked", [{"columns": ["alpha"]}, {"where": WHERE}])
def test_a_dataset_takes_its_questions_later(outputs, asked):
    with pytest.raises(ValueError, match="reads nothing yet, and takes neither columns nor where"):
        gdlab.load(outputs, **asked, as_="dataset")


def test_a_question_about_one_run_opens_no_file_of_the_others(outputs, tmp_path):
    shutil.copytree(outputs, tmp_path / "outputs")
    dataset = gdlab.load(tmp_path / "outputs", as_="dataset")
    (other,) = (tmp_path / "outputs").glob("himmelblau-*")
    shutil.rmtree(other)
    wells = dataset.to_table(filter=ds.field("objective") == "double_well")
    assert wells.num_rows == 4
    with pytest.raises(FileNotFoundError):
        dataset.to_table()


@pytest.mark.parametrize("damage", [lambda part: part.unlink(), lambda part: part.write_text("?")])
def test_a_run_whose_parts_are_not_all_there_is_left_out(outputs, tmp_path, damage):
    shutil.copytree(outputs, tmp_path / "outputs")
    (folder,) = (tmp_path / "outputs").glob("himmelblau-*")
    damage(folder / "results" / "part-00000.parquet")
    with pytest.warns(UserWarning, match=r"left out: .*himmelblau.*part-00000") as warned:
        dataset = gdlab.load(tmp_path / "outputs", as_="dataset")
    assert warned[0].filename == __file__
    assert pa.compute.unique(dataset.to_table()["objective"]).to_pylist() == [
        "double_well",
        "shifted_quadratic",
    ]
    with (
        pytest.warns(UserWarning, match="left out"),
        pytest.raises(ValueError, match="no finished run whose parts are all there"),
    ):
        gdlab.load(folder, as_="dataset")


def test_duckdb_asks_a_dataset(outputs):
    duckdb = pytest.importorskip("duckdb")
    runs = gdlab.load(outputs, as_="dataset")
    found = duckdb.sql(
        "SELECT objective, count(*), median(iterations) FROM runs "
        "WHERE status = 'converged' AND alpha < 0.5 GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    table = gdlab.load(outputs, where=[("status", "=", "converged"), ("alpha", "<", 0.5)])
    groups = table.groupby("objective")["iterations"]
    assert found == [(name, len(group), group.median()) for name, group in groups]
    assert runs.count_rows() == 17


def test_polars_asks_a_dataset(outputs):
    polars = pytest.importorskip("polars")
    runs = polars.scan_pyarrow_dataset(gdlab.load(outputs, as_="dataset"))
    converged = runs.filter((polars.col("status") == "converged") & (polars.col("alpha") < 0.5))
    found = converged.group_by("objective").agg(polars.col("iterations").median()).collect()
    table = gdlab.load(outputs, where=[("status", "=", "converged"), ("alpha", "<", 0.5)])
    assert dict(found.rows()) == table.groupby("objective")["iterations"].median().to_dict()


def test_both_read_the_parts_as_they_lie_there(outputs, monkeypatch):
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    monkeypatch.chdir(outputs.parent)
    parts = "'outputs/*/results/part-*.parquet'"
    found = duckdb.sql(f"SELECT status, count(*) FROM read_parquet({parts}) GROUP BY ALL")
    verdicts = gdlab.load(outputs)["status"].value_counts()
    assert dict(found.fetchall()) == verdicts[verdicts > 0].to_dict()
    lazy = polars.scan_parquet("outputs/shifted_quadratic-*/results/part-*.parquet")
    own = gdlab.load(outputs, where=[("objective", "=", "shifted_quadratic")])
    assert lazy.select(polars.col("steps").max()).collect().item() == own["steps"].max()
