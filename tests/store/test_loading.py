"""Many runs as one table: what is asked for, told apart, and nothing that is damaged."""

import json
import re
import shutil
import warnings

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import gdlab
from gdlab.results.table import STATUS
from gdlab.store.records import read_record, write_record
from gdlab.store.run import open_run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three finished runs, of one and of two variables; each in several parts."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("gdlab.store.computing.ROWS_PER_PART", 4)
        lists = ("alpha=[0.1,0.3,1.0]", "x0=[-3,1,10]", "figures=none")
        gdlab.run(*lists)
        gdlab.run("objective=quadratic", *lists, "max_iter=20")
        plane = ("objective=ill_conditioned", "alpha=[0.01,0.3]", "x0=[[1,1],[2,0]]")
        gdlab.run(*plane, "figures=none")
    return folder / "outputs"


@pytest.fixture
def outputs(made, tmp_path):
    shutil.copytree(made, tmp_path / "outputs")
    return tmp_path / "outputs"


def folder_of(outputs, name):
    (folder,) = outputs.glob(f"{name}-*")
    return folder


def test_a_tree_is_one_table_with_what_tells_the_runs_apart(made):
    table = gdlab.load(made)
    assert table.groupby("objective").size().to_dict() == {
        "shifted_quadratic": 9,
        "quadratic": 9,
        "ill_conditioned": 4,
    }
    assert table.groupby("objective")["max_iter"].first().to_dict() == {
        "shifted_quadratic": 1000,
        "quadratic": 20,
        "ill_conditioned": 1000,
    }
    assert table["status"].dtype == STATUS
    assert table["iterations"].dtype == "Int32"
    assert table["predicted"].dtype == "Int32"
    assert table["x0"].isna().sum() == 4
    assert table["x0_1"].isna().sum() == 18
    assert "tolerance.escape" not in table
    assert not {"figures", "force"} & {name.partition(".")[0] for name in table}
    kappa = table.groupby("objective")["objective.parameters.kappa"].first()
    assert kappa["ill_conditioned"] > 1
    assert np.isnan(kappa["quadratic"])


def test_a_single_run_is_its_own_table(made):
    folder = folder_of(made, "quadratic")
    table = gdlab.load(folder)
    own = open_run(folder).table()
    pd.testing.assert_frame_equal(table[own.columns], own, check_exact=True)
    assert list(table.columns.difference(own.columns)) == ["method", "objective"]


def test_a_file_is_no_folder_of_runs(made):
    with pytest.raises(ValueError, match=r"there is no finished run below .*run\.json"):
        gdlab.load(folder_of(made, "quadratic") / "run.json")


def test_only_the_columns_that_are_asked_for_are_read(made, monkeypatch):
    read = []
    whole = pq.ParquetFile.read

    def reading(self, columns=None, **keywords):
        read.append(columns)
        return whole(self, columns=columns, **keywords)

    monkeypatch.setattr(pq.ParquetFile, "read", reading)
    table = gdlab.load(made, columns=["objective", "status", "alpha"])
    assert list(table) == ["objective", "status", "alpha"]
    assert len(table) == 22
    assert set(map(tuple, read)) == {("alpha", "status")}
    read.clear()
    table = gdlab.load(made, columns=["x"], where=[("alpha", "<", 0.2)])
    assert list(table) == ["x"]
    assert set(map(tuple, read)) == {("alpha", "x"), ("alpha",)}


def test_columns_can_be_only_those_that_tell_runs_apart(made):
    table = gdlab.load(made, columns=["max_iter", "objective"])
    assert list(table) == ["max_iter", "objective"]
    assert len(table) == 22


def test_columns_may_come_one_by_one(made):
    table = gdlab.load(made, columns=(name for name in ("alpha", "x0")))
    assert list(table) == ["alpha", "x0"]


@pytest.mark.parametrize(
    ("where", "query"),
    [
        ([("status", "=", "converged")], "status == 'converged'"),
        (
            [("status", "!=", "converged"), ("alpha", ">=", 0.3)],
            "status != 'converged' & alpha >= 0.3",
        ),
        ([("status", "in", ["cycling", "max_iter"])], "status in ['cycling', 'max_iter']"),
        ([("objective", "==", "quadratic")], "objective == 'quadratic'"),
        ([("max_iter", "<", 100), ("x0", ">", 0)], "max_iter < 100 & x0 > 0"),
        ([[("alpha", "<", 0.2)], [("x0_1", "=", 2.0)]], "alpha < 0.2 | x0_1 == 2.0"),
        ([("objective.parameters.kappa", ">", 1)], "objective == 'ill_conditioned'"),
        ([("iterations", "<=", 20)], "iterations <= 20"),
        ([("steps", "in", [2.0, 3, 20])], "steps in [2, 3, 20]"),
        ([("alpha", "not in", {1})], "alpha != 1"),
        ([("objective", "not in", ["quadratic"])], "objective != 'quadratic'"),
        ([("iterations", "not in", [5])], "iterations.notna() & iterations != 5"),
        ([("iterations", "!=", 5)], "iterations.notna() & iterations != 5"),
        ([("iterations", "not in", [])], "iterations.notna()"),
        ([("status", "<", "max_iter")], "status < 'max_iter'"),
        ([("status", ">=", "max_iter")], "status >= 'max_iter'"),
        ([("steps", "in", np.array([2, 3, 20]))], "steps in [2, 3, 20]"),
        ([("steps", "in", range(21))], "steps <= 20"),
        ([("alpha", "=", np.array(0.3))], "alpha == 0.3"),
        ([], "alpha > 0"),
    ],
    ids=str,
)
def test_only_the_rows_that_are_asked_for_come_back(made, where, query):
    whole = gdlab.load(made)
    expected = whole.query(query).reset_index(drop=True)
    found = gdlab.load(made, where=where)
    assert len(found) > 0
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    some = gdlab.load(made, columns=["x", "steps"], where=where)
    pd.testing.assert_frame_equal(some, expected[["x", "steps"]], check_exact=True)


def test_where_nothing_holds_the_table_is_empty_and_has_its_types(made):
    table = gdlab.load(made, where=[("alpha", ">", 100.0)])
    assert table.empty
    pd.testing.assert_series_equal(table.dtypes, gdlab.load(made).dtypes)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"columns": ["alhpa"]},
            r"no column 'alhpa' \(did you mean alpha\?\); these runs have .*objective, method",
        ),
        ({"where": [("stauts", "=", "converged")]}, "no column 'stauts'"),
        ({"columns": ["x"], "where": [("tolerance.escape", "=", 1)]}, "'tolerance.escape'"),
        ({"where": [("alpha", "~", 0.1)]}, "~"),
        ({"where": [("alpha", "=", "large")]}, "where: alpha holds numbers, and 'large' is none"),
        ({"where": [("alpha", "in", ["large"])]}, "alpha holds numbers, and 'large' is none"),
        ({"where": [("alpha", "=", None)]}, "alpha holds numbers, and None is none"),
        ({"where": [("alpha", "<", 10**400)]}, "alpha holds no number as large as 1000"),
        ({"where": [("objective", "=", 3)]}, "objective holds text, and 3 is none"),
        ({"where": [("status", "=", 1)]}, "where: status 1 does not exist"),
        ({"where": [("alpha", "in", 5)]}, "in takes a list of values"),
        ({"where": [("alpha", "<", [1, 2])]}, "< takes a single value"),
        ({"where": 5}, "where=5 is not a list of conditions"),
        ({"where": {"alpha": 1}}, "is not a list of conditions"),
        ({"where": ("alpha", "=", 1)}, "is not a list of conditions"),
        ({"where": [(5, "=", 5)]}, r"\(5, '=', 5\) is not a condition"),
        ({"where": [[]]}, "a list without conditions"),
        ({"columns": 5}, "columns=5 is not a list of names"),
        ({"columns": [["alpha"]]}, "is not a list of names"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_no_run_has_is_a_clear_error(made, asked, message):
    with pytest.raises(ValueError, match=message):
        gdlab.load(made, **asked)


def damages(path):
    """Ways in which a file may be damaged."""
    content = path.read_bytes()
    random = np.random.default_rng(0)
    yield b""
    for length in random.choice(len(content), 4, replace=False):
        yield content[:length]
    for place in random.choice(len(content), 12, replace=False):
        changed = bytearray(content)
        changed[place] ^= 1 << random.integers(7)
        yield bytes(changed)
    yield content + b"\0"
    yield bytes(len(content))


def load_and_warn(outputs):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = gdlab.load(outputs)
    return table, [str(warning.message) for warning in caught]


@pytest.mark.parametrize("name", ["results/part-00001.parquet", "run.json"])
def test_a_damaged_run_is_left_out_and_named(outputs, name):
    whole = gdlab.load(outputs)
    path = folder_of(outputs, "quadratic") / name
    content = path.read_bytes()
    for damaged in damages(path):
        path.write_bytes(damaged)
        table, said = load_and_warn(outputs)
        if json_equal(damaged, content):
            assert len(table) == len(whole)
            continue
        assert len(said) == 1
        assert said[0].startswith("left out: ")
        assert str(path) in said[0]
        assert len(table) == 13
        assert "quadratic" not in set(table["objective"])
        with pytest.raises(ValueError, match="no finished run"), pytest.warns(match="left out"):
            gdlab.load(path.parent if name == "run.json" else path.parent.parent)
    path.unlink()
    table, said = load_and_warn(outputs)
    assert len(said) == 1
    assert ("missing" if "part" in name else "not finished") in said[0]
    assert str(path if "part" in name else path.parent) in said[0]


def json_equal(one, other):
    try:
        return json.loads(one) == json.loads(other)
    except ValueError:
        return False


def fields(record, above=()):
    """Ways to every value of a record."""
    items = record.items() if isinstance(record, dict) else enumerate(record)
    for key, value in items:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from fields(value, (*above, key))


def test_a_record_with_any_field_changed_or_removed_is_refused(outputs):
    path = folder_of(outputs, "ill_conditioned") / "run.json"
    content = path.read_text()
    places = list(fields(json.loads(content)))
    assert len(places) > 80
    for place in places:
        for change in ("removed", 7.5, None, "text"):
            record = json.loads(content)
            node = record
            for key in place[:-1]:
                node = node[key]
            if change == "removed":
                del node[place[-1]]
            elif node[place[-1]] == change:
                continue
            else:
                node[place[-1]] = change
            path.write_text(json.dumps(record))
            with pytest.raises(ValueError, match=r"run\.json (was changed|is not|has format)"):
                open_run(path.parent)


def test_a_newer_format_is_said_to_be_one(outputs):
    path = folder_of(outputs, "quadratic") / "run.json"
    record = read_record(path, "a run")
    write_record(path, record | {"format": 2})
    _, said = load_and_warn(outputs)
    assert "run.json has format 2, and this gdlab reads up to 1" in said[0]


def test_a_part_of_another_run_in_its_place_is_damage(outputs):
    mine, theirs = (folder_of(outputs, name) for name in ("quadratic", "shifted_quadratic"))
    part = "results/part-00000.parquet"
    (mine / part).write_bytes((theirs / part).read_bytes())
    table, said = load_and_warn(outputs)
    assert len(said) == 1
    assert str(mine / part) in said[0]
    assert "quadratic" not in set(table["objective"])


def test_changed_rows_of_a_part_are_damage(outputs):
    part = folder_of(outputs, "quadratic") / "results" / "part-00000.parquet"
    pq.write_table(pq.read_table(part).slice(1), part)
    _, said = load_and_warn(outputs)
    assert f"{part} is damaged" in said[0]


def test_a_record_that_counts_other_rows_than_the_part_has_is_not_believed(outputs):
    path = folder_of(outputs, "quadratic") / "run.json"
    record = read_record(path, "a run")
    part = record["parts"]["part-00000.parquet"]
    part["rows"] += 1
    write_record(path, record | {"rows": record["rows"] + 1})
    _, said = load_and_warn(outputs)
    assert f"has {part['rows'] - 1} rows instead of {part['rows']}" in said[0]


def test_a_record_that_cannot_be_read_is_named(outputs):
    path = folder_of(outputs, "quadratic") / "run.json"
    path.unlink()
    path.mkdir()
    _, said = load_and_warn(outputs)
    assert f"{path} cannot be read" in said[0]


def test_an_unfinished_run_is_left_out_and_named(outputs):
    (folder_of(outputs, "quadratic") / "run.json").unlink()
    table, said = load_and_warn(outputs)
    assert said == [
        f"left out: {folder_of(outputs, 'quadratic')} is not finished; "
        "the command that began it goes on with it"
    ]
    assert len(table) == 13


def test_the_warning_points_at_the_line_that_loads(outputs):
    (folder_of(outputs, "quadratic") / "run.json").write_text("{")
    (folder_of(outputs, "ill_conditioned") / "run.json").unlink()
    for part in folder_of(outputs, "shifted_quadratic").glob("results/part-00000.parquet"):
        shutil.copy(part, outputs / "keep")
    with pytest.warns(UserWarning, match="left out") as caught:
        gdlab.load(outputs)
    assert {warning.filename for warning in caught} == {__file__}


def test_runs_lists_what_is_finished_and_what_is_not(outputs):
    (folder_of(outputs, "quadratic") / "run.json").unlink()
    table = gdlab.runs(outputs).set_index("objective", drop=False)
    assert table["finished"].tolist() == [True, True, False]
    row = table.loc["ill_conditioned"]
    assert row["path"] == str(folder_of(outputs, "ill_conditioned"))
    assert row["lanes"] == 4
    counts = open_run(folder_of(outputs, "ill_conditioned")).table()["status"].value_counts()
    assert row[list(STATUS.categories)].to_dict() == counts.to_dict()
    assert row["started"].tzinfo is not None
    assert row["seconds"] > 0
    assert row["objective.parameters.kappa"] > 1


def test_runs_lists_a_folder_with_unfinished_runs_alone(outputs):
    for record in outputs.glob("*/run.json"):
        record.unlink()
    assert gdlab.runs(outputs)["finished"].tolist() == [False] * 3
    with pytest.raises(ValueError, match="no finished run"), pytest.warns(match="left out"):
        gdlab.load(outputs)


def test_runs_names_a_damaged_run(outputs):
    (folder_of(outputs, "quadratic") / "run.json").write_text("{")
    with pytest.warns(UserWarning, match=r"left out: .*run\.json is damaged"):
        assert len(gdlab.runs(outputs)) == 2


def test_a_folder_without_runs_has_none_to_list(tmp_path):
    with pytest.raises(ValueError, match="no run below"):
        gdlab.runs(tmp_path)
    with pytest.raises(ValueError, match="no folder"):
        gdlab.runs(tmp_path / "nowhere")


def test_rows_stay_in_their_order_however_many_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 1000)
    run = gdlab.run("alpha_grid.num=200", "x0_grid.num=100", "max_iter=3", "figures=none")
    table = run.table()
    found = gdlab.load(run.path, columns=["alpha", "x0"], where=[("alpha", ">", 0.5)])
    expected = table.loc[table["alpha"] > 0.5, ["alpha", "x0"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"columns": "alpha"}, "columns='alpha' is one name"),
        ({"where": ("status", "=", "converged")}, "write (column, operator, value)"),
        ({"where": "alpha < 0.5"}, "write (column, operator, value)"),
        ({"where": [("alpha", "<")]}, "('alpha', '<') is not a condition"),
        ({"where": [("alpha", "~", 1)]}, "with one of =, =="),
        ({"where": [("status", "=", "converge")]}, "status 'converge' does not exist"),
        ({"where": [("status", "in", ["diverged", "lost"])]}, "status 'lost' does not exist"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused_with_its_right_form(asked, said, outputs):
    with pytest.raises(ValueError, match=re.escape(said)):
        gdlab.load(outputs, **asked)
