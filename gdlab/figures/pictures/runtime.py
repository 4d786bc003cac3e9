"""Which share of the lanes is solved within so many iterations: by step size, by method, by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gdlab.core.problem import Indices
from gdlab.core.stepsizes import spread
from gdlab.figures import captions, words
from gdlab.figures.facets import Facet, Facets, Loaded, Shown, called, short
from gdlab.figures.rises import SIZE, Rise, draw_over_counts, draw_rises, rises_sheet
from gdlab.figures.scales import ends_of_counts, mark_counts
from gdlab.figures.sheet import say_instead
from gdlab.figures.style import LINES, styled
from gdlab.methods import evaluations_a_step
from gdlab.results.distributions import Distributions, distributions, distributions_of
from gdlab.results.profiles import profile, ratios

LABEL = 4.5
"""Inches of a legend's entry, at most."""
NOTHING = "no lane converged"
NO_PROBLEM = "no problem is solved by any solver from half of its starting points"
LONGEST = 90
"""Characters that name the problems of a profile."""
PROBLEM = ("objective", "x0", "x0_grid", "tol", "tolerance", "max_iter")
"""Of swept names those that say what is to be solved; all others say how."""
ITERATIONS, EVALUATIONS = "iterations", "evaluations"
ASKED = "of f, a gradient or a Hessian"


@dataclass(frozen=True, eq=False)
class Sweep:
    """Runs to be held against each other, each at its best step size.

    facets : those of the runs that did not fail. costs : their distributions, of one group each,
    in `counted`, iterations or evaluations. failed : how many runs did.
    """

    facets: list[Facet] = field(default_factory=list)
    runs: list[Loaded] = field(default_factory=list)
    costs: list[Distributions] = field(default_factory=list)
    counted: str = ITERATIONS
    failed: int = 0

    @classmethod
    def of(cls, facets: Facets) -> Sweep:
        loaded = [(facet, facet.load()) for facet in facets.every]
        done = [(facet, run) for facet, run in loaded if run and not run.experiment.pairs]
        asks = {_asked_a_step(run) for _, run in done}
        told = all(_asked_a_step(run) or run.columns is not None for _, run in done)
        counted = EVALUATIONS if asks != {1} and told else ITERATIONS
        return cls(
            [facet for facet, _ in done],
            [run for _, run in done],
            [_costs(run, counted) for _, run in done],
            counted,
            len(loaded) - len(done),
        )

    def called(self, i: int, names: Sequence[str]) -> str:
        """What the i-th run is called: what was swept, and its best step size where it has some."""
        run, label = self.runs[i], _called(self.facets[i], names)
        if len(run.experiment.step_sizes) == 1 or not run.overview.tally.converged:
            return label
        return f"{label}, α = {words.number(run.overview.best)}"

    def said(self) -> list[str]:
        some = any(len(run.experiment.step_sizes) > 1 for run in self.runs)
        failed = [f"{words.plural(self.failed, 'run')} failed"] if self.failed else []
        return [*(["each run at its best α"] if some else []), *failed]


@styled
def runtime(shown: Shown) -> Figure | None:
    """The share of lanes solved within k iterations, at the tightest tolerance.

    Of a run by step size, at most eight of them; of a sweep by run, each at its best step size.
    Lanes that do not converge count as never solved. A sweep over several objectives and several
    ways to solve them has the performance profile of Dolan and Moré instead. Where methods ask for
    other than one gradient a step, evaluations are counted in a sweep. None where there is no run.

    Raises ValueError for a run by itself that has a single lane, or no grid.
    """
    facets = Facets.fit_for("runtime", shown)
    if facets.n == 1:
        (run,) = facets.runs("runtime")
        return _of_run(run, facets) if isinstance(run, Loaded) else None
    sweep = Sweep.of(facets)
    if not sweep.runs:
        return None
    swept = {_root(name) for name in facets.names}
    profiled = "objective" in swept and not swept <= set(PROBLEM)
    return (_profiles if profiled else _of_sweep)(sweep, facets)


def _of_run(run: Loaded, facets: Facets) -> Figure:
    sizes, best = run.experiment.step_sizes, run.overview.best
    ranks = _some(len(sizes), int(np.searchsorted(sizes.distinct, best)))
    groups = np.full(len(sizes), -1)
    groups[ranks] = np.arange(ranks.size)
    found, _ = distributions(run.experiment, run.tiles(), groups)
    subject = run.subject
    texts = words.numbers(sizes.distinct[ranks].tolist())
    differ = ranks.size > 1 and found.counts.size and np.ptp(found.counts) > 0
    rises = [
        Rise.of(f"α = {text}" + (", the best" if differ and alpha == best else ""), found, i)
        for i, (alpha, text) in enumerate(zip(sizes.distinct[ranks], texts, strict=True))
    ]
    said = words.grid(run.experiment.alpha, run.experiment.starts, subject)
    if ranks.size < len(sizes):
        said.append(f"{ranks.size} of the α drawn, evenly spread and the best")
    figure, axes = rises_sheet(
        captions.title([subject], facets),
        [*said, *captions.criterion([subject]), *facets.failures()],
        rises,
    )
    if not any(rise.counts.size for rise in rises):
        say_instead(axes, NOTHING)
        return figure
    draw_over_counts(axes, rises, "iterations $k$")
    return figure


def _of_sweep(sweep: Sweep, facets: Facets) -> Figure:
    chosen = spread(len(sweep.runs), len(LINES)).tolist()
    facets = replace(facets, rows=[[sweep.facets[i] for i in chosen]])
    subjects = [run.subject for run in sweep.runs]
    rises = [Rise.of(sweep.called(i, facets.names), sweep.costs[i]) for i in chosen]
    figure, axes = rises_sheet(
        captions.title(subjects, facets),
        [*captions.runs(subjects, facets), *sweep.said(), *captions.criterion(subjects)],
        rises,
    )
    if not any(rise.counts.size for rise in rises):
        say_instead(axes, NOTHING)
        return figure
    counted = f"{sweep.counted} $k$"
    draw_over_counts(axes, rises, counted if sweep.counted == ITERATIONS else f"{counted} {ASKED}")
    return figure


def _profiles(sweep: Sweep, facets: Facets) -> Figure:
    of_problem, of_solver = (
        [name for name in facets.names if (_root(name) in PROBLEM) == own] for own in (True, False)
    )
    problems, solvers = (
        {_key(facet, names): _called(facet, names) for facet in facets.every}
        for names in (of_problem, of_solver)
    )
    costs = pd.DataFrame(np.inf, list(problems), list(solvers))
    for facet, found in zip(sweep.facets, sweep.costs, strict=True):
        median = float(found.quantile(0.5)[0])
        costs.loc[_key(facet, of_problem), _key(facet, of_solver)] = median
    factors = ratios(costs.to_numpy())
    rises = []
    for i in spread(len(solvers), len(LINES)):
        solved = int(np.isfinite(factors[:, i]).sum())
        label = list(solvers.values())[i]
        rises.append(Rise(label, *profile(factors[:, i]), words.share(solved, len(problems))))
    subjects = [run.subject for run in sweep.runs]
    some = f"{words.shown_of(len(rises), len(solvers), 'solver')} drawn"
    asked = "" if sweep.counted == ITERATIONS else f" {ASKED}"
    figure, axes = rises_sheet(
        [f"Performance profile over {words.plural(len(problems), 'problem')}"],
        [
            *captions.runs(subjects, replace(facets, rows=[list(facets.every)])),
            _listed(of_problem, list(problems.values())),
            f"counted: median {sweep.counted}{asked}, over the starting points",
            *sweep.said(),
            *([some] if len(rises) < len(solvers) else []),
            *captions.criterion(subjects),
        ],
        rises,
    )
    if np.isinf(factors).all():
        say_instead(axes, NO_PROBLEM)
        return figure
    largest = max(float(rise.counts.max()) for rise in rises if rise.counts.size)
    draw_rises(axes, rises, 1.0, ends_of_counts(1.0, largest)[1])
    mark_counts(axes.xaxis, 1.0, largest, SIZE[0])
    axes.set_xlabel(r"factor $\tau$ of the least count of any solver")
    axes.set_ylabel(r"problems solved within $\tau$ times the least")
    return figure


def _costs(run: Loaded, counted: str) -> Distributions:
    """What the lanes of a run's best step size took to converge."""
    groups: Indices = np.full(len(run.experiment.step_sizes), -1)
    groups[run.experiment.step_sizes.distinct == run.overview.best] = 0
    each = _asked_a_step(run)
    if counted == EVALUATIONS and each is None and run.columns is not None:
        parts = run.columns(["status", "evaluations"])
        return distributions_of(run.experiment, parts, "evaluations", groups)
    found, _ = distributions(run.experiment, run.tiles(), groups)
    return found.times(each) if counted == EVALUATIONS and each is not None else found


def _asked_a_step(run: Loaded) -> int | None:
    return evaluations_a_step(run.experiment.method, run.experiment.objective)


def _some(n: int, best: int) -> Indices:
    """At most eight of n places, evenly spread, but for the best, which replaces a neighbour."""
    places = spread(n, len(LINES))
    if best not in places:
        inner = np.arange(1, places.size - 1)
        places[inner[np.abs(places[inner] - best).argmin()]] = best
    return np.sort(places)


def _root(name: str) -> str:
    return name.lstrip("+").partition(".")[0]


def _key(facet: Facet, names: Sequence[str]) -> str:
    """What tells problems apart, or solvers."""
    return repr([facet.swept[name] for name in names])


def _listed(names: Sequence[str], called: Sequence[str]) -> str:
    """The problems, as far as there is room for them; by what they are told apart once."""
    said = list(called)
    if len(names) == 1:
        said = [own.removeprefix(f"{short(names[0])} = ") for own in called]
        said[0] = f"{short(names[0])}: {said[0]}"
    return shorten(", ".join(said), LONGEST, placeholder=" …")


def _called(facet: Facet, names: Sequence[str]) -> str:
    width = LABEL / max(len(names), 1)
    return ", ".join(called(name, facet.swept[name], width, 1) for name in names)
