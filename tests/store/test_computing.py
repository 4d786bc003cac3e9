"""What runs leave on disk can be read again, and tells damage."""

import json
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from omegaconf import OmegaConf

import gdlab
from gdlab.results.rows import block
from gdlab.results.table import STATUS
from gdlab.settings import experiment_of
from gdlab.store.parts import LEAST_PER_ROW, found_part
from gdlab.store.request import Request
from gdlab.store.room import PER_VALUE
from gdlab.store.verify import verify


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
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 7)
    run = gdlab.run("alpha=[0.1,0.2]", "x0_grid.num=11", "figures=none")
    assert len(list((run.path / "results").iterdir())) == 4
    table = run.table()
    assert len(table) == 22
    assert table.equals(gdlab.load(outputs).drop(columns=["objective", "method"]))
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 22)
    again = gdlab.run("alpha=[0.1,0.2]", "x0_grid.num=11", "figures=none", "force=true")
    assert again.path == run.path
    assert len(list((run.path / "results").iterdir())) == 1
    pd.testing.assert_frame_equal(again.table(), table, check_exact=True)


def test_what_an_earlier_version_began_is_continued_with_predictions_in_all_parts(
    outputs, monkeypatch
):
    words = ("alpha=[0.1,0.2]", "x0_grid.num=11", "figures=none")
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 7)
    whole = gdlab.run(*words)
    wanted = [part.read_bytes() for part in sorted(whole.path.glob("results/*"))]
    with monkeypatch.context() as earlier:
        earlier.setattr("gdlab.experiment.Experiment.prediction", None)
        old = gdlab.run(*words, "force=true")
    assert "predicted" not in old.table()
    assert verify(old).differences == ()
    assert gdlab.run(*words).record == old.record  # finished, so that it is found as it is
    (old.path / "run.json").unlink()
    (old.path / "results" / "part-00001.parquet").unlink()
    continued = gdlab.run(*words)
    assert [part.read_bytes() for part in sorted(continued.path.glob("results/*"))] == wanted
    assert continued.record["parts_computed"] == 4


def test_predictions_are_whole_numbers_beside_runs_that_have_none(outputs):
    for objective in ("double_well", "quadratic"):
        gdlab.run(f"objective={objective}", "alpha=[0.1,0.3]", "x0=[1,3]", "figures=none")
    table = gdlab.load(outputs)
    assert table["predicted"].dtype == "Int32"
    by_objective = table.groupby("objective")["predicted"]
    assert by_objective.count().to_dict() == {"double_well": 0, "quadratic": 4}
    quick = gdlab.load(outputs, columns=["alpha"], where=[("predicted", "<", 20)])
    assert quick["alpha"].tolist() == [0.3, 0.3]


def test_nothing_in_the_results_tells_the_time_or_the_place(outputs, tmp_path):
    run = gdlab.run("alpha=0.1", "x0=3", "figures=none")
    time.sleep(1.01)  # until the clock shows another second
    other = gdlab.run("alpha=0.1", "x0=3", "figures=none", f"hydra.run.dir={tmp_path}/elsewhere")
    (part,), (again,) = (each.path.glob("results/*") for each in (run, other))
    assert part.read_bytes() == again.read_bytes()
    metadata = pq.read_metadata(part).metadata
    assert metadata.keys() == {b"ARROW:schema", b"gdlab", b"pandas"}
    label = json.loads(metadata[b"gdlab"])
    assert label.keys() == {"format", "identity", "lanes", "columns"}


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
        gdlab.run("alpha=0.1", "x0=3", "figures=none")
    record.write_text(json.dumps(json.loads(whole) | {"format": 99}))
    with pytest.raises(ValueError, match=r"run\.json has format 99"):
        gdlab.run("alpha=0.1", "x0=3", "figures=none")
    assert gdlab.run("alpha=0.1", "x0=3", "figures=none", "force=true").record["lanes"] == 1


def counted_blocks(monkeypatch):
    """The lanes of each block that is computed from now on."""
    computed = []

    def counting(experiment, lanes, report):
        computed.append((int(lanes[0]), int(lanes[-1])))
        return block(experiment, lanes, report)

    monkeypatch.setattr("gdlab.results.rows.block", counting)
    return computed


def stamps(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


GRID = ("alpha=[0.1,0.2,1.0,1.5]", "x0_grid.num=11", "tol=[1e-3,1e-6]", "figures=none")
PARTS = [(0, 9), (10, 19), (20, 29), (30, 39), (40, 43)]
"""First and last lanes of its parts of 20 rows."""


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 20)


def test_a_finished_run_is_found_again_and_nothing_is_computed_or_touched(
    outputs, small_parts, monkeypatch
):
    first = gdlab.run(*GRID)
    before, computed = stamps(outputs), counted_blocks(monkeypatch)
    again = gdlab.run(*GRID)
    assert again.path == first.path
    assert again.record == first.record
    assert not computed
    assert {path: before.get(path) for path in stamps(first.path)} == stamps(first.path)


def test_force_computes_anew_and_gives_the_same_bytes(outputs, small_parts, monkeypatch):
    first = gdlab.run(*GRID)
    content = {path: path.read_bytes() for path in first.path.glob("results/*")}
    before, computed = stamps(first.path), counted_blocks(monkeypatch)
    gdlab.run(*GRID, "force=true")
    assert computed == PARTS
    for path, bytes_ in content.items():
        assert path.read_bytes() == bytes_
        assert path.stat().st_mtime_ns > before[path]


def test_figures_asked_for_later_are_drawn_from_the_table(outputs, small_parts, monkeypatch):
    first = gdlab.run(*GRID)
    before, computed = stamps(first.path), counted_blocks(monkeypatch)
    for word in ("figures.formats=[png]", "figures.formats=[png,svg]"):
        gdlab.run(*GRID[:-1], "figures.names=[heatmap]", word)
    assert not computed
    drawn = {path.name for path in (first.path / "figures").iterdir()}
    assert drawn == {"heatmap.png", "heatmap.svg"}
    del before[first.path / "report.html"]  # which shows them now
    assert {path: stamps(first.path)[path] for path in before} == before


def test_a_found_run_s_pictures_are_drawn_again_under_a_new_name_of_its_objective(
    outputs, small_parts, monkeypatch
):
    words = *GRID[:-1], "figures.names=[heatmap]"
    first = gdlab.run(*words)
    before, computed = stamps(first.path), counted_blocks(monkeypatch)
    pictures = {path: path.read_bytes() for path in (first.path / "figures").iterdir()}
    gdlab.run(*words)
    assert stamps(first.path) == before
    gdlab.run(*words, "objective.name=Bowl")
    renamed = {path: path.read_bytes() for path in pictures}
    assert all(renamed[path] != pictures[path] for path in pictures)
    gdlab.run(*words)
    assert {path: path.read_bytes() for path in pictures} == pictures
    assert not computed


@pytest.mark.parametrize("lost", [{0}, {4}, {1, 3}, {0, 1, 2, 3, 4}], ids=str)
def test_an_unfinished_run_goes_on_with_the_parts_it_lacks(outputs, small_parts, monkeypatch, lost):
    whole = gdlab.run(*GRID)
    content = {path: path.read_bytes() for path in sorted(whole.path.glob("results/*"))}
    assert len(content) == len(PARTS)
    (whole.path / "run.json").unlink()
    for number in lost:
        list(content)[number].unlink()
    computed = counted_blocks(monkeypatch)
    again = gdlab.run(*GRID)
    assert computed == [PARTS[number] for number in sorted(lost)]
    assert again.record["parts_computed"] == len(lost)
    assert {path: path.read_bytes() for path in content} == content
    for name in ("counts", "lane_steps", "parts", "identity"):
        assert again.record[name] == whole.record[name]


def test_a_part_of_an_unfinished_run_with_any_byte_changed_is_computed_again(
    outputs, small_parts, monkeypatch
):
    run = gdlab.run(*GRID)
    path = run.path / "results" / "part-00002.parquet"
    content = path.read_bytes()
    config = OmegaConf.create(run.config)
    request = Request(experiment_of(config), config, "shifted_quadratic", "gradient_descent")
    lanes = range(20, 30)
    assert found_part(path, request.identity, lanes) is not None
    random = np.random.default_rng(0)
    for place in random.choice(len(content), 400, replace=False):
        changed = bytearray(content)
        changed[place] ^= 1 << random.integers(8)
        path.write_bytes(changed)
        assert found_part(path, request.identity, lanes) is None
    for length in random.choice(len(content), 20, replace=False):
        path.write_bytes(content[:length])
        assert found_part(path, request.identity, lanes) is None


def test_a_part_of_another_run_or_of_other_lanes_is_not_taken(outputs, small_parts, monkeypatch):
    other = gdlab.run(*GRID, "max_iter=900")
    run = gdlab.run(*GRID)
    content = {path.name: path.read_bytes() for path in run.path.glob("results/*")}
    theirs = other.path / "results" / "part-00001.parquet"
    (run.path / "run.json").unlink()
    (run.path / "results" / "part-00001.parquet").write_bytes(theirs.read_bytes())
    (run.path / "results" / "part-00003.parquet").write_bytes(content["part-00002.parquet"])
    computed = counted_blocks(monkeypatch)
    gdlab.run(*GRID)
    assert computed == [PARTS[1], PARTS[3]]
    assert {path.name: path.read_bytes() for path in run.path.glob("results/*")} == content


def test_a_failing_run_leaves_its_finished_parts_to_the_next(outputs, small_parts, monkeypatch):
    def failing(experiment, lanes, report):
        if lanes[0] == 20:
            raise MemoryError("no more")
        return block(experiment, lanes, report)

    with monkeypatch.context() as patch:
        patch.setattr("gdlab.results.rows.block", failing)
        with pytest.raises(ValueError, match="not enough memory"):
            gdlab.run(*GRID)
    assert len(list(outputs.glob("*/results/*"))) == 2
    computed = counted_blocks(monkeypatch)
    gdlab.run(*GRID)
    assert computed == PARTS[2:]


@pytest.mark.parametrize("ended_by", [RuntimeError("lost"), KeyboardInterrupt()], ids=repr)
def test_a_run_without_a_finished_part_leaves_no_folder(
    outputs, small_parts, monkeypatch, ended_by
):
    def ending(experiment, lanes, report):
        raise ended_by

    finished = gdlab.run("objective=quadratic", *GRID)
    before = sorted(finished.path.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr("gdlab.results.rows.block", ending)
        for words in (GRID, ["objective=quadratic", *GRID, "force=true"]):
            with pytest.raises((ValueError, KeyboardInterrupt)):
                gdlab.run(*words)
    assert sorted(outputs.glob("*-*")) == [finished.path]
    (finished.path / "run.json").touch()
    assert sorted(finished.path.iterdir()) == before  # which was there, with its parts
    (finished.path / "run.json").unlink()
    computed = counted_blocks(monkeypatch)
    gdlab.run("objective=quadratic", *GRID)
    assert not computed


@pytest.mark.parametrize("name", ["results/part-00001.parquet", "run.json"])
def test_what_is_said_of_a_damaged_run_mends_it(outputs, small_parts, name):
    run = gdlab.run(*GRID)
    whole = (run.path / name).read_bytes()
    (run.path / name).write_bytes(whole[:-1] + b"}")
    with pytest.raises(ValueError, match=rf"{name} (is|was) .* anew with force=true"):
        gdlab.run(*GRID).table()
    mended = gdlab.run(*GRID, "force=true")
    assert len(mended.table()) == len(gdlab.load(outputs)) == 88


def test_the_record_counts_each_lane_once_and_sums_its_steps(outputs, small_parts):
    for tol in ("1e-6", "[1e-3,1e-6]", "[1e-6,1e-3,1e-6]"):
        run = gdlab.run(*GRID, f"tol={tol}")
        table = run.table()
        tight = table[table["tol"] == 1e-6].drop_duplicates(["alpha", "x0"])
        counts = tight["status"].value_counts()
        assert run.record["lanes"] == len(tight) == sum(run.record["counts"].values())
        assert run.record["counts"] == {name: counts[name] for name in STATUS.categories}
        assert run.record["lane_steps"] == tight["steps"].sum()
        assert run.record["rows"] == len(table)


def test_a_trace_is_read_back_to_the_last_bit(outputs):
    run = gdlab.run("alpha=0.1", "x0=10.0", "tol=1e-7", "figures=none")
    direct = gdlab.trace(gdlab.Formula("x**2 + 4*x + 4"), 0.1, 10.0, tol=1e-7)
    pd.testing.assert_frame_equal(run.trace(), direct, check_exact=True)
    (run.path / "trace.csv").write_bytes((run.path / "trace.csv").read_bytes()[:-3])
    with pytest.raises(ValueError, match=r"trace\.csv is damaged"):
        run.trace()
    (run.path / "trace.csv").unlink()
    with pytest.raises(ValueError, match=r"trace\.csv is missing"):
        run.trace()
    with pytest.raises(ValueError, match="has no trace: it has 44 lanes"):
        gdlab.run(*GRID).trace()


def test_a_disk_with_little_room_is_refused_by_what_is_still_to_be_written(
    outputs, small_parts, monkeypatch
):
    def free(n_bytes):
        monkeypatch.setattr(
            "gdlab.store.room.shutil.disk_usage",
            lambda _: SimpleNamespace(free=n_bytes, total=2**50),
        )

    rows, needed = 88, 88 * LEAST_PER_ROW
    free(needed - 1)
    with pytest.raises(ValueError, match=f"the grid is too large: {rows} rows .* GB free"):
        gdlab.run(*GRID)
    assert not list(outputs.glob("*"))
    free(needed)
    run = gdlab.run(*GRID)
    (run.path / "run.json").unlink()
    there = sum(path.stat().st_size for path in run.path.glob("results/*"))
    free(max(needed - there, 0))
    assert gdlab.run(*GRID).record["parts_computed"] == 0


def test_a_plane_needs_memory_for_its_axes_alone_and_random_starts_none(outputs, monkeypatch):
    free = SimpleNamespace(available=2 * 11 * PER_VALUE)
    monkeypatch.setattr("gdlab.store.room.psutil.virtual_memory", lambda: free)
    words = ("objective=himmelblau", "alpha=0.01", "figures=none", "parallel=serial")
    assert len(gdlab.run(*words, "x0_grid.num=11").table()) == 121
    assert len(gdlab.run(*words, "x0_grid=random", "x0_grid.num=121").table()) == 121
    for large in (["x0_grid.num=12"], ["objective=quadratic", "x0_grid=line", "x0_grid.num=23"]):
        with pytest.raises(ValueError, match="starting points alone need at least"):
            gdlab.run(*words, *large)


def test_pairs_are_the_diagonal_of_the_crossed_run(outputs):
    lists = ("alpha=[0.1,0.3,1.0]", "x0=[-3,1,10]", "tol=[1e-3,1e-7]", "figures=none")
    pairs, crossed = gdlab.run(*lists, "pairs=true"), gdlab.run(*lists)
    assert pairs.path != crossed.path
    table = crossed.table()
    lane = np.arange(len(table)) // 2
    diagonal = table[lane // 3 == lane % 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(pairs.table(), diagonal, check_exact=True)
    with pytest.raises(ValueError, match="3 step sizes and 2 starting points"):
        gdlab.run("alpha=[0.1,0.3,1.0]", "x0=[-3,1]", "pairs=true")
    assert len(list(outputs.glob("*/run.json"))) == 2
