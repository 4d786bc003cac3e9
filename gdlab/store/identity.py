"""What decides a run's numbers, and the short hash of it that names the run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

import numpy as np
from omegaconf import DictConfig, OmegaConf

from gdlab.core.starts import Starts
from gdlab.experiment import Experiment
from gdlab.objectives.fingerprint import fingerprint, fingerprint_of_name

NUMERICS = 1
"""Rises whenever a change to gdlab changes any number that it computes."""
MADE_OF_DATA = tuple(
    f"gdlab.objectives.{name}" for name in ("formula", "least_squares", "logistic")
)
MADE_OF_FUNCTIONS = ("gdlab.objectives.function", "gdlab.objectives.automatic")
"""Where objectives are defined that are told by their own identity alone, and by it and code."""
MOST_HASHED = 2**24
"""Starting points, about a second's, from which on what they are made from stands for them."""


def decisive(experiment: Experiment, config: DictConfig) -> dict[str, Any]:
    """Everything that decides the numbers of a run, and nothing else.

    Grids count by their values, formulas by what they mean, Python code by its source: so settings
    that are equal in other words are equal here. So are two engines that give the same bits. Only
    of more than `MOST_HASHED` starting points that are not in memory, a mesh counts by its axes and
    random points by their recipe.
    """
    parts = {
        "numerics": NUMERICS,
        "precision": "float64",
        "objective": _description(experiment.objective, config.objective),
        "method": _description(experiment.method, config.method),
        "alpha": _digest(experiment.alpha),
        "x0": _digest_of_starts(experiment.starts),
        "pairs": experiment.pairs,
        "tol": experiment.tol.tolist(),
        "criterion": experiment.criterion,
        "max_iter": experiment.max_iter,
        "escape": experiment.escape,
    }
    if experiment.orbit is not None:
        bins = experiment.bins
        domain = None if bins is None else [bins.low, bins.high]
        parts["orbit"] = asdict(experiment.orbit) | {"domain": domain}
    if not experiment.rounds_as_numpy:
        parts["engine"] = experiment.engine
    return parts


def identity(parts: dict[str, Any]) -> str:
    """The hash of what `decisive` gives, ten hexadecimal digits."""
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _description(made: Any, config: DictConfig) -> Any:
    """What an objective or method is, in its own words or else in those of the configuration."""
    arguments = OmegaConf.to_container(config, resolve=True)
    assert isinstance(arguments, dict)
    target = str(arguments.pop("_target_"))
    home = type(made).__module__
    own: Any = made.identity if home.startswith("gdlab.objectives.") else None
    if home in MADE_OF_DATA:
        return own  # whatever made it
    if home in MADE_OF_FUNCTIONS and target.startswith("gdlab."):
        names = [name for name in ("f", "grad") if isinstance(arguments.get(name), str)]
        return own | {name: fingerprint_of_name(arguments[name]) for name in names}
    if target.startswith("gdlab."):
        return {"target": target, "arguments": arguments}  # NUMERICS stands for the source
    return {
        "target": fingerprint_of_name(target),
        "arguments": arguments,
        "code": fingerprint(type(made)),
        "own": own,
    }


def _digest_of_starts(starts: Starts) -> dict[str, Any]:
    """As `_digest` of the array (n, d) of them all, which is not made."""
    recipe = starts.recipe
    if recipe is not None and len(starts) > MOST_HASHED:
        return {"shape": list(starts.shape), **{name: _part(own) for name, own in recipe.items()}}
    digest = hashlib.sha256()
    for points in starts.tiles():
        digest.update(points.T.tobytes())
    return {"shape": list(starts.shape), "sha256": digest.hexdigest()}


def _part(of_recipe: Any) -> Any:
    if isinstance(of_recipe, np.ndarray):
        return _digest(of_recipe)
    return [_part(own) for own in of_recipe] if isinstance(of_recipe, tuple) else of_recipe


def _digest(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(values.tobytes()).hexdigest()
    return {"shape": list(values.shape), "sha256": digest}
