"""What runs leave on disk can be read again, and tells damage."""

import json

import pandas as pd
import pytest

import gdlab
from gdlab.files import whole_file
from gdlab.results import STATUS


@pytest.fixture
def outputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "outputs"


def test_load_tells_runs_apart_by_the_values_in_which_they_differ(outputs):
    gdlab.run("alpha=0.1", "x0=3", "figures=none")
    gdlab.run("alpha=0.1", "x0=3", "max_iter=5", "figures=none")
    gdlab.run("objective=quadratic", "alpha=[0.1,0.3]", "x0=3", "figures=none")
    table = gdlab.load(outputs)
    assert len(table) == 4
    assert table["status"].dtype == STATUS
    assert table["iterations"].dtype == "Int32"
    five = table[table["max_iter"] == 5]
    assert five["status"].tolist() == ["max_iter"]
    assert set(table["objective"]) == {"quadratic", "shifted_quadratic"}
    assert set(table["method"]) == {"gradient_descent"}
    assert "tolerance.escape" not in table
    assert set(table["objective.expr"]) == {"theta**2", "x**2 + 4*x + 4"}


def test_a_table_survives_the_way_to_disk_and_back(outputs):
    run = gdlab.run("alpha=[0.1,1.0,1.5]", "tol=[1e-3,1e-6]", "x0=[-2,3]", "figures=none")
    f = gdlab.Formula("x**2 + 4*x + 4")
    direct = gdlab.table(f, [0.1, 1.0, 1.5], [-2, 3], tol=[1e-3, 1e-6])
    pd.testing.assert_frame_equal(run.table(), direct, check_exact=True)


def test_a_large_table_goes_to_disk_in_parts(outputs, monkeypatch):
    monkeypatch.setattr("gdlab.store.ROWS_PER_PART", 7)
    run = gdlab.run("alpha=[0.1,0.2]", "x0_grid.num=11", "figures=none")
    assert len(list((run.path / "results").iterdir())) == 4
    assert len(run.table()) == 22
    monkeypatch.setattr("gdlab.store.ROWS_PER_PART", 22)
    again = gdlab.run("alpha=[0.1,0.2]", "x0_grid.num=11", "figures=none")
    assert again.path == run.path
    assert len(list((run.path / "results").iterdir())) == 1


def test_nothing_in_the_results_tells_the_time_or_the_place(outputs, tmp_path):
    run = gdlab.run("alpha=0.1", "x0=3", "figures=none")
    for path in run.path.glob("results/*"):
        content = path.read_bytes()
        assert str(tmp_path).encode() not in content


def test_a_folder_without_runs_is_said_to_be_one(tmp_path):
    with pytest.raises(ValueError, match="no finished run"):
        gdlab.load(tmp_path)
    with pytest.raises(ValueError, match="there is no folder"):
        gdlab.load(tmp_path / "nowhere")


def test_a_damaged_or_newer_record_is_named(outputs):
    run = gdlab.run("alpha=0.1", "x0=3", "figures=none")
    record = run.path / "run.json"
    whole = record.read_text()
    record.write_text(whole[:100])
    with pytest.raises(ValueError, match=r"run\.json is damaged"):
        gdlab.load(outputs)
    record.write_text(json.dumps(json.loads(whole) | {"format": 99}))
    with pytest.raises(ValueError, match="format 99"):
        gdlab.load(outputs)


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "numbers.csv"
    with whole_file(path) as temporary:
        temporary.write_text("1")
        assert not path.exists()
    with pytest.raises(KeyboardInterrupt), whole_file(path) as temporary:
        _interrupted(temporary)
    assert path.read_text() == "1"
    assert list(tmp_path.iterdir()) == [path]


def _interrupted(path):
    path.write_text("2")
    raise KeyboardInterrupt
