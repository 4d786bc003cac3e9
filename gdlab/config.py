"""Finding conf/, checking the words of a command before Hydra, and making its Experiment."""

from __future__ import annotations

import difflib
import hashlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import ConfigAttributeError, OmegaConfBaseException

if TYPE_CHECKING:
    from gdlab.experiment import Experiment
    from gdlab.parallel import Parallel

PACKAGE = Path(__file__).resolve().parent
PLAIN_VALUES = {"alpha_grid": "alpha", "x0_grid": "x0", "tolerance": "tol"}
"""The plain value that takes what is wrongly given to a group."""

EXTRAS = {("hydra/launcher", "joblib"): "joblib", ("hydra/sweeper", "optuna"): "optuna"}
CHOSEN_BY = {
    "alpha": "alpha_grid",
    "x0": "x0_grid",
    "tol": "tolerance.tol",
    "max_iter": "tolerance.max_iter",
}
"""Where the four plain values come from unless they are given."""
NOT_DECISIVE = ("hydra.", "figures", "force", "parallel")
"""How the words begin that change no number."""
_ABSENT = object()
_MISSING = {
    "objective.expr": "objective=formula needs its formula; write for example "
    """objective=formula "objective.expr='(x-2)**2 + sin(x)'\""""
}


class ConfigError(ValueError):
    """A setting that cannot be used; the text says which, and what would be right."""


def conf_folder() -> Path:
    """Find conf/: inside the package where a wheel is installed, else beside it."""
    for folder in (PACKAGE / "conf", PACKAGE.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise ConfigError(f"the folder conf/ is neither in {PACKAGE} nor beside it; install gdlab anew")


def choices(folders: Iterable[Path]) -> dict[str, list[str]]:
    """The names that each group offers in these configuration folders."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        for file in folder.glob("*/*.yaml"):
            found.setdefault(file.parent.name, set()).add(file.stem)
    return {group: sorted(names) for group, names in sorted(found.items())}


def help_text(config_dir: str | None = None) -> str:
    """What `--help` prints: the choices there are, and how to choose.

    Hydra would print the same, half a second later: it composes the whole configuration first.
    """
    groups = choices([conf_folder(), *([Path(config_dir)] if config_dir else [])])
    listed = "".join(f"{group}: {', '.join(names)}\n" for group, names in groups.items())
    template: str = OmegaConf.load(conf_folder() / "config.yaml").hydra.help.template
    return template.replace("$APP_CONFIG_GROUPS", listed)


def check_words(overrides: Sequence[str], config_dir: str | None = None) -> None:
    """Refuse a value where a group takes the name of a choice; Hydra would fail with a traceback.

    Raises ConfigError naming the group's choices and the value that takes what was given.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import ChoiceSweep, Override, QuotedString
    from hydra.errors import HydraException

    parser = OverridesParser.create()
    groups = choices([conf_folder(), *([Path(config_dir)] if config_dir else [])])
    for word in overrides:
        if word.startswith("-"):
            continue
        try:
            override: Override = parser.parse_override(word)
        except HydraException as error:
            raise ConfigError(_unreadable(word, str(error))) from error
        group = override.key_or_group
        if group not in groups or override.is_delete():
            continue
        value = override._value
        names = value.list if isinstance(value, ChoiceSweep) else [value]
        if all(isinstance(name, str | QuotedString) for name in names):
            continue
        given = override.get_value_string()
        advice = f"choose one of {', '.join(groups[group])}"
        if group in PLAIN_VALUES:
            advice += f"; to give the values themselves, write {PLAIN_VALUES[group]}='{given}'"
        raise ConfigError(
            f"{word}: {group} chooses a file by its name, and {given} is none; {advice}"
        )


def experiment_of(config: DictConfig) -> Experiment:
    """Make the Experiment that a composed configuration describes.

    Raises ConfigError for whatever cannot be used.
    """
    from gdlab.experiment import Experiment

    try:
        objective = _call(config.objective, "objective")
        tolerance = config.tolerance
        return Experiment(
            objective,
            _grid(config, "alpha", objective),
            _grid(config, "x0", objective),
            tol=_plain(config.tol),
            max_iter=config.max_iter,
            criterion=tolerance.criterion,
            escape=tolerance.escape,
            method=_call(config.method, "method"),
            pairs=config.pairs,
            engine=config.get("engine", "numpy"),  # older records do not say
        )
    except OmegaConfBaseException as error:
        raise ConfigError(str(error).partition("\n")[0]) from error
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _grid(config: DictConfig, name: str, objective: Any) -> Any:
    """The numbers under `alpha` or `x0`: as they are, or what the grid call returns."""
    node = config[name]
    if not isinstance(node, DictConfig):
        return _plain(node)
    key = f"{name}_grid" if node == config.get(f"{name}_grid") else name
    values = _call(node, key, objective=objective)
    if getattr(values, "size", None) == 0:
        raise ConfigError(f"{_described(node, key)} gives no values; num must be at least 1")
    return values


def _call(node: DictConfig, key: str, **offered: Any) -> Any:
    """Make the call that a node with `_target_` describes, adding what of `offered` it takes."""
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    if not isinstance(node, DictConfig) or "_target_" not in node:
        raise ConfigError(f"{key}={_plain(node)!r} is not a call; it needs a _target_")
    for name in sorted(OmegaConf.missing_keys(node)):
        raise ConfigError(_MISSING.get(name, f"{name} is not given"))
    target = node["_target_"]
    try:
        function = pkgutil.resolve_name(str(target))
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"{key}._target_={target} cannot be imported: {error}") from error
    taken = _parameters(function)
    if taken is not None:
        for name in map(str, node):
            if not name.startswith("_") and name not in taken:
                others = ", ".join(sorted(taken - set(offered)))
                raise ConfigError(
                    f"{key}.{name}: {target} has no parameter {name!r}"
                    f"{_did_you_mean(name, taken)}; it has {others}"
                )
        offered = {name: value for name, value in offered.items() if name in taken}
    else:
        offered = {}
    try:
        return instantiate(node, _convert_="all", **offered)
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, ValueError) and str(target).startswith("gdlab."):
            reason = str(cause)
            raise ConfigError(
                reason if reason.startswith(("expr", key)) else f"{key}: {reason}"
            ) from error
        reason = f"{type(cause).__name__}: {cause}" if cause else str(error).partition("\n")[0]
        raise ConfigError(f"{_described(node, key)} fails with {reason}") from error


def _parameters(function: Any) -> set[str] | None:
    """Names of the parameters, or None where any name serves or they cannot be told."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    return set(parameters)


def _described(node: DictConfig, key: str) -> str:
    given = {str(name): _plain(node[name]) for name in node if name != "_target_"}
    arguments = ", ".join(f"{name}={value}" for name, value in given.items())
    return f"{key}: {node['_target_']}({arguments})"


def _plain(node: Any) -> Any:
    return OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node


def _did_you_mean(word: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(names), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values of a configuration under dotted names; a list counts as one value, as JSON."""
    found: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, dict):
            found.update(flat(value, f"{prefix}{name}."))
        else:
            found[f"{prefix}{name}"] = json.dumps(value) if isinstance(value, list) else value
    return found


def remove_hydra(config: DictConfig) -> None:
    """Take the node `hydra` out of a composed configuration."""
    with open_dict(config):
        del config["hydra"]


def check_figures(config: DictConfig) -> None:
    """Raise ConfigError for a figure or a format that does not exist."""
    from gdlab.drawable import FIGURES, FORMATS

    for key, known in (("names", FIGURES), ("formats", FORMATS)):
        given = _plain(config.figures[key])
        if not isinstance(given, list) or not set(map(str, given)) <= set(known):
            raise ConfigError(
                f"figures.{key}={given} must be a list of some of: {', '.join(known)}"
            )


def parallel_of(config: DictConfig) -> Parallel:
    """How the run's tiles are worked on.

    Raises ConfigError for what cannot be.
    """
    from gdlab.parallel import Parallel

    try:
        return Parallel(**_plain(config.get("parallel", {})))  # older records do not say
    except (TypeError, ValueError) as error:
        raise ConfigError(str(error)) from error


def sweep_folder(words: Sequence[str]) -> list[str]:
    """Name the folder of a sweep by what it sweeps, as a word for Hydra; none where it is given.

    The same sweep, its words in any order, has the same folder.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    overrides = OverridesParser.create().parse_overrides(list(words))
    if any(override.key_or_group == "hydra.sweep.dir" for override in overrides):
        return []
    by_word = dict(zip(words, overrides, strict=True))
    decisive = sorted(word for word in words if not word.startswith(NOT_DECISIVE))
    swept = [by_word[word].key_or_group for word in decisive if by_word[word].is_sweep_override()]
    keys = "-".join(key.replace("/", ".") for key in swept) or "sweep"
    digest = hashlib.sha256("\n".join(decisive).encode()).hexdigest()[:8]
    return [f"hydra.sweep.dir=${{hydra.run.dir}}/sweeps/{keys}-{digest}"]


def changed(config: Mapping[str, Any], words: Sequence[str]) -> DictConfig:
    """Give a recorded configuration with the values that `words` (name=value) change.

    Raises ConfigError for a word that is none, or a setting that does not exist.
    """
    made = OmegaConf.create({"engine": "numpy", **config})
    for plain, source in CHOSEN_BY.items():  # a plain value follows its group again
        if made[plain] == OmegaConf.select(made, source):
            made[plain] = f"${{{source}}}"
    for word in words:
        name, equals, _ = word.partition("=")
        if not equals or OmegaConf.select(made, name, default=_ABSENT) is _ABSENT:
            raise ConfigError(f"{word}: after --from only recorded settings can be changed")
        OmegaConf.update(made, name, OmegaConf.select(OmegaConf.from_dotlist([word]), name))
    return made


def unknown_key(error: ConfigAttributeError) -> str:
    """Say that a setting does not exist, and which one may be meant."""
    node, key = error.parent_node, str(error.full_key)
    siblings = (
        [str(name) for name in node if name != "hydra"] if isinstance(node, DictConfig) else []
    )
    prefix, _, last = key.rpartition(".")
    deeper = [
        f"{name}.{key}"
        for name in siblings
        if isinstance(node, DictConfig)
        and isinstance(node._get_node(name), DictConfig)
        and key in node[name]
    ]
    meant = f" (did you mean {deeper[0]}?)" if deeper else _did_you_mean(last, siblings)
    return (
        f"there is no setting {key}{meant}; "
        f"{prefix or 'the configuration'} has {', '.join(siblings)}"
    )


def unknown_choice(message: str) -> str:
    """Hydra's message on a choice that does not exist, with what may be meant."""
    message = message.partition("\nConfig search path:")[0]
    found = re.search(r"Could not find '([^']+)/([^'/]+)'", message)
    if not found:
        return message
    group, name = found.groups()
    if (group, name) in EXTRAS:
        return f"{group}={name} needs an extra: pip install 'gdlab[{EXTRAS[group, name]}]'"
    offered = [line.strip() for line in message.splitlines() if line.startswith("\t")]
    meant = _did_you_mean(name, offered)
    return f"{message}{chr(10)}{group}={name} is none of them{meant}" if offered else message


def _unreadable(word: str, reason: str) -> str:
    key, equals, value = word.partition("=")
    if not equals:
        return f"{word!r} is not a setting; write name=value, as in objective=quadratic"
    if key.endswith("expr"):
        value = value.strip("'\"")
        return f"""{word} cannot be read; put a formula in both quotes: "{key}='{value}'\""""
    if value.endswith(","):
        return f"{word} ends in a comma; put a list with spaces in quotes: {key}='[0.1, 0.2]'"
    reason = reason.partition(" expecting ")[0]
    return f"{word} cannot be read; check its brackets and quotes: {reason}"
