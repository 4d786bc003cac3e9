"""`python -m gdlab.verify` finds every difference, and never fails with a traceback."""

import shutil

import numpy as np
import pandas as pd
import pytest

import gdlab
from gdlab import verify
from gdlab.files import checksum
from gdlab.store import verify as verification
from gdlab.store.records import read_record, write_record
from gdlab.store.run import open_run
from tests.command import gdlab as command
from tests.command import verify as verified
from tests.store.test_loading import damages, json_equal

LISTS = ("alpha=[0.1,0.3,1.0,1.5]", "x0=[-3,1,10]", "tol=[1e-3,1e-6]", "figures=none")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("gdlab.store.computing.ROWS_PER_PART", 6)
        gdlab.run(*LISTS)
        gdlab.run("objective=quadratic", *LISTS, "pairs=true", "x0=[-3,1,10,2]")
        gdlab.run("alpha=0.1", "x0=10", "figures=none")
    return folder / "outputs"


@pytest.fixture
def outputs(made, tmp_path):
    shutil.copytree(made, tmp_path / "outputs")
    return tmp_path / "outputs"


@pytest.fixture
def crossed(outputs):
    (folder,) = outputs.glob("*-4x3-*")
    return folder


def test_runs_as_they_were_are_the_same_to_the_last_bit(outputs, capsys):
    assert verify.main([str(outputs)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all("lanes are the same to the last bit" in line for line in lines)
    assert any("12 of 12 lanes" in line for line in lines)
    assert any("4 of 4 lanes" in line for line in lines)
    assert any("1 of 1 lanes" in line for line in lines)


def test_the_command_verifies_a_run(crossed):
    done = verified(str(crossed), "--sample", "5", folder=crossed)
    assert done.stdout == f"{crossed}: 5 of 12 lanes are the same to the last bit\n"


def changed(folder, part, column, row, value):
    """Change one value of a run and make its checksums fit, as no accident would."""
    path = folder / "results" / part
    table = pd.read_parquet(path).copy()  # what Arrow gives is read-only
    table.loc[row, column] = value
    table.to_parquet(path, index=False)
    record = read_record(folder / "run.json", "a run")
    record["parts"][part]["sha256"] = checksum(path)
    write_record(folder / "run.json", record)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("x", np.nextafter(-2.0, 0)),
        ("f", -0.0),
        ("alpha", np.nan),
        ("steps", 7),
        ("iterations", pd.NA),
        ("status", "max_iter"),
        ("period", 2),
        ("minimum", pd.NA),
    ],
)
def test_one_changed_value_is_found_and_placed(crossed, capsys, column, value):
    changed(crossed, "part-00000.parquet", column, 3, value)
    assert verify.main([str(crossed)]) == 1
    out = capsys.readouterr().out
    assert f"{crossed}: DIFFERS" in out
    assert f"lane 1 at tolerance 1e-06: {column} is stored as" in out
    assert "np." not in out


def test_the_first_difference_is_the_one_that_is_said(crossed):
    changed(crossed, "part-00002.parquet", "x", 1, 1.0)
    changed(crossed, "part-00001.parquet", "f", 2, 1.0)
    (difference,) = verification.verify(open_run(crossed)).differences
    assert difference.startswith("lane 4 at tolerance 0.001: f is stored as")


def test_a_sample_is_the_same_lanes_for_the_same_seed(crossed, monkeypatch):
    from gdlab.results.rows import block

    compared = [[], [], []]
    for own, seed in zip(compared, (0, 0, 1), strict=True):

        def watching(experiment, lanes, *rest, own=own):
            own.extend(lanes.tolist())
            return block(experiment, lanes, *rest)

        monkeypatch.setattr("gdlab.results.rows.block", watching)
        assert verification.verify(open_run(crossed), 4, seed).lanes == 4
    assert compared[0] == compared[1] != compared[2]
    assert len(set(compared[0])) == 4
    assert verification.verify(open_run(crossed), 100).lanes == 12


def test_a_run_of_many_parts_is_verified_to_the_last(crossed):
    assert verification.verify(open_run(crossed)).lanes == 12
    changed(crossed, "part-00003.parquet", "x", 5, 1.0)
    found = verification.verify(open_run(crossed))
    assert found.lanes == 12
    assert "lane 11" in found.differences[0]


@pytest.mark.parametrize("name", ["run.json", "results/part-00000.parquet", "trace.csv"])
def test_damage_to_any_file_is_a_message_that_names_it(outputs, capsys, name):
    (folder,) = outputs.glob("*-1x1-*")
    path = folder / name
    content = path.read_bytes()
    for damaged in damages(path):
        path.write_bytes(damaged)
        if json_equal(damaged, content):
            continue
        assert verify.main([str(outputs)]) == 1
        printed = capsys.readouterr()
        assert str(path) in printed.out
        assert printed.out.count("are the same to the last bit") == 2
        assert not printed.err
    path.unlink()
    assert verify.main([str(outputs)]) == 1
    said = capsys.readouterr().out
    assert (f"{folder}: not finished" if name == "run.json" else f"{path} is missing") in said


def test_damage_is_not_called_a_difference(crossed, capsys):
    (crossed / "results" / "part-00001.parquet").write_bytes(b"")
    assert verify.main([str(crossed)]) == 1
    assert "DIFFERS" not in capsys.readouterr().out


def test_a_part_of_something_else_is_named(crossed, capsys):
    stray = crossed / "results" / "part-00009.parquet"
    shutil.copy(crossed / "results" / "part-00000.parquet", stray)
    assert verify.main([str(crossed)]) == 1
    assert f"DIFFERS: {stray} is no part of this run" in capsys.readouterr().out


def edited(folder, change):
    """Change the record of a run so that its checksum fits."""
    record = read_record(folder / "run.json", "a run")
    change(record)
    write_record(folder / "run.json", record)


def test_settings_that_are_not_those_of_the_identity_are_named(crossed, capsys):
    edited(crossed, lambda record: record["config"].update(max_iter=7))
    assert verify.main([str(crossed)]) == 1
    assert "what decides the numbers is not what it was: max_iter" in capsys.readouterr().out


def test_a_record_of_more_rows_than_the_grid_has_is_refused(crossed, capsys):
    edited(crossed, lambda record: record["parts"]["part-00000.parquet"].update(rows=7))
    assert verify.main([str(crossed)]) == 1
    assert "the table has 25 rows instead of 24" in capsys.readouterr().out


def test_a_column_too_many_is_named(crossed, capsys):
    changed(crossed, "part-00000.parquet", "y", 0, 1.0)
    assert verify.main([str(crossed)]) == 1
    out = capsys.readouterr().out
    assert "DIFFERS" in out
    assert "'y'" in out


def test_a_run_may_be_named_by_its_record(crossed, capsys):
    assert verify.main([str(crossed / "run.json")]) == 0
    assert capsys.readouterr().out.startswith(f"{crossed}: 12 of 12 lanes")


def test_other_versions_are_said_and_are_no_difference(crossed, capsys):
    record = read_record(crossed / "run.json", "a run")
    record["versions"] |= {"numpy": "1.0", "abacus": "3.1"}
    del record["versions"]["sympy"]
    write_record(crossed / "run.json", record)
    assert verify.main([str(crossed)]) == 0
    out = capsys.readouterr().out
    assert f"made with numpy 1.0, here is {np.__version__}" in out
    assert "made with abacus 3.1, here is (none)" in out
    assert "made with sympy (none)" in out


def test_a_path_without_runs_is_said_to_be_one(tmp_path, capsys):
    assert verify.main([str(tmp_path)]) == 2
    assert f"there is no run at or below {tmp_path}" in capsys.readouterr().err
    assert verify.main([str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_a_sample_of_nothing_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        verify.main([str(tmp_path), "--sample", "0"])
    assert "at least 1" in capsys.readouterr().err


BOWL = """
class Bowl:
    variables = ("x",)
    def __call__(self, x):
        return x[0] ** 2
    def grad(self, x):
        return 2 * x
"""
WORDS = (
    *("objective._target_=mine.Bowl", "~objective.expr", "~objective.variables"),
    *("~objective.name", "alpha=[0.1,0.3]", "x0=[1,2]", "figures=none"),
)


@pytest.fixture(scope="module")
def bowl(tmp_path_factory):
    """A folder with a run of a user's objective, and its source as it was."""
    folder = tmp_path_factory.mktemp("bowl")
    (folder / "mine.py").write_text(BOWL)
    command(*WORDS, folder=folder)
    verified("outputs", folder=folder)
    return folder


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (None, "objective._target_=mine.Bowl cannot be imported"),
        ("", "objective._target_=mine.Bowl cannot be imported"),
        ("def :", "SyntaxError"),
        (BOWL.replace("2 * x", "x + x"), "objective.code (the source of mine.Bowl)"),
        (BOWL.replace("return 2 * x", "raise KeyError('lost')"), "grad fails"),
        (f"raise SystemExit(7){BOWL}", "cannot be made again: SystemExit: 7"),
    ],
    ids=["gone", "emptied", "unreadable", "changed", "failing", "ending"],
)
def test_an_objective_that_is_gone_or_changed_is_named(bowl, tmp_path, source, said):
    shutil.copytree(bowl, tmp_path, dirs_exist_ok=True)
    if source is None:
        (tmp_path / "mine.py").unlink()
    else:
        (tmp_path / "mine.py").write_text(source)
    after = verified("outputs", folder=tmp_path, status=1)
    assert said in after.stdout
    assert not after.stderr
