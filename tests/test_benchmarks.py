"""The benchmarks compare like with like, refuse a peer that errs, and say what they leave out."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass

import numpy as np
import pytest
from rich.console import Console

import gdlab
from benchmarks import __main__ as program
from benchmarks import bounds, curve, pictures, report
from benchmarks.command import Command
from benchmarks.comparison import DisagreementError, check, compare
from benchmarks.peers import AbsentError, Answer, Lanes, Peer
from benchmarks.peers.known import COMMAND, PEERS
from benchmarks.problems import PROBLEMS, drawn
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


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_gradients_by_hand_are_those_of_the_formulas_bit_for_bit(name):
    problem = PROBLEMS[name]
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
    record = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
    assert {"machine", "versions", "date", "git", "comparisons", "bounds"} <= set(record)
    (comparison,) = record["comparisons"]
    assert comparison["lanes"] == FEW
    assert comparison["skipped"].keys() == {"absent"}
    assert [peer["key"] for peer in comparison["peers"]] == ["masked", "core"]
    for peer in comparison["peers"]:
        assert len(peer["seconds"]) == 2
        assert peer["lane_steps"] > peer["lanes"]
    assert comparison["slower_than_core"]["core"] == [1, 1]
    assert {bound["measured"] is None for bound in record["bounds"]} == {True, False}
    assert {path.name for path in tmp_path.iterdir()} == {
        "benchmarks.json",
        "peers.png",
        "peers.svg",
    }


@pytest.mark.parametrize("words", [["--lanes", "1.5"], ["--lanes", "0"], ["--only", "fortran"]])
def test_what_cannot_be_measured_is_refused_before_anything_is(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        program.options(words)
    assert words[1] in capsys.readouterr().err


def test_a_bound_holds_on_its_own_side():
    assert bounds.Bound("linear", "masked", "core", 20).holds(20)
    assert not bounds.Bound("linear", "masked", "core", 20).holds(19)
    assert bounds.Bound("linear", "compiled", "c", 2, at_least=False).holds(1.5)
    assert not bounds.Bound("linear", "compiled", "c", 2, at_least=False).holds(2.5)


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
    report.show_command(console, [Command(10, 3.0, 0), Command(10, 5.0, 0), Command(10, 4.0, 0)])
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= program.WIDTH
    assert "all processes: longest over shortest time a lane, from 1e5 lanes on: 1e+03" in said
    assert "6e+03" in said  # 9 s less the 3 s of the start, for a million lanes
    assert "to table and pictures: 4.0 s" in said


def test_names_beside_lines_keep_their_order_and_their_distance():
    places = pictures.spread([0.0, 0.01, 0.5, 0.51, 0.52, 1.0], 0.1)
    assert places == pytest.approx([0.0, 0.1, 0.41, 0.51, 0.61, 1.0])
