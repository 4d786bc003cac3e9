"""The compiled core: the NumPy core's verdicts, and what is its own."""

from __future__ import annotations

import math
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import gdlab
from gdlab.core.compiled import building, loop
from gdlab.core.compiled.descent import descend as compiled
from gdlab.core.compiled.formulas import NotCompiledError, statements
from gdlab.core.criteria import Gap, Step, thresholds
from gdlab.core.cycles import WATCH, periods
from gdlab.core.descent import descend
from gdlab.core.problem import Status
from gdlab.files import cache_folder
from tests.core.test_descent import COMPILED, FORMULAS, objective
from tests.oracles import bits, verdicts_agree

ROUNDED_ALIKE = {name: criterion for name, criterion in COMPILED.items() if name in FORMULAS}


def grid(f, n_alpha, n_x0, **settings):
    rng = np.random.default_rng(11)
    alpha = np.concatenate([10 ** rng.uniform(-4, 0.3, n_alpha), [1e300, 1.0, 2.0]])
    x0 = rng.uniform(-4, 4, (n_x0, f.dimension))
    return gdlab.Experiment(f, alpha, x0, engine="numba", **settings)


class TestBits:
    @pytest.mark.parametrize(("name", "criterion"), ROUNDED_ALIKE.items())
    def test_sums_products_and_quotients_have_the_same_bits_in_both_engines(self, name, criterion):
        problem = grid(
            objective(name), 40, 211, tol=[1e-9, 1e-2, 1e-5], max_iter=300, criterion=criterion
        ).problem
        ours, theirs = compiled(problem), descend(problem)
        assert verdicts_agree(ours, theirs)
        assert ours.lane_steps == theirs.lane_steps

    def test_so_have_roots_signs_and_constants_in_five_dimensions(self):
        f = gdlab.Formula(
            "x1**2/(1 + x2**2) + sqrt(2 + x3**2) + abs(x4*x5)/pi + sin(2)*x5**3/(x4**2 + 1) + 1/x1",
            minimum=-5.0,
        )
        problem = grid(f, 9, 50, tol=1e-3, max_iter=150, criterion="gap").problem
        problem.x0.rows[:, :3] = 0.0  # where 1/x1 is not finite
        problem.defined[:3] = False
        assert verdicts_agree(compiled(problem), descend(problem))

    def test_where_functions_are_rounded_otherwise_the_counts_differ_by_little(self):
        problem = grid(objective("waves"), 60, 200, tol=1e-6, max_iter=1000).problem
        ours, theirs = compiled(problem), descend(problem)
        alike = ours.status == theirs.status
        differ = np.abs(ours.steps - theirs.steps)[alike]
        assert alike.mean() > 0.99
        assert (differ > 1).mean() < 0.01

    @pytest.mark.parametrize("threads", [1, 2, 5])
    @pytest.mark.parametrize("pool", [0, 1, 17])
    def test_threads_and_columns_change_no_bit(self, threads, pool):
        problem = grid(objective("double_well"), 30, 100, tol=[1e-3, 1e-8], max_iter=200).problem
        assert verdicts_agree(compiled(problem, pool=pool, threads=threads), descend(problem))

    @given(st.integers(2, 64), st.integers(0, 2**32 - 1), st.floats(0, 3e-9), st.integers(1, 3))
    @example(2, 0, 0.0, 1)
    def test_periods_are_those_of_the_rule(self, p, seed, off, d):
        rng = np.random.default_rng(seed)
        orbit = np.tile(rng.normal(size=(p, d, loop.WIDTH)), (WATCH // p + 1, 1, 1))[: WATCH + 1]
        orbit[rng.integers(0, WATCH, 9), rng.integers(d), rng.integers(0, loop.WIDTH, 9)] += off
        orbit[rng.integers(WATCH), 0, :3] = [math.nan, math.inf, -math.inf]
        orbit[:, :, 3] = 1.0
        with np.errstate(all="ignore"), pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "DIMENSION", d)
            found = [loop.period_of(orbit.reshape(WATCH + 1, -1), j) for j in range(loop.WIDTH)]
            assert found == periods(orbit).tolist()


class TestThresholds:
    @given(st.floats(5e-324, 1e308), st.floats(0, 1.7e308))
    @example(1e-300, 0.0)
    @example(1e-300, 5e-324)
    @example(1e200, 1.7e308)
    @example(math.sqrt(2), 2.0)
    @example(5e-324, 0.0)
    def test_a_square_is_below_its_threshold_where_the_root_is_below_the_tolerance(self, tol, s):
        (threshold,) = thresholds(Step(), np.array([tol]), 2)
        near = [np.nextafter(threshold, 0), threshold, np.nextafter(threshold, np.inf)]
        for square in (s, tol * tol, *near):
            if math.isfinite(square):
                assert (square < threshold) == (math.sqrt(square) < tol)

    def test_what_is_no_square_is_compared_with_the_tolerance_itself(self):
        tol = np.array([0.5, 1e-3])
        assert thresholds(Step(), tol, 1).tolist() == tol.tolist()
        assert thresholds(Gap(objective("beale"), 0.0), tol, 2).tolist() == tol.tolist()


class TestStatements:
    def made(self, text):
        f = gdlab.Formula(text)
        return statements(f.source("gradient"), [f"x{i}" for i in range(f.dimension)], "t")

    def test_the_order_of_operations_is_numpys(self):
        assert self.made("x**2 + 4*x + 4").results == ("((2.0 * x0) + 4.0)",)
        made = self.made("x**6")
        assert made.assignments == ("t0 = x0 * x0", "t1 = t0 * t0", "t2 = x0 * t1")
        assert made.results == ("(6.0 * t2)",)

    @pytest.mark.parametrize(
        ("text", "exact"),
        [
            ("x**7/(1 + x**2) + abs(x)**3 + sqrt(1 + x**2)", True),
            ("sin(3)*x**2 + pi*x", True),
            ("sin(x)", False),
            ("(1 + x**2)**1.5 + x**0.3", False),
            ("2**x", False),
        ],
    )
    def test_only_what_ieee_754_rounds_is_exact(self, text, exact):
        assert self.made(text).exact is exact

    def test_a_long_sum_is_no_deep_nesting(self):
        made = self.made(" + ".join(f"x**{n}/{n}" for n in range(2, 60)))
        assert max(map(len, made.assignments)) < 200

    def test_what_has_no_compiled_form_is_named(self):
        source = "def f(x):\n    return [numpy.erf(x)]\n"
        with pytest.raises(NotCompiledError, match=r"form of numpy.erf\(x\); use engine=numpy"):
            statements(source, ["x0"], "t")


class TestRefusals:
    def test_python_code_is_refused_and_numpy_named(self):
        f = gdlab.Function(lambda x: x[0] ** 2, lambda x: 2 * x, name="bowl")
        message = "engine=numba compiles formulas, and bowl is Python code; use engine=numpy"
        with pytest.raises(ValueError, match=message):
            gdlab.Experiment(f, 0.1, 1.0, engine="numba")

    def test_so_is_a_class_that_changes_a_formula(self):
        class Noisy(gdlab.Formula):
            def grad(self, x, out=None):
                return super().grad(x) + 1

        with pytest.raises(ValueError, match="Noisy is Python code; use engine=numpy"):
            gdlab.table(Noisy("x**2"), 0.1, 1.0, engine="numba")

    def test_a_method_without_a_compiled_form_is_refused(self):
        class Own:
            def memory(self, dimension):
                return 0

            def step(self, at, out):
                out[...] = at.x - at.alpha * at.gradient

        with pytest.raises(ValueError, match="no compiled form of the method Own; use engine=n"):
            gdlab.Experiment(objective("square"), 0.1, 1.0, method=Own(), engine="numba")

    def test_a_method_that_is_to_be_counted_is_refused(self):
        class Counted(gdlab.GradientDescent):
            def evaluations(self, objective):
                return None

        with pytest.raises(ValueError, match="does not count what Counted asks for"):
            gdlab.Experiment(objective("square"), 0.1, 1.0, method=Counted(), engine="numba")

    def test_an_unknown_engine_is_told_which_there_are(self):
        with pytest.raises(ValueError, match=r"engine='nubma' is not known; .* numpy, numba"):
            gdlab.Experiment(objective("square"), 0.1, 1.0, engine="nubma")

    def test_without_numba_the_extra_is_named(self, monkeypatch):
        monkeypatch.setattr("gdlab.core.engines.find_spec", lambda name: None)
        with pytest.raises(ValueError, match=r"needs an extra: pip install 'gdlab\[fast\]'"):
            gdlab.Experiment(objective("square"), 0.1, 1.0, engine="numba")


class TestMethods:
    def test_a_method_with_a_memory_can_be_compiled_and_a_gradient_be_the_criterion(self):
        class HeavyBall:
            """B. T. Polyak, Some methods of speeding up the convergence of iterations, 1964."""

            def memory(self, dimension):
                return dimension

            def step(self, at, out):
                at.memory[:] = 0.5 * at.memory + at.alpha * at.gradient
                out[...] = at.x - at.memory

            def statements(self, objective, dimension):
                return [
                    line
                    for i in range(dimension)
                    for line in (f"m{i} = 0.5 * m{i} + alpha * g{i}", f"y{i} = x{i} - m{i}")
                ]

        f = objective("rosenbrock")
        settings = {"tol": [1e-4, 1.0], "max_iter": 200, "criterion": "gradient"}
        problem = grid(f, 20, 60, method=HeavyBall(), **settings).problem
        ours, theirs = compiled(problem), descend(problem)
        assert verdicts_agree(ours, theirs)
        assert (ours.status == Status.converged).any()


class TestKept:
    def test_a_second_process_finds_the_kernel_of_the_first(self):
        compiled(grid(objective("square"), 1, 1).problem)
        program = (
            "import sys, gdlab\n"
            "gdlab.table(gdlab.Formula('x**2'), 0.1, 1.0, engine='numba')\n"
            "(name,) = (name for name in sys.modules if name.startswith('gdlab_kernel'))\n"
            "print(sum(sys.modules[name].run.stats.cache_hits.values()))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == ["1"]

    def test_where_nothing_can_be_written_a_kernel_is_made_all_the_same(
        self, tmp_path, monkeypatch
    ):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
        assert building.built("def run():\n    return CACHE, 'nowhere'\n")() == (False, "nowhere")

    def test_the_folder_is_one_of_the_user(self, tmp_path, monkeypatch):
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
        run = building.built(f"def run():\n    return CACHE, {str(tmp_path)!r}\n")
        assert run() == (True, str(tmp_path))
        assert len(list((tmp_path / "gdlab").glob("gdlab_kernel_*.py"))) == 1
        monkeypatch.delenv("NUMBA_CACHE_DIR")
        assert cache_folder().name == "gdlab"


class TestThreads:
    def test_progress_is_told_by_the_thread_that_asked(self):
        told = []
        problem = grid(objective("square"), 20, 400, tol=1e-9).problem

        def progress(done, lane_steps):
            told.append((done, lane_steps, threading.current_thread()))

        verdicts = compiled(problem, progress=progress)
        assert told[-1][:2] == (problem.n_lanes, verdicts.lane_steps)
        assert {thread for _, _, thread in told} == {threading.main_thread()}

    def test_an_interrupt_ends_the_threads(self):
        f = objective("square")
        problem = gdlab.Experiment(f, 1e-12, np.linspace(1, 2, 500), max_iter=10**9, tol=1e-300)

        def progress(done, lane_steps):
            raise KeyboardInterrupt

        before = set(threading.enumerate())
        with pytest.raises(KeyboardInterrupt):
            compiled(problem.problem, progress=progress)
        assert set(threading.enumerate()) <= before

    def test_no_lanes_have_no_verdicts(self):
        problem = grid(objective("square"), 1, 1).problem
        assert compiled(problem, np.arange(0)).status.shape == (1, 0)
        assert bits(compiled(problem, np.arange(0)).x) == b""
