"""What a run was asked, in the words of its configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gdlab.experiment import Experiment
from gdlab.given import shown
from gdlab.methods import name_of
from gdlab.objectives.typography import printed
from gdlab.report.numbers import coordinates, number, shortened
from gdlab.results.findings import many

MOST_MINIMISERS = 8
LONGEST_LIST = 200
"""Characters of a list of numbers as it was given."""
MEASURES = {
    "step": "the step ‖xₖ − xₖ₋₁‖",
    "gradient": "the gradient's norm ‖∇f(xₖ)‖",
    "distance": "the distance from xₖ to the nearest known minimiser",
    "gap": "the gap f(xₖ) − f*",
}

ENGINES = {
    "auto": "compiled where that gives the same bits and is worth compiling, else NumPy",
    "numpy": "NumPy",
    "numba": "compiled",
}


@dataclass(frozen=True)
class Setting:
    """A setting: what it is, what it was, and how the configuration says so, where it does."""

    name: str
    value: str
    words: str = ""


def formula(experiment: Experiment, config: Mapping[str, Any]) -> str | None:
    """The objective as a formula, as books print it; None where it is code or data."""
    expr = config["objective"].get("expr")
    if not isinstance(expr, str):
        return None
    return f"f({arguments(experiment)}) = {printed(expr)}"


def arguments(experiment: Experiment) -> str:
    """The variables, the first and the last of many."""
    names = experiment.facts.variables
    return ", ".join(names if len(names) <= 4 else (names[0], "…", names[-1]))


def settings(
    experiment: Experiment, config: Mapping[str, Any], objective: str, method: str
) -> Iterator[Setting]:
    """All settings that decide a run, and how it was computed.

    objective, method : the names by which they were chosen.
    """
    yield from _of_objective(experiment, config, objective)
    words = f"method={method}{_parameters(config['method'])}"
    yield Setting("method", name_of(experiment.method), words)
    yield Setting("step sizes α", _range(experiment), _grid(config["alpha"], "alpha"))
    starts = many(len(experiment.starts), "point")
    if len(experiment.starts) == 1:
        starts = coordinates(experiment.starts.take(range(1))[:, 0])
    yield Setting("starting points x₀", starts, _grid(config["x0"], "x0"))
    pairs = "each α with the x₀ of the same place" if experiment.pairs else "each α with each x₀"
    yield Setting("lanes", f"{experiment.n_lanes:,}, {pairs}")
    tolerances = ", ".join(f"{tol:g}" for tol in experiment.tol)
    yield Setting(
        "converged",
        f"once {MEASURES[experiment.criterion]} is below {tolerances}",
        f"tolerance.criterion={experiment.criterion}",
    )
    most = many(experiment.max_iter, "iteration")
    yield Setting("given up", f"after {most}", f"max_iter={experiment.max_iter}")
    escape = f"{experiment.escape:g}"
    yield Setting("diverged", f"beyond |x| = {escape}", f"tolerance.escape={escape}")
    if experiment.orbit is not None:
        burn_in, length = experiment.orbit.burn_in, experiment.orbit.length
        said = f"for {length:,} iterations after {burn_in:,}, for periods and Lyapunov exponents"
        words = f"orbit.burn_in={burn_in} orbit.length={length}"
        yield Setting("followed besides", said, words)
    yield Setting("engine", ENGINES[experiment.asked_engine], f"engine={experiment.asked_engine}")


def _of_objective(
    experiment: Experiment, config: Mapping[str, Any], chosen: str
) -> Iterator[Setting]:
    facts, node = experiment.facts, config["objective"]
    name = facts.name or chosen
    yield Setting("objective", name, f"objective={chosen}")
    text = formula(experiment, config)
    if text is not None:
        yield Setting("formula", text)
    else:
        yield Setting("made by", _call(node))
    if node.get("parameters"):
        named = ", ".join(f"{name} = {shown(value)}" for name, value in node["parameters"].items())
        yield Setting("parameters", named)
    if experiment.dimension > 1:
        yield Setting("variables", f"{experiment.dimension:,}: {arguments(experiment)}")
    known = facts.minimisers
    if known is not None and len(known):
        points = ", ".join(map(coordinates, known[:MOST_MINIMISERS]))
        more = f", and {len(known) - MOST_MINIMISERS} more" if len(known) > MOST_MINIMISERS else ""
        yield Setting("known minimisers" if len(known) > 1 else "minimiser", f"{points}{more}")
    if facts.minimum is not None:
        yield Setting("least value f*", number(facts.minimum))


def _range(experiment: Experiment) -> str:
    """How many step sizes there are, and between which."""
    alpha = experiment.step_sizes.distinct
    if len(alpha) == 1:
        return number(float(alpha[0]))
    return f"{len(experiment.alpha):,} from {number(float(alpha[0]))} to {number(float(alpha[-1]))}"


def _grid(node: Any, name: str) -> str:
    """Step sizes or starting points as they were given: values, or a call."""
    if isinstance(node, Mapping):
        return _call(node)
    return shortened(f"{name}={node}", LONGEST_LIST)


def _call(node: Mapping[str, Any]) -> str:
    return f"{node['_target_']}({_arguments(node)})"


def _arguments(node: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name}={shown(value)}"
        for name, value in node.items()
        if name != "_target_" and value is not None
    )


def _parameters(node: Mapping[str, Any]) -> str:
    """The parameters of a call, after the name by which it was chosen."""
    said = _arguments(node)
    return f" ({said})" if said else ""
