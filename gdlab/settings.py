"""From a configuration to its experiment: the calls in it are made, each a `_target_`."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from gdlab import grids
from gdlab.core.orbits import Stretch
from gdlab.experiment import Experiment
from gdlab.given import ConfigError, did_you_mean, shown

MISSING = {
    "objective.expr": "objective=formula needs its formula; write for example "
    """objective=formula "objective.expr='(x-2)**2 + sin(x)'\"""",
    "objective.data": "a regression needs its table; write objective.data=PATH (CSV or Parquet) "
    "and objective.target=COLUMN, or take objective=diabetes or objective=breast_cancer",
    "objective.target": "objective.target is not given; write objective.target=COLUMN, the column "
    "of the table that is to be told from the others",
    "objective.f": "objective=function needs a function; write objective.f=my_module.f and "
    "objective.grad=my_module.grad, or objective.gradient=differences",
}


def experiment_of(config: DictConfig) -> Experiment:
    """Make the Experiment that a composed configuration describes.

    Raises ConfigError for whatever cannot be used.
    """
    try:
        objective, method = call(config.objective, "objective"), call(config.method, "method")
        offered = {"objective": objective, "method": method}
        tolerance = config.tolerance
        return Experiment(
            objective,
            grid(config, "alpha", offered),
            grid(config, "x0", offered),
            tol=plain(config.tol),
            max_iter=config.max_iter,
            criterion=tolerance.criterion,
            escape=tolerance.escape,
            method=method,
            pairs=config.pairs,
            engine=config.get("engine", "numpy"),  # older records do not say
            orbit=_orbit(config.get("orbit")),
        )
    except OmegaConfBaseException as error:
        raise ConfigError(str(error).partition("\n")[0]) from error
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _orbit(node: Any) -> Stretch | None:
    """How long lanes are followed; older records say nothing of it."""
    given = plain(node) or {}
    if given.get("length", 0) == 0:
        return None
    try:
        return Stretch(**given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"orbit.{error}") from error


def call(node: Any, key: str, **offered: Any) -> Any:
    """Make the call that a node with `_target_` describes, adding what of `offered` it takes.

    Raises ValueError for a call that cannot be made, or fails.
    """
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    function = _function(node, key)
    for name in sorted(OmegaConf.missing_keys(node)):
        raise ValueError(MISSING.get(name, f"{name} is not given"))
    target, taken = node["_target_"], _parameters(function)
    if taken is not None:
        for name in map(str, node):
            if not name.startswith("_") and name not in taken:
                others = ", ".join(sorted(taken - set(offered)))
                raise ValueError(
                    f"{key}.{name}: {target} has no parameter {name!r}"
                    f"{did_you_mean(name, taken)}; it has {others}"
                )
        offered = {name: value for name, value in offered.items() if name in taken}
    else:
        offered = {}
    try:
        with np.errstate(all="ignore"):  # what a grid gives is looked at afterwards
            return instantiate(node, _convert_="all", **offered)
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, ValueError) and str(target).startswith("gdlab."):
            reason = str(cause)
            raise ValueError(
                reason if reason.startswith(("expr", "objective", key)) else f"{key}: {reason}"
            ) from error
        reason = f"{type(cause).__name__}: {cause}" if cause else str(error).partition("\n")[0]
        raise ValueError(f"{_described(node, key)} fails with {reason}") from error


def grid(config: DictConfig, name: str, offered: Mapping[str, Any]) -> Any:
    """The numbers under `alpha` or `x0`: as they are, or what the grid call returns.

    offered : what a grid function is given if it takes it, the objective and the method.

    Raises ValueError for a call that cannot be made, fails or gives nothing.
    """
    node = config[name]
    if not isinstance(node, DictConfig):
        return plain(node)
    # compared as texts, since a NaN among the arguments is not equal to itself
    key = f"{name}_grid" if str(node) == str(config.get(f"{name}_grid")) else name
    offered = dict(offered)
    if _function(node, key) in grids.FROM_NUMPY:
        try:
            offered |= grids.for_numpy(_arguments(node))
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from error
    values = call(node, key, **offered)
    if getattr(values, "size", None) == 0:
        raise ValueError(f"{_described(node, key)} gives no values; num must be at least 1")
    return values


def announced(node: Any) -> int | None:
    """How many step sizes or starting points these are, told without making them.

    None where only making them tells.
    """
    return _told(node, grids.announced)


def held(node: Any) -> int | None:
    """How many of them are in memory at once; None where only making them tells."""
    return _told(node, grids.held)


def _told(node: Any, of_grid: Callable[[Any, dict[str, Any]], int | None]) -> int | None:
    if isinstance(node, ListConfig):
        return len(node)
    if not isinstance(node, DictConfig):
        return 1
    try:
        return of_grid(_function(node, ""), _arguments(node))
    except ValueError:
        return None


def plain(node: Any) -> Any:
    """A node of a configuration as Python's own numbers, lists and dictionaries."""
    return OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node


def as_overrides(words: Sequence[str]) -> list[str]:
    """Words whose values are YAML, as those after `--from`, as Hydra reads them."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser, made = OverridesParser.create(), []
    for word in (word.lstrip("+") for word in words):
        name = word.partition("=")[0]
        meant = plain(OmegaConf.select(OmegaConf.from_dotlist([word]), name))
        try:
            same = parser.parse_override(word).value() == meant
        except HydraException:
            same = False
        made.append(word if same else f"{name}={_hydra(meant)}")
    return made


def _hydra(value: Any) -> str:
    """A value in Hydra's grammar."""
    if isinstance(value, str):
        escaped = re.sub(r"(\\*)(?='|$)", r"\1\1", value).replace("'", "\\'")
        return f"'{escaped}'"
    if isinstance(value, list):
        return f"[{','.join(map(_hydra, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{name}:{_hydra(own)}' for name, own in value.items())}}}"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _function(node: Any, key: str) -> Any:
    if not isinstance(node, DictConfig) or "_target_" not in node:
        raise ValueError(f"{key}={shown(plain(node))} is not a call; it needs a _target_")
    target = node["_target_"]
    try:
        return pkgutil.resolve_name(str(target))
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{key}._target_={target} cannot be imported: {error}") from error


def _parameters(function: Any) -> set[str] | None:
    """Names of the parameters, or None where any name serves or they cannot be told."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    return set(parameters)


def _arguments(node: DictConfig) -> dict[str, Any]:
    return {str(name): plain(node[name]) for name in node if name != "_target_"}


def _described(node: DictConfig, key: str) -> str:
    arguments = ", ".join(f"{name}={shown(value)}" for name, value in _arguments(node).items())
    return f"{key}: {node['_target_']}({arguments})"
