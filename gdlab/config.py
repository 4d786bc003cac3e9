"""What Hydra is given and what it says: conf/, the words of a command, its errors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from gdlab.figures.applicable import FIGURES
from gdlab.given import ConfigError, did_you_mean, one_line
from gdlab.objectives.typography import typed
from gdlab.settings import plain
from gdlab.store.members import flat

PACKAGE = Path(__file__).resolve().parent
PLAIN_VALUES = {
    "alpha_grid": "alpha",
    "x0_grid": "x0",
    "tolerance": "tol",
    "figures": "figures.names",
}
"""The plain value that takes what is wrongly given to a group."""

EXTRAS = {("hydra/launcher", "joblib"): "joblib", ("hydra/sweeper", "optuna"): "optuna"}
CHOSEN_BY = {
    "alpha": "alpha_grid",
    "x0": "x0_grid",
    "tol": "tolerance.tol",
    "max_iter": "tolerance.max_iter",
}
"""Where the four plain values come from unless they are given."""
NOT_DECISIVE = ("hydra.", "figures", "force", "parallel", "report")
"""How the words begin that change no number."""
SWEEP = re.compile(r"\+{0,2}hydra\.mode=(RunMode\.)?MULTIRUN")
RUN_WORD = "hydra.mode=RUN"
PARAMETERS = re.compile(r"objective\.parameters(\.\w+)*=")
INTERVAL = "does not support sweep type : INTERVAL_SWEEP"
"""What Hydra's own sweeper says of an interval."""
_ABSENT = object()


def conf_folder() -> Path:
    """Find conf/: inside the package where a wheel is installed, else beside it."""
    for folder in (PACKAGE / "conf", PACKAGE.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise ConfigError(f"the folder conf/ is neither in {PACKAGE} nor beside it; install gdlab anew")


def working_folder() -> Path:
    """Give the folder in which gdlab was started.

    Raises ConfigError where it has been deleted since.
    """
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise ConfigError(
            "the folder in which this was started is no longer there; change to another one (cd)"
        ) from None


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
    from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, QuotedString
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
        if isinstance(value, Glob):
            if not value.filter(groups[group]):
                raise ConfigError(f"{word} fits none of {', '.join(groups[group])}")
            continue
        names = value.list if isinstance(value, ChoiceSweep) else [value]
        if all(isinstance(name, str | QuotedString) for name in names):
            continue
        given = override.get_value_string()
        advice = f"choose one of {', '.join(groups[group])}"
        if group in PLAIN_VALUES and (group != "figures" or isinstance(value, list)):
            advice += f"; to give the values themselves, write {PLAIN_VALUES[group]}='{given}'"
        raise ConfigError(
            f"{word}: {group} chooses a file by its name, and {given} is none; {advice}"
        )


def with_parameters(words: Sequence[str]) -> list[str]:
    """Let parameters of an objective be given that its file does not have.

    For Hydra they are added or replaced (++); the objective refuses those that it does not know.
    """
    return [f"++{word}" if PARAMETERS.match(word) else word for word in words]


@contextmanager
def composed_once() -> Iterator[None]:
    """Let Hydra compose the configuration of a single run once.

    It composes all of it to learn nothing but `hydra.mode`, and then the same again to run it.
    """
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.types import RunMode

    class Loader(ConfigLoaderImpl):
        kept: tuple[list[str], DictConfig] | None = None

        def load_configuration(
            self,
            config_name: str | None,
            overrides: list[str],
            run_mode: RunMode,
            from_shell: bool = True,
            validate_sweep_overrides: bool = True,
        ) -> DictConfig:
            load = partial(super().load_configuration, config_name, overrides)
            if not validate_sweep_overrides:  # the mode is asked for
                try:
                    made = load(RunMode.RUN)
                except Exception:  # a sweep, perhaps; else Hydra comes upon it again
                    return load(run_mode, from_shell, validate_sweep_overrides)
                # Where the mode is left open, Hydra adds it to the words.
                self.kept = [*overrides, RUN_WORD], made
                return made
            kept, self.kept = self.kept, None
            if kept is None or kept[0] != overrides or run_mode != RunMode.RUN:
                return load(run_mode, from_shell)
            made = kept[1]
            made.hydra.mode = RunMode.RUN
            made.hydra.overrides.hydra.append(RUN_WORD)
            return made

    machinery: Any = import_module("hydra._internal.hydra")
    machinery.ConfigLoaderImpl = Loader
    try:
        yield
    finally:
        machinery.ConfigLoaderImpl = ConfigLoaderImpl


def remove_hydra(config: DictConfig) -> None:
    """Take the node `hydra` out of a composed configuration."""
    with open_dict(config):
        del config["hydra"]


def asks_for_sweep(words: Sequence[str]) -> bool:
    """Whether these words of a command make a sweep of it, as the option -m does."""
    return any(SWEEP.fullmatch(word) for word in words)


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
    made = OmegaConf.create({"engine": "numpy", "report": True, **config})
    for value, source in CHOSEN_BY.items():  # a plain value follows its group again
        if made[value] == OmegaConf.select(made, source):
            made[value] = f"${{{source}}}"
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ConfigError(f"{word!r} is not a setting; write name=value, as in tol=1e-9")
        name = name.lstrip("+")
        if name not in CHOSEN_BY and isinstance(made.get(name), DictConfig):
            settings = ", ".join(f"{name}.{key}=…" for key in made[name] if key != "_target_")
            raise ConfigError(
                f"{word}: after --from no group can be chosen anew, since the run is done from its "
                "own record; "
                + (f"change its settings one by one ({settings}), or " if settings else "")
                + f"make the choice in a run of its own: python -m gdlab {word}"
            )
        if OmegaConf.select(made, name, default=_ABSENT) is _ABSENT:
            meant = did_you_mean(name, flat(plain(made)))
            raise ConfigError(f"{word}: after --from only recorded settings can be changed{meant}")
        given = OmegaConf.from_dotlist([f"{name}={value}"])
        OmegaConf.update(made, name, OmegaConf.select(given, name))
    return made


def unknown_key(error: OmegaConfBaseException) -> str:
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
    meant = f" (did you mean {deeper[0]}?)" if deeper else did_you_mean(last, siblings)
    there = f"has {', '.join(siblings)}" if siblings else "has no settings of its own"
    if "_target_" in siblings and not meant:
        there += f"; a parameter of your own is added with a plus sign, as in +{key}=..."
    return f"there is no setting {key}{meant}; {prefix or 'the configuration'} {there}"


def words_for(message: str) -> str:
    """A message of Hydra's, with what may be meant where that can be said."""
    if INTERVAL in message:
        return (
            "an interval is no list of values, and needs a search: with hydra/sweeper=optuna (the "
            "extra: pip install 'gdlab[optuna]') it is one; values are listed as in alpha=0.1,0.3"
        )
    message = message.partition("\nConfig search path:")[0]
    found = re.search(r"Could not find '([^']+)/([^'/]+)'", message)
    if not found:
        return one_line(message)
    group, name = found.groups()
    if (group, name) in EXTRAS:
        return f"{group}={name} needs an extra: pip install 'gdlab[{EXTRAS[group, name]}]'"
    offered = [line.strip() for line in message.splitlines() if line.startswith("\t")]
    meant = did_you_mean(name, offered)
    if group == "figures" and name in FIGURES:
        meant = f"; for this picture alone write figures.names='[{name}]'"
    return f"{message}\n{group}={name} is none of them{meant}" if offered else one_line(message)


def _unreadable(word: str, reason: str) -> str:
    key, equals, value = word.partition("=")
    if not equals:
        return f"{word!r} is not a setting; write name=value, as in objective=quadratic"
    if key.endswith("expr"):
        value = typed(value.strip("'\""))
        return f"""{word} cannot be read; put a formula in both quotes: "{key}='{value}'\""""
    if value.endswith(","):
        return f"{word} ends in a comma; put a list with spaces in quotes: {key}='[0.1, 0.2]'"
    reason = reason.partition(" expecting ")[0]
    return f"{word} cannot be read; check its brackets and quotes: {reason}"
