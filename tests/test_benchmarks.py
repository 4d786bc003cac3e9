"""The benchmarks compare like with like, refuse a peer that errs, and say what they leave out."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console

import gdlab
from benchmarks import __main__ as program
from benchmarks import (
    arrow,
    bounds,
    command,
    curve,
    methods,
    orbits,
    pictures,
    regression,
    report,
    rounds,
    way,
)
from benchmarks.command import Ended
from benchmarks.comparison import Comparison, DisagreementError, Measured, check, compare
from benchmarks.peers import AbsentError, Answer, Lanes, Peer
from benchmarks.peers.known import COMMAND, METHODS, PEERS, known
from benchmarks.problems import METHOD_PROBLEMS, PROBLEMS, drawn
from benchmarks.worker import BrokenError, Worker
from tests import oracles

HERE = ["loop", "masked", "compacting", "scipy", *(["c"] if shutil.which("gcc") else [])]
FEW = 400


def answer_of(peer, problem, n=FEW):
    """What a peer says, in this process."""
    alpha, x0 = problem.lanes(n)
    return peer.prepare(problem)(Lanes(alpha, x0, problem.grid(n)))()


@dataclass(frozen=True)
class Liar(Peer):
    """A peer that is one step off on its last lane."""

    def prepare(self, problem):
        solve = PEERS["masked"].prepare(problem)

        def lie(lanes):
            def run():
                answer = solve(lanes)()
                answer.steps[-1] += 1
                return answer

            return run

        return lie


@dataclass(frozen=True)
class Crasher(Peer):
    """A peer that cannot even start."""

    def prepare(self, problem):
        raise RuntimeError("the floor is lava")


@pytest.fixture(scope="module")
def expected():
    return {name: answer_of(PEERS["core"], problem) for name, problem in PROBLEMS.items()}


@pytest.mark.parametrize("name", ["linear", "himmelblau"])
@pytest.mark.parametrize("key", HERE)
def test_every_peer_says_of_every_lane_what_gdlab_says(key, name, expected):
    problem = PROBLEMS[name]
    assert check(PEERS[key], answer_of(PEERS[key], problem), expected[name], problem) == 0


def test_the_problem_in_the_plane_has_lanes_of_every_verdict(expected):
    assert set(expected["himmelblau"].status.tolist()) == {0, 1, 2, 3}


def test_log_spaced_step_sizes_need_thousands_of_steps_at_the_longest(expected):
    steps = expected["log"].steps
    assert steps.max() > 5 * steps.mean() > 4000
    assert (expected["log"].status == 0).all()


@pytest.mark.parametrize(
    "problem", [*PROBLEMS.values(), METHOD_PROBLEMS["well"]], ids=lambda problem: problem.name
)
def test_the_gradients_by_hand_are_those_of_the_formulas_bit_for_bit(problem):
    land = oracles.Landscape.of(gdlab.Formula(problem.expr))
    for point in np.random.default_rng(1).uniform(-6, 6, (50, problem.dimension)).tolist():
        assert list(problem.gradient(*point)) == land.grad(point)


@pytest.mark.parametrize("n", [1, 3, 37, 300])
@pytest.mark.skipif("c" not in HERE, reason="no C compiler")
def test_the_limit_keeps_its_verdicts_with_fewer_lanes_than_its_pool_and_with_more(n):
    for problem in (PROBLEMS["linear"], PROBLEMS["himmelblau"]):
        alpha, x0 = problem.lanes(FEW, drawn(problem.n_lanes(FEW), n))
        found, loop = (
            PEERS[key].prepare(problem)(Lanes(alpha, x0, problem.grid(FEW)))()
            for key in ("c", "loop")
        )
        assert check(PEERS["loop"], loop, found, problem) == 0


def test_lanes_for_a_slow_peer_are_spread_over_the_whole_grid():
    chosen = drawn(1_000_000, 10_000)
    assert (chosen[0], chosen[-1], chosen.size) == (0, 999_999, 10_000)
    assert set(np.diff(chosen).tolist()) == {100, 101}
    assert drawn(5, 10).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("part", ["steps", "status", "x"])
def test_a_peer_that_errs_on_one_lane_is_refused(part, expected):
    right = expected["linear"]
    wrong = Answer(right.steps.copy(), right.status.copy(), right.x.copy(), right.period)
    getattr(wrong, part)[..., 7] += 1
    with pytest.raises(DisagreementError, match=r"1 of 400 lanes .* nothing was timed"):
        check(PEERS["masked"], wrong, right, PROBLEMS["linear"])


def test_nothing_is_timed_beside_a_liar(monkeypatch):
    monkeypatch.setitem(PEERS, "liar", Liar("liar", "a liar", "masked"))
    said = []
    with pytest.raises(DisagreementError, match="a liar and gdlab do not agree on 1 of 400"):
        compare(PROBLEMS["linear"], FEW, keys=["liar"], rounds=1, say=said.append)
    assert not [text for text in said if "round" in text]


def test_a_peer_that_breaks_says_where():
    with (
        pytest.raises(BrokenError, match="the floor is lava"),
        Worker(Crasher("crasher", "a crasher", ""), PROBLEMS["linear"]) as worker,
    ):
        worker.prepare()


def test_without_a_compiler_the_limit_is_absent_and_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(AbsentError, match="no C compiler"):
        PEERS["c"].prepare(PROBLEMS["linear"])
    monkeypatch.setenv("CC", "/nowhere/gcc -m64")
    with pytest.raises(AbsentError, match="CC"):
        PEERS["c"].prepare(PROBLEMS["linear"])


def test_one_command_leaves_tables_json_and_pictures(tmp_path, capsys, monkeypatch):
    absent = Peer("absent", "a library of the future", "masked", needs=("no_such_library",))
    monkeypatch.setitem(PEERS, "absent", absent)
    words = ["peers", "--problems", "linear", "--lanes", "4e2", "--rounds", "2"]
    words += ["--only", "masked", "absent", "core", "--out", str(tmp_path)]
    assert program.main(words) == 0
    said = capsys.readouterr().out
    assert "skipped: a library of the future: no_such_library is not installed" in said
    assert max(map(len, said.splitlines())) <= program.WIDTH
    for pair in bounds.PAIRS:
        assert pair.problem not in ("linear", bounds.BEST) or f" {pair.limit} " in said
    assert " not measured " in said
    record = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
    assert {"machine", "versions", "date", "git", "comparisons", "bounds"} <= set(record)
    (comparison,) = record["comparisons"]
    assert comparison["lanes"] == FEW
    assert comparison["skipped"].keys() == {"absent"}
    assert [peer["key"] for peer in comparison["peers"]] == ["masked", "core"]
    for peer in comparison["peers"]:
        assert len(peer["seconds"]) == 2
        assert peer["lane_steps"] > peer["lanes"]
    assert comparison["slower"]["core"] == [1, 1]
    assert {bound["measured"] is None for bound in record["bounds"]} == {True, False}
    assert {path.name for path in tmp_path.iterdir()} == {
        "benchmarks.json",
        "peers.png",
        "peers.svg",
    }


def test_scipys_newton_ends_at_the_stationary_points_at_which_gdlabs_does():
    well, peer = METHOD_PROBLEMS["well"], METHODS["scipy-newton"]
    right = answer_of(METHODS["newton"], well)
    assert {round(x) for x in right.x[0]} == {-1, 0, 1}
    theirs = answer_of(peer, well)
    assert check(peer, theirs, right, well) == 0
    theirs.x[0, 7] += 2e-6
    with pytest.raises(DisagreementError, match=r"newton and gdlab do not agree on 1 of 400"):
        check(peer, theirs, right, well)


def test_a_method_is_held_against_exactly_what_it_asks_for(monkeypatch):
    line = METHOD_PROBLEMS["line"]
    asked = []

    def noting(write):
        return lambda x, out: (asked.append((len(out), x[0].size)), write(x, out))

    formula = gdlab.Formula(line.expr)
    formula.write_value = noting(formula.write_value)
    formula.write_gradient = noting(formula.write_gradient)
    monkeypatch.setattr(gdlab, "Formula", lambda expr: formula)
    alpha, x0 = line.lanes(FEW)
    solve = METHODS["armijo-asked"].prepare(line)
    run = solve(Lanes(alpha, x0, line.grid(FEW)))
    descended, asked[:] = list(asked), []
    run()
    assert asked == descended


def test_methods_are_held_against_gradient_descent(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(methods, "COMPARISONS", [("line", ("core", "momentum"), 1)])
    assert program.main(["methods", "--lanes", "4e2", "--rounds", "1", "--out", str(tmp_path)]) == 0
    assert "momentum, one process / gdlab, one process" in capsys.readouterr().out
    record = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))["methods"]
    (comparison,) = record["comparisons"]
    (momentum,) = (bound for bound in record["bounds"] if bound["measured"])
    slow, fast = (
        peer["processor_seconds"][0] / peer["lane_steps"] for peer in reversed(comparison["peers"])
    )
    assert momentum["measured"] == pytest.approx(slow / fast)


def test_every_bound_of_a_method_is_of_what_is_compared_on_its_problem():
    for pair in methods.PAIRS:
        assert any(
            pair.problem == problem and {pair.of, pair.to} <= set(keys)
            for problem, keys, _ in methods.COMPARISONS
        )
    assert {key for _, keys, _ in methods.COMPARISONS for key in keys} <= set(known())


@pytest.mark.parametrize(
    "words",
    [
        ["--lanes", "1.5"],
        ["--lanes", "0"],
        ["--only", "fortran"],
        ["--before", "/nowhere/python"],
        ["--before", sys.executable],  # it has this very gdlab
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_is(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        program.options(words)
    assert words[1] in capsys.readouterr().err


def test_a_bound_holds_on_its_own_side():
    assert bounds.Limit(20).holds(20)
    assert not bounds.Limit(20).holds(19)
    assert bounds.at_most(2).holds(1.5)
    assert not bounds.at_most(2).holds(2.5)


def test_one_bound_is_for_the_problem_on_which_gdlab_gains_most():
    pairs = [pair for pair in bounds.PAIRS if pair.of == "compacting"]
    found = bounds.of_peers(
        [compared("linear", compacting=1.1), compared("log", compacting=1.4)], pairs
    )
    assert [(one.where, one.measured, one.verdict) for one in found] == [
        ("linear", 1.1, "holds"),
        ("log", 1.4, "holds"),
        (bounds.BEST, 1.4, "holds"),
    ]
    (alone,) = bounds.of_peers([compared("linear")], pairs[:1])
    assert (alone.measured, alone.verdict) == (None, "not measured")


def compared(name, **slower):
    """A comparison in which the core takes a second, and these so many times as long."""
    times = {"core": 1.0} | slower
    measured = {key: Measured(PEERS[key], 10, 100, 0.0, 0.0, [s, s]) for key, s in times.items()}
    return Comparison(PROBLEMS[name], 10, 10.0, 10, measured, {})


def test_the_whole_way_is_told_line_by_line(tmp_path, capsys):
    words = ["way", "--lanes", "100", "--most", "1e3", "--rounds", "1", "--out", str(tmp_path)]
    assert program.main(words) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= program.WIDTH
    record = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))["way"]
    runs = record["runs"]
    for run in runs.values():
        assert run["name"] in said
        assert bool(run["seconds"]) != bool(run["absent"])
    assert runs["auto"]["lanes"] == runs["arrow"]["lanes"] == 40**2
    assert runs["figures"]["lanes"] == 31**2
    assert 0 < runs["arrow"]["median_seconds"] < runs["auto"]["median_seconds"]
    assert runs["figures"]["peaks"][0] > 50e6  # no Python with NumPy needs less
    lines = said.partition("bounds of the whole way")[2]
    for share in bounds.SHARES:
        assert f"{share.what} " in lines
    measured = {bound["what"]: bound["measured"] for bound in record["bounds"]}
    absent = [what for what, number in measured.items() if number is None]
    assert absent == [
        "default figures, earlier / this",
        "first command, this / earlier",
        "plane, peak memory / of a part",
    ]
    assert "not measured: default figures, earlier version; first command" in said
    assert "(--before PYTHON)" in said
    assert "(--most 1e9: " in said


@pytest.fixture
def foreseen(monkeypatch):
    """Commands that take as long and as much memory as it says here, without being run."""
    given = []

    def run(words, *, python="this", watched=False):
        given.append([python, *words])
        cost = 3.0 if python == "earlier" else 7.0 if "parallel=processes" in words else 2.0
        memory = 10**9 if "x0_grid.num=31623" in words else 8 * 10**8
        return Ended(cost + len(given), memory if watched else 0, "", "numba")

    def run_into(folder, words):
        (folder / "run" / "results").mkdir(parents=True)

    monkeypatch.setattr(command, "run", run)
    monkeypatch.setattr(command, "run_into", run_into)
    monkeypatch.setattr(command, "ended", lambda words: Ended(9.0, 0, "0.5"))
    monkeypatch.setattr(way, "NO_NUMBA", "")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(0, 0, 10**11))
    return given


def test_the_whole_way_is_held_against_an_earlier_version_and_over_the_plane(foreseen):
    found = way.measure(10**6, 1, 10**9, "earlier")
    # each command takes a second more than the one before
    assert {key: timed.seconds for key, timed in found.items()} == {
        "auto": [3.0],
        "processes": [9.0],
        "arrow": [0.5],
        "figures": [5.0],
        "figures-before": [7.0],
        "start-none": [7.0],
        "start": [8.0],
        "start-before": [10.0],
        "plane": [10.0],
        "plane-part": [11.0],
    }
    assert [one.measured for one in bounds.of_way(found)] == pytest.approx(
        [3, 6, 1.4, 0.8, 0.8, 7, 1.25]
    )
    assert [found[key].lanes for key in ("auto", "figures", "plane", "plane-part")] == [
        16_000_000,
        100_000_000,
        31_623**2,
        3_163**2,
    ]


def test_no_lanes_are_descended_for_which_the_disk_has_no_room(foreseen, monkeypatch):
    full = shutil._ntuple_diskusage(10**10, 0, 10**10)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: full)
    found = way.measure(10**6, 1, 10**9, None)
    assert "need up to 25.0 GB in " in found["plane"].absent
    assert "which has 10.0 GB free" in found["plane"].absent
    assert found["figures"].seconds
    assert not [words for words in foreseen if "objective=himmelblau" in words]


def test_a_machine_without_numba_leaves_out_what_needs_it(foreseen, monkeypatch):
    monkeypatch.setattr(way, "NO_NUMBA", "numba is not installed")
    found = way.measure(100, 1, 10**9, None)
    assert [key for key, timed in found.items() if timed.seconds] == ["figures", "start-none"]
    assert found["auto"].absent == found["plane"].absent == "numba is not installed"


def test_a_command_that_fails_is_named_with_what_it_says(monkeypatch, capsys, tmp_path):
    def fail(folder, words, **how):
        raise BrokenError("the grid is too large")

    monkeypatch.setattr(command, "run_into", fail)
    monkeypatch.setattr(way, "NO_NUMBA", "absent")
    assert program.main(["way", "--lanes", "1", "--most", "9", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said == "benchmarks: default figures, 9 lanes: the grid is too large\n"


def test_bare_arrow_writes_the_same_columns(tmp_path):
    run = gdlab.run(
        "alpha=[0.1,0.5,1,2]",
        "x0=[-1,0,3]",
        "max_iter=20",
        "figures=none",
        f"hydra.run.dir={tmp_path}",
    )
    (file,) = (run.path / "results").iterdir()
    copy = tmp_path / "copy"
    copy.mkdir()
    assert arrow.seconds([arrow.read(file)], [copy / file.name]) > 0
    ours, theirs = pq.read_table(file), pq.read_table(copy / file.name)
    assert ours["iterations"].null_count
    assert theirs.column_names == ours.column_names
    assert theirs.columns == ours.columns  # whose schema says in which nothing is missing


def point(key, lanes, seconds, peak=10**7, start=0.0):
    return curve.Point(key, PEERS[key].name, lanes, [seconds], peak, start)


def test_the_cost_of_a_lane_leaves_out_the_start_and_its_flatness_the_small_grids():
    assert point("core", 1000, 3.0, start=1.0).per_lane == pytest.approx(2e6)
    points = [point("core", 10**3, 1.0), point("core", 10**5, 1.0), point("core", 10**6, 12.0)]
    assert curve.flatness(points, "core") == pytest.approx(1.2)
    assert curve.flatness(points[:2], "core") is None


def test_every_line_of_the_cost_curve_has_its_name_beside_it():
    keys = [key for key in PEERS if key not in curve.LEFT_OUT]
    points = [point(key, 10**power, 1.0) for key in keys for power in (3, 4)]
    figure = pictures.cost(points, [])
    shown = [axes for axes in figure.axes if axes.axison]
    assert len(shown) == 2
    for axes in shown:
        assert sorted(text.get_text() for text in axes.texts) == sorted(PEERS[k].name for k in keys)


def test_the_cost_is_told_on_a_narrow_terminal(capsys):
    points = [point(key, 10**power, 1e5) for key in PEERS for power in range(3, 9)]
    points.append(curve.Point(COMMAND, "to disk", 10**6, [9.0], 10**9, 3.0))
    console = Console(width=program.WIDTH)
    report.show_curve(console, PROBLEMS["linear"], points)
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= program.WIDTH
    assert "all processes: longest over shortest time a lane, from 1e5 lanes on: 1e+03" in said
    assert "6e+03" in said  # 9 s less the 3 s of the start, for a million lanes


def test_names_beside_lines_keep_their_order_and_their_distance():
    places = pictures.spread([0.0, 0.01, 0.5, 0.51, 0.52, 1.0], 0.1)
    assert places == pytest.approx([0.0, 0.1, 0.41, 0.51, 0.61, 1.0])


def test_a_regression_lane_by_lane_takes_the_steps_that_many_lanes_take_together(monkeypatch):
    monkeypatch.setattr(regression, "LANES", 16)
    monkeypatch.setattr(regression, "ALONE", 16)
    ways = regression.ways()
    assert ways["alone"].run() == ways["together"].run() > 16


def test_lanes_of_an_orbit_take_all_their_steps_and_so_do_those_that_are_descended(monkeypatch):
    monkeypatch.setattr(orbits, "STEPS", 300)
    ways = orbits.ways(16)
    assert {way.run() for way in ways.values()} == {16 * 300}


def test_a_ratio_of_ways_is_the_median_of_the_rounds_and_none_where_one_is_absent():
    ways = {
        "slow": rounds.Way("the slow way", lambda: 1, nanoseconds=[4.0, 9.0, 6.0]),
        "fast": rounds.Way("the fast way", lambda: 1, nanoseconds=[2.0, 3.0, 3.0]),
    }
    ratios = [
        rounds.Ratio("slow", "fast", bounds.at_most(2)),
        rounds.Ratio("slow", "lost", bounds.at_most(2)),
    ]
    held, absent = rounds.judged(ways, ratios, "here")
    assert (held.what, held.measured, held.verdict) == ("the slow way / the fast way", 2.0, "holds")
    assert absent.verdict == "not measured"
