"""The page of all objectives and its pictures, made anew from conf/: `python docs/gallery.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from omegaconf import DictConfig, OmegaConf

import gdlab
from gdlab.config import conf_folder
from gdlab.figures.contours import SEA
from gdlab.figures.style import LINES, STAR, save, styled
from gdlab.objectives.base import Array
from gdlab.settings import call

PAGE = Path(__file__).parent / "objectives.md"
PICTURES = PAGE.parent / "objectives"
SIZE = 1.7
"""Inches of a picture's sides."""
SAMPLES = 121
LEVELS = 14
MOST_MINIMISERS = 6
NEAR = {"ackley": 3.5, "griewank": 12.0, "easom": 7.0}
"""How far from 0 the pictures go whose ripples are too fine, or whose hole is too small."""

HEAD = """\
# The objectives

Each is a file in `conf/objective/` and chosen by its name, as in `python -m gdlab objective=booth`.
Those that have a dimension d take any: `python -m gdlab objective=rastrigin objective.dimension=5`;
below they are as they come. Starting points then fill the domain: a line, a plane, or random points
for d > 2 (`x0_grid=domain`).

Pictures show f on its domain, unless they say otherwise: the lower the darker, each colour on as
much of it as any other, with a star at each known minimiser. Where there are more than two
variables, it is the plane of the first two, the others being as at the minimiser. This page and its
pictures are made from the files by `python docs/gallery.py`.
"""


def objectives() -> dict[str, tuple[Path, DictConfig]]:
    """The file and the settings of each objective that is a formula of its own, by name."""
    found = {}
    for path in sorted(conf_folder().glob("objective/*.yaml")):
        config = OmegaConf.load(path)
        assert isinstance(config, DictConfig)
        config.pop("defaults", None)
        if config["_target_"] == "gdlab.Formula" and not OmegaConf.missing_keys(config):
            found[path.stem] = path, config
    return found


def entry(name: str, path: Path, config: DictConfig, f: gdlab.Formula) -> str:
    """What the page says of an objective."""
    comment = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.removeprefix("#").strip())
    facts = [
        f"`{' '.join(config.expr.split())}`",
        *(f"{key} = {value}" for key, value in config.get("parameters", {}).items()),
        *([f"d = {config.dimension}"] if "dimension" in config else []),
        f"domain {domain(f)}",
        *([f"pictured on [-{NEAR[name]:g}, {NEAR[name]:g}]²"] if name in NEAR else []),
        *minima(f),
    ]
    return "\n".join(
        [
            f"## {name}",
            "",
            f'<img src="objectives/{name}.png" alt="{f.name}" align="right">',
            "",
            " ".join(comment),
            "",
            *(f"- {fact}" for fact in facts),
            "",
            '<br clear="right">',
            "",
        ]
    )


def domain(f: gdlab.Formula) -> str:
    """Where f is looked at, one interval where all are the same."""
    intervals = [f"[{low:g}, {high:g}]" for low, high in f.domain]
    return " × ".join(dict.fromkeys(intervals) if len(set(intervals)) == 1 else intervals)


def minima(f: gdlab.Formula) -> list[str]:
    """The known minima from the lowest on, a line for each value."""
    if f.minimisers is None or not len(f.minimisers):
        return ["no minimiser is known"]
    values = f(f.minimisers.T)
    lines: dict[str, list[str]] = {}
    for place in np.argsort(values, kind="stable")[:MOST_MINIMISERS]:
        point = ", ".join(f"{coordinate:.10g}" for coordinate in f.minimisers[place] + 0.0)
        value = f"{round(float(values[place]), 10) + 0.0:.10g}"
        lines.setdefault(value, []).append(f"({point})" if f.dimension > 1 else point)
    said = [f"f = {value} at {' and '.join(points)}" for value, points in lines.items()]
    more = len(values) - MOST_MINIMISERS
    return said + [f"{more} more minima"] * (more > 0)


@styled
def picture(f: gdlab.Formula, near: float | None = None) -> Figure:
    """The curve of f, or its contours in the plane of the first two variables.

    near : how far it goes from 0, by default over the domain.
    """
    figure = Figure(figsize=(SIZE, SIZE), layout="constrained")
    axes = figure.add_subplot()
    axes.tick_params(labelsize=7)
    known = np.empty((0, f.dimension)) if f.minimisers is None else f.minimisers
    if f.dimension == 1:
        x = np.linspace(*f.domain[0], 4 * SAMPLES)
        axes.plot(x, f(x[None]), color=LINES[0][0])
        axes.plot(known[:, 0], f(known.T), linestyle="", markersize=7, **STAR)
        return figure
    ends = f.domain[:2] if near is None else [(-near, near)] * 2
    x, y = (np.linspace(low, high, SAMPLES) for low, high in ends)
    axes.contourf(x, y, *_surface(f, x, y, known), cmap=SEA)
    axes.plot(*known[:, :2].T, linestyle="", markersize=7 if len(known) < 20 else 4, **STAR)
    return figure


def _surface(f: gdlab.Formula, x: Array, y: Array, known: Array) -> tuple[Array, Any]:
    """How much of the plane is below f at each point, and the levels between the colours."""
    points = np.empty((f.dimension, x.size * y.size))
    points[:2] = np.stack(np.meshgrid(x, y)).reshape(2, -1)
    points[2:] = known[0, 2:, None] if f.dimension > 2 else 0
    values = f(points)
    share = np.searchsorted(np.sort(values), values) / values.size
    return share.reshape(y.size, x.size), np.linspace(0, 1, LEVELS)


def write(page: Path = PAGE, pictures: Path = PICTURES) -> None:
    """Write the page, and a picture for each objective."""
    entries = []
    for name, (path, config) in objectives().items():
        f = call(config, "objective")
        entries.append(entry(name, path, config, f))
        save(picture(f, NEAR.get(name)), pictures / f"{name}.png")
    page.write_text("\n".join([HEAD, *entries]), encoding="utf-8")


if __name__ == "__main__":
    write()
