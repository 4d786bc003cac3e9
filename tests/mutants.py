"""`python -m tests.mutants`: break the code one line at a time; the tests must notice each time.

A test that passes whatever the code does is no test. Here each of some hundred lines that matter
(verdicts, tolerances, escape, periods, identity, whole files, locks, checksums, refusals) is broken
in a copy of the tree, and the tests that are about it are run; one of them has to fail. It takes
some minutes. A break that nobody notices ends in status 1, and so does one whose line is no more.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KERNELS = str(ROOT / ".pytest_cache" / "kernels")
"""Kernels are found by their text, so that they can be shared."""
LIMIT = 600
"""Seconds for the tests of one break."""


@dataclass(frozen=True)
class Mutant:
    """A text of a file that stands there once, what it becomes, and the tests that are about it."""

    file: str
    text: str
    broken: str
    tests: str


DESCENT, LANES, CYCLES = "core/descent.py", "core/lanes.py", "core/cycles.py"
CORE = "tests/core/test_descent.py tests/core/test_lanes.py"
METHODS = (
    "tests/methods/test_edges.py tests/methods/test_literature.py tests/methods/test_plain_loop.py"
)
STORE = "tests/store/test_computing.py tests/store/test_loading.py"
MUTANTS = [
    # which verdict, and when
    Mutant(DESCENT, "axis=1) < least_of[level])", "axis=1) <= least_of[level])", CORE),
    Mutant(DESCENT, 'least, side="right")', 'least, side="left")', CORE),
    Mutant(DESCENT, "if gone.size:  # from", "if False:  # from", CORE),
    Mutant(DESCENT, "[:, None] >= since", "[:, None] > since", CORE),
    Mutant(DESCENT, "-trail.min()) <= escape:", "-trail.min()) <= 2 * escape:", CORE),
    Mutant(DESCENT, "~(farthest <= escape)", "(farthest > escape)", CORE),
    Mutant(DESCENT, "limit = oldest + problem.max_iter", "limit = oldest + problem.max_iter + 1", CORE),
    Mutant(DESCENT, "at_limit[free] = False", "pass", CORE),
    Mutant(DESCENT, "row + (clock + 1) - lanes", "row + clock - lanes", CORE),
    Mutant(DESCENT, "oldest = int(lanes.born.min(initial=clock))", "oldest = clock", CORE),
    Mutant(DESCENT, "    watch(late, verdicts)\n    progress", "    progress", CORE),
    Mutant(LANES, "np.where(self.problem.is_defined(i_x0, x0), x0, np.nan)", "x0", CORE),
    Mutant(LANES, "self._kept[:, columns] = 0.0", "pass", CORE + " tests/methods"),
    Mutant("methods/gradient_descent.py", "np.subtract(at.x, out, out=out)", "np.add(at.x, out, out=out)", CORE),
    Mutant(LANES, "holes = n + staying.nonzero()[0], columns[columns < n]", "holes = columns[columns < n], columns[columns < n]", CORE),
    Mutant(LANES, "self.problem.thresholds[0]", "self.problem.thresholds[-1]", CORE),
    Mutant(CYCLES, "RETURN = 1e-9", "RETURN = 1e-3", CORE),
    Mutant(CYCLES, "LONGEST_PERIOD = 64", "LONGEST_PERIOD = 32", CORE),
    Mutant(CYCLES, "range(2, LONGEST_PERIOD + 1)", "range(3, LONGEST_PERIOD + 1)", CORE),
    Mutant(CYCLES, "(extent > 0)", "(extent >= 0)", CORE),
    Mutant(CYCLES, "(part.level <= level)", "(part.level < level)", CORE),
    Mutant(CYCLES, "bound = 2 * RETURN", "bound = 0.5 * RETURN", CORE),
    Mutant("core/criteria.py", "square += coordinate * coordinate", "square += coordinate", "tests/core/test_criteria.py"),
    Mutant("core/criteria.py", ".min(axis=0, out=out)", ".max(axis=0, out=out)", "tests/core"),
    Mutant("core/starts.py", "quotients = several // n", "quotients = several // (n + 1)", CORE),
    Mutant("core/orbits.py", "np.subtract(1.0, factor, out=factor)", "np.subtract(2.0, factor, out=factor)", "tests/core/test_orbits.py"),
    Mutant("core/orbits.py", "turned *= alpha", "turned *= 1", "tests/core/test_orbits.py"),
    Mutant("core/orbits.py", "np.maximum(block.far, size, out=block.far)", "np.minimum(block.far, size, out=block.far)", "tests/core/test_orbits.py"),
    Mutant("core/orbits.py", "logarithms / stretch.length", "logarithms / (stretch.length + 1)", "tests/core/test_orbits.py"),
    Mutant("core/visited.py", "~((place >= 0) & (place < self.number))", "~(place < self.number)", "tests/core/test_orbits.py"),
    Mutant("core/compiled/orbits.py", "v0 * (1.0 - h0 * a)", "v0 * (1.0 - h0)", "tests/core/test_orbits.py"),
    Mutant("core/compiled/orbits.py", "| (most != most)", "", "tests/core/test_orbits.py"),
    Mutant("results/visits.py", "np.isnan(x), edges.size - 1", "np.isnan(x), 0", "tests/results/test_visits.py"),
    Mutant("store/parts.py", "        if beside is None:\n            return None\n", "        if beside is None:\n            return found\n", "tests/results/test_visits.py"),
    Mutant("store/verify.py", "same = histogram.equals(to_arrow(experiment, made.orbits.visited))", "same = True", "tests/results/test_visits.py"),
    Mutant("core/compiled/orbits.py", "if not written.exact:", "if False:", "tests/core/test_orbits.py"),
    Mutant("core/trial.py", "if not _are_alike(np.hstack", "if False and not _are_alike(np.hstack", "tests/core/test_trial.py"),
    Mutant("core/trial.py", "asked != stated", "asked < stated", "tests/core/test_trial.py"),
    Mutant("core/trial.py", "n = 3 if starts.dimension == 2 else 2", "n = 2", "tests/test_experiment.py"),
    Mutant("core/trial.py", "            _require_own_value(", "            (lambda *_: None)(", "tests/core/test_trial.py"),
    Mutant("core/trial.py", "if not np.array_equal(together.x", "if False and not np.array_equal(together.x", "tests/core/test_trial.py"),
    Mutant("objectives/base.py", "own.flags.writeable = False", "pass", "tests/test_experiment.py"),
    Mutant("objectives/base.py", "own = x.copy()", "own = x.view()", "tests/core/test_trial.py"),
    Mutant("objectives/base.py", "if numbers.shape != shape:", "if False:", "tests/test_experiment.py"),
    Mutant("objectives/base.py", "return numbers.astype(np.float64, copy=False)", "return numbers", "tests/core/test_trial.py"),
    # methods
    Mutant("methods/momentum.py", "move *= self.beta", "move *= 1 - self.beta", METHODS),
    Mutant("methods/momentum.py", "np.add(count, 2, out=room)", "np.add(count, 3, out=room)", METHODS),
    Mutant("methods/momentum.py", "m{i} = {share} * m{i} + x{i}", "m{i} = m{i} + x{i}", METHODS),
    Mutant("methods/newton.py", "np.copyto(s, np.nan, where=~np.isfinite(h).all(axis=(0, 1)))", "pass", METHODS),
    Mutant("methods/newton.py", "_swap(s[k], s[i], larger)", "pass", METHODS),
    Mutant("methods/newton.py", "if finite else nan", "if True else nan", METHODS),
    Mutant("methods/line_search.py", "size[~((bend > 0) & (bend < np.inf))] = np.inf", "pass", METHODS),
    Mutant("methods/line_search.py", "size[square < SMALLEST] = 0.0", "pass", METHODS),
    Mutant("methods/line_search.py", "self.slope_high[going[falls & (side < 0)]] *= 0.5", "pass", METHODS),
    Mutant("methods/line_search.py", "FLAT, NARROW = 1e-10, 1e-12", "FLAT, NARROW = 1e-4, 1e-12", METHODS),
    Mutant("methods/line_search.py", "            if not going.size:\n                return\n            slope", "            slope", METHODS),
    Mutant("methods/line_search.py", "is_there[new] = 1", "pass", METHODS),
    Mutant("methods/line_search.py", "value[...] = found", "pass", METHODS),
    Mutant("methods/iterates.py", "slice(None) if columns is None else columns", "slice(None)", METHODS),
    Mutant("methods/iterates.py", "        self._is_charged = False\n", "        self._is_charged = True\n", METHODS),
    Mutant("methods/barzilai_borwein.py", "np.copyto(change, gradient)", "pass", METHODS),
    Mutant("methods/barzilai_borwein.py", "~((seen > 0) & (below >= SMALLEST))", "~(seen > 0)", METHODS),
    Mutant("methods/barzilai_borwein.py", "where=below == np.inf", "where=below == -np.inf", METHODS),
    Mutant("methods/adaptive.py", "_average(ones[1], self.beta2, 1.0)", "_average(ones[1], self.beta1, 1.0)", METHODS),
    Mutant("methods/adaptive.py", "np.copyto(root, np.nan, where=root == np.inf)", "pass", METHODS),
    Mutant("methods/adaptive.py", "memory += gradient * gradient", "memory += gradient", METHODS),
    Mutant("methods/adaptive.py", "root = root if root < inf else nan", "pass", METHODS),
    Mutant("methods/sign.py", "abs(g{0})", "g{0}", METHODS),
    # compiled
    Mutant("core/compiled/kernels.py", "if {inside} else -inf", "if {inside} else inf", "tests/core/test_compiled.py"),
    Mutant("core/criteria.py", "(np.sqrt(below) >= tol)", "(np.sqrt(below) > tol)", "tests/core/test_compiled.py"),
    # what is asked
    Mutant("experiment.py", "tol=np.sort(self.tol)[::-1]", "tol=np.sort(self.tol)", "tests/core/test_descent.py"),
    Mutant("given.py", "np.isfinite(values) & (values > 0)", "(values > 0)", "tests/test_experiment.py"),
    Mutant("core/starts.py", "self.axes[:0:-1], strict", "self.axes[:-1], strict", "tests/core/test_starts.py"),
    Mutant("core/starts.py", "counter=number << 64", "counter=0", "tests/core/test_starts.py"),
    Mutant("theory/recurrences.py", "(1 + a - b, da - db)", "(1 + a, da)", "tests/theory"),
    Mutant("theory/recurrences.py", "np.abs(a) / 2 + root", "a / 2 + root", "tests/theory"),
    Mutant("theory/limits.py", "limit(recurrence, curvatures).min(axis=1)", "limit(recurrence, curvatures).max(axis=1)", "tests/theory"),
    Mutant("theory/powers.py", "np.where(below, j, np.maximum(found[near], j + 1))", "found[near]", "tests/theory"),
    Mutant("theory/powers.py", "wanted - np.log(d) - TIE", "wanted", "tests/theory"),
    Mutant("theory/powers.py", "far if escaping is None else far | escaping", "escaping", "tests/theory"),
    Mutant("theory/oscillations.py", "window[near, None] * WINDOW + np.arange(WINDOW)", "window[near, None] * WINDOW + np.arange(WINDOW) + 1", "tests/theory"),
    Mutant("theory/oscillations.py", ".min(axis=2)", ".max(axis=2)", "tests/theory"),
    Mutant("theory/oscillations.py", "np.minimum.accumulate(terms, axis=2)", "terms", "tests/theory"),
    Mutant("theory/solutions.py", "np.expm1(n * log) / np.expm1(log)", "n", "tests/theory"),
    Mutant("theory/solutions.py", "np.sin((k + 1) * angle)", "np.sin(k * angle)", "tests/theory"),
    Mutant("theory/rounding.py", "(1 + curvatures.max() * taken)", "1", "tests/theory"),
    Mutant("theory/bounds.py", "alpha <= 1 / known", "alpha <= 2 / known", "tests/theory tests/figures/test_curves.py"),
    Mutant("grids.py", "if not limits.size:", "if True:", "tests/test_grids.py"),
    Mutant("theory/prediction.py", "np.abs(a - 1) if measure.moves else np.abs(a)", "np.abs(a)", "tests/theory"),
    Mutant("theory/rounding.py", "<= DOUBT", "<= 1e9", "tests/theory"),
    Mutant("theory/rounding.py", "[along_axis & level]", "[along_axis]", "tests/theory"),
    Mutant("theory/rounding.py", "if lenient else", "if False else", "tests/results/test_agreement.py"),
    Mutant("objectives/parsing.py", "case ast.BinOp(op=ast.BitXor()):", "case ast.BinOp(op=ast.BitOr()):", "tests/objectives/test_parsing.py"),
    Mutant("objectives/printing.py", "LARGEST_INTEGER = 2**53", "LARGEST_INTEGER = 2**530", "tests/objectives/test_formula.py"),
    Mutant("objectives/analysis.py", "if multiplicity % 2:", "if True:", "tests/objectives/test_formula.py"),
    # rows and tallies
    Mutant("results/rows.py", "self.status != Status.converged", "self.status == Status.diverged", "tests/results/test_table.py"),
    Mutant("results/rows.py", "else self.f - minimum", "else minimum - self.f", "tests/results/test_table.py"),
    Mutant("results/rows.py", "np.full_like(self.f, np.nan) if", "np.zeros_like(self.f) if", "tests/results/test_table.py"),
    Mutant("results/rows.py", "NEAR = 1e-3", "NEAR = 1e-1", "tests/results/test_table.py tests/test_summary.py"),
    Mutant("results/agreement.py", "self.equal + other.equal", "self.equal", "tests/results"),
    Mutant("results/agreement.py", "(one > 0) & (other > 0)", "one > 0", "tests/results"),
    Mutant("results/rows.py", "self._predicted == 0}", "self._predicted < 0}", "tests/results"),
    Mutant("store/parts.py", 'and "predicted" not in part.column_names', "and False", "tests/store/test_computing.py"),
    Mutant("results/tally.py", 'side="right")', 'side="left")', "tests/results"),
    Mutant("results/tally.py", "if place >= self.converged:", "if place > self.converged:", "tests/results"),
    Mutant("results/digest.py", "-tally.share(), tally.median", "tally.median, -tally.share()", "tests/results"),
    Mutant("results/overview.py", "by_tol = _sum(self._incomplete.pop(rank), by_tol)", "self._incomplete.pop(rank)", "tests/results"),
    Mutant("results/raster.py", "(middle[0] + middle[1]) / 2", "middle[0]", "tests/results/test_raster.py"),
    Mutant("results/raster.py", "where=labels != commonest[..., None]", "where=False", "tests/results/test_raster.py"),
    Mutant("results/escape.py", "np.where(np.abs(excess) < EVEN, share, curved)", "share", "tests/figures/test_regimes.py"),
    Mutant("results/tiles.py", '-1 if name == "minimum" else 0', "0", "tests/figures/test_basins.py"),
    Mutant("store/tiles.py", "yield begin // n_tol + low", "yield begin // n_tol", "tests/figures/test_basins.py"),
    Mutant("figures/gif.py", "else whole != before", "else whole == before", "tests/figures/test_gif.py"),
    Mutant("results/rows.py", '"period": self._period == 0', '"period": self._period < 0', "tests/results/test_table.py"),
    Mutant("results/rows.py", "np.packbits(~missing", "np.packbits(missing", "tests/results/test_table.py"),
    Mutant("results/rows.py", "missing = np.isnan(values)", "pass", "tests/results/test_table.py"),
    Mutant("core/starts.py", "zip(points[:0:-1], self.axes[:0:-1], strict=True)", "zip(points[1:], self.axes[1:], strict=True)", "tests/core tests/test_grids.py"),
    Mutant("core/starts.py", "clip(places.start, places.stop)", "clip(0, places.stop)", "tests/core tests/test_grids.py"),
    # which engine
    Mutant("core/engines.py", "if not alike:", "if False:", "tests/core/test_engines.py"),
    Mutant("core/engines.py", "if not made.exact:", "if False:", "tests/core/test_engines.py"),
    Mutant("core/engines.py", "if sample.seconds < cost:", "if sample.seconds > cost:", "tests/core/test_engines.py"),
    Mutant("objectives/known.py", "if hashlib.sha256(text).hexdigest().encode() != checksum:", "if False:", "tests/objectives/test_known.py"),
    # what names a run
    Mutant("store/identity.py", '        "pairs": experiment.pairs,\n', "", "tests/store/test_identity.py"),
    Mutant("store/identity.py", '        "escape": experiment.escape,\n', "", "tests/store/test_identity.py"),
    Mutant("store/identity.py", '        "criterion": experiment.criterion,\n', "", "tests/store/test_identity.py"),
    Mutant("store/identity.py", 'parts["engine"] = experiment.engine', "pass", "tests/store"),
    Mutant("store/identity.py", "NUMERICS = 1", "NUMERICS = 2", "tests/test_first_version.py"),
    Mutant("objectives/indexed.py", "self.known = outside | {\"i\": i}", "self.known = outside | {\"i\": 1}", "tests/objectives/test_indexed.py"),
    Mutant("objectives/indexed.py", "if left_out:", "if False:", "tests/objectives/test_indexed.py"),
    Mutant("objectives/derivation.py", "if not expression.has(sympy.DiracDelta):", "if True:", "tests/objectives/test_formula.py"),
    Mutant("objectives/formula.py", "if not (self(near.T) > self(point)).all():", "if False:", "tests/objectives/test_formula.py"),
    Mutant("objectives/fingerprint.py", 'return {"source": hashlib.sha256(source).hexdigest()}', 'return {"source": "same"}', "tests/store/test_identity.py"),
    # whole files, locks, checksums
    Mutant("files.py", "        _flush(temporary)\n", "", "tests/test_files.py"),
    Mutant("files.py", "        temporary.replace(path)\n", "        path.write_bytes(temporary.read_bytes())\n", "tests/test_files.py tests/test_interruption.py"),
    Mutant("files.py", "        temporary.unlink(missing_ok=True)\n", "        pass\n", "tests/test_files.py tests/test_interruption.py"),
    Mutant("files.py", '    with FileLock(folder / f"{name}.lock"):', "    if True:", "tests/test_files.py tests/test_interruption.py"),
    Mutant("store/parts.py", "if checksum(content) != stated", "if False and stated", STORE),
    Mutant("store/parts.py", 'if part.num_rows != stated["rows"]:', "if False:", STORE),
    Mutant("store/parts.py", "if whole and metadata", "if metadata", "tests/store/test_computing.py"),
    Mutant("store/parts.py", "None if work.anew else found_part(", "found_part(", "tests/store tests/test_interruption.py"),
    Mutant("store/records.py", 'if record.pop("checksum", None) != _checksum_of(record):', 'if record.pop("checksum", None) is None:', "tests/store"),
    Mutant("store/records.py", 'if record["format"] > FORMAT:', "if False:", "tests/store"),
    Mutant("store/computing.py", "        stale.unlink()", "        pass", "tests/store/test_computing.py"),
    Mutant("store/computing.py", '(folder / "run.json").unlink(missing_ok=True)', "pass", "tests/store tests/test_interruption.py"),
    Mutant("store/computing.py", "    parts.sort(key=lambda part: part.lanes.start)\n", "    parts.reverse()\n", "tests/store"),
    Mutant("store/computing.py", "        _remove_fruitless(folder)\n", "", "tests/store tests/test_interruption.py"),
    Mutant("store/members.py", "for job in reversed(done)", "for job in done", "tests/store tests/sweeps"),
    Mutant("store/likeness.py", "(a.view(np.int64) == b.view(np.int64))", "np.isclose(a, b)", "tests/store/test_verify.py"),
    Mutant("store/verify.py", "if changed:", "if False:", "tests/store"),
    Mutant("store/shares.py", "range(i, problem.n_lanes, n_shares)", "range(i, problem.n_lanes - 1, n_shares)", "tests/parallel/test_processes.py"),
    Mutant("parallel/threads.py", "<= threads else None", "<= threads else 0.0", "tests/parallel/test_processes.py"),
    Mutant("parallel/plan.py", "if n > fit and self.n_jobs != -1:", "if False:", "tests/parallel/test_processes.py"),
    Mutant("store/room.py", "if needed > free:", "if False:", "tests/store tests/test_bad_input.py"),
    # the explorer
    Mutant("explorer/translation.py", '{self.expression(left)} {sign} {self.expression(right)})"\n            case ast.BinOp(left=left, op=ast.Pow()', '{self.expression(right)} {sign} {self.expression(left)})"\n            case ast.BinOp(left=left, op=ast.Pow()', "tests/explorer/test_translation.py"),
    Mutant("explorer/translation.py", "if name in LIBRARY:", "if False:", "tests/explorer/test_translation.py"),
    Mutant("explorer/translation.py", "case ast.Name(id=name) if name in self.truths:", "case ast.Name(id=name):", "tests/explorer/test_translation.py"),
    Mutant("explorer/lanes.py", "own = rising[low:high] - first", "own = rising[low:high]", "tests/explorer/test_section.py"),
    Mutant("explorer/lanes.py", "np.lexsort((points[:, 1], points[:, 0]))", "np.lexsort((points[:, 0], points[:, 1]))", "tests/explorer/test_section.py"),
    Mutant("explorer/section.py", "int(np.argmin(experiment.tol))", "0", "tests/explorer/test_section.py"),
    Mutant("explorer/words.py", "return html.escape(given or", "return (given or", "tests/explorer/test_section.py"),
    Mutant("explorer/ranges.py", "found.status[0, :, 0] == Status.converged", "found.steps[0, :, 0] > 0", "tests/explorer/test_explore.py"),
    # the door
    Mutant("config.py", "if by_word[word].is_sweep_override()]", 'if "," in word]', "tests/sweeps/test_sweep.py"),
    Mutant("config.py", "if group not in groups or override.is_delete():", "if True:", "tests/test_bad_input.py"),
    Mutant("job.py", "finished = None if force else find(folder)  # by another process", "finished = None", "tests/test_interruption.py"),
    Mutant("terminal/process.py", "INTERRUPTED = 130", "INTERRUPTED = 1", "tests/test_terminal.py tests/test_bad_input.py"),
]  # fmt: skip


def main() -> int:
    """Break, test, report; 0 if every break was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="breaks of files whose name has this in it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    options = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if options.only in mutant.file]
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(outcome, chosen))
    missed = [said for said in outcomes if not said.startswith("noticed")]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} breaks were noticed")
    return 1 if missed else 0


def outcome(mutant: Mutant) -> str:
    """Try one break in a copy of the tree; print what came of it, a line."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "gdlab"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "outputs", "__pycache__"))
        (copy / "outputs").mkdir()
        file = copy / "gdlab" / mutant.file
        whole = file.read_text(encoding="utf-8")
        if whole.count(mutant.text) != 1:
            said = f"not there once ({whole.count(mutant.text)} times)"
        else:
            file.write_text(whole.replace(mutant.text, mutant.broken), encoding="utf-8")
            said = _tested(copy, mutant.tests.split())
    line = " ".join(mutant.text.split())
    print(f"{said:<60.60} {mutant.file}: {line[:70]}", flush=True)
    return said


def _tested(copy: Path, tests: list[str]) -> str:
    """The first test that fails, as a break is noticed by it."""
    words = [
        "-m",
        "pytest",
        *tests,
        "-n",
        "0",
        "-x",
        "-q",
        "--no-header",
        "--tb=no",
        "--timeout=60",
    ]
    try:
        done = subprocess.run(
            [sys.executable, *words, "--hypothesis-profile=unshrunk", "-p", "no:cacheprovider"],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": KERNELS},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "noticed: no end"
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode == 0 or not failed:
        return f"MISSED (status {done.returncode})"
    return f"noticed: {failed[0].partition('::')[2].partition(' - ')[0]}"


if __name__ == "__main__":
    sys.exit(main())
