"""The look that all pictures share, and how a picture becomes a file."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import matplotlib.style
from matplotlib import rc_params_from_file
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine

from gdlab.figures.fonts import MAIN
from gdlab.figures.sizes import COLUMN, DPI
from gdlab.files import whole_file

P = ParamSpec("P")
R = TypeVar("R")

POINTS = 10.0
"""Size of text; others are shares of it, also of that of another style."""
INK = "#262626"
QUIET = "#5c5c5c"
GRID = "#e4e4e4"

# Fonts are named and rcdefaults are restored first: the same picture on every machine.
_SETTINGS: dict[str, Any] = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "font.family": [MAIN],
    "mathtext.fontset": "dejavusans",
    "font.size": POINTS,
    "axes.titlepad": 5,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.9,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": "medium",
    "hatch.linewidth": 0.9,
    "svg.hashsalt": "gdlab",
    "svg.fonttype": "path",
}

_SHARES = {"axes.titlesize": 1.05, "axes.labelsize": 1.1}
"""Of the size of text, where a style says nothing of them."""

# Colour-blind safe, and told apart in grey too, by M. Waskom's order of Okabe and Ito's hues.
LINES: tuple[tuple[str, Any], ...] = (
    ("#0173b2", "-"),
    ("#de8f05", (0, (5, 1.5))),
    ("#029e73", (0, (1.2, 1.2))),
    ("#d55e00", (0, (5, 1.5, 1.2, 1.5))),
    ("#cc78bc", (0, (5, 1.5, 1.2, 1.5, 1.2, 1.5))),
    ("#ca9161", (0, (9, 2))),
    ("#404040", (0, (2.5, 1.2))),
    ("#56b4e9", (0, (9, 2, 2, 2))),
)
START: dict[str, Any] = {"marker": "o", "markerfacecolor": "white", "markeredgecolor": "black"}
STAR: dict[str, Any] = {"marker": "*", "markerfacecolor": "#ffd92f", "markeredgecolor": "black"}


PAPER = "paper"
"""The name of the house's own style for print."""
STYLES = {PAPER: Path(__file__).with_name("paper.mplstyle")}
_chosen: ContextVar[str | None] = ContextVar("style", default=None)


@contextmanager
def settings(style: str | Path | None = None, width: float | None = None) -> Iterator[None]:
    """The house's Matplotlib settings, whatever the user's own are, and a style over them.

    style : "paper", one of Matplotlib's by its name, or a file of one's own. width : inches of a
    column into which pictures are to fit. Where they are not given, those of outside hold.

    Raises ValueError for a style that cannot be read.
    """
    chosen = _chosen.get() if style is None else str(style)
    own: dict[str, Any] = _SETTINGS | ({} if chosen is None else read_style(chosen))
    for name, share in _SHARES.items():
        own.setdefault(name, share * own["font.size"])
    styled, column = _chosen.set(chosen), COLUMN.set(COLUMN.get() if width is None else width)
    try:
        with mpl.rc_context():
            with warnings.catch_warnings(action="ignore"):  # of what is about windows
                matplotlib.style.use(["default", own])
            yield
    finally:
        _chosen.reset(styled)
        COLUMN.reset(column)


@cache
def read_style(style: str) -> dict[str, Any]:
    """What a style sets: the house's "paper", one of Matplotlib's, or a file.

    Raises ValueError for one that cannot be read, or sets what is not known.
    """
    if style in matplotlib.style.library:
        known: Any = matplotlib.style.library[style]
        return dict(known)
    complaints: list[str] = []
    listening = logging.Handler()
    listening.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("matplotlib")
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [listening], False
    try:
        found = rc_params_from_file(STYLES.get(style, style), use_default_template=False)
    except (OSError, ValueError) as error:
        complaints.append(str(error))
    finally:
        logger.handlers, logger.propagate = handlers, propagate
    if complaints:
        said = " ".join(complaints[0].split())
        raise ValueError(
            f"figures.style={style} cannot be read ({said}); give a file of Matplotlib's settings, "
            f"as my.mplstyle, or a name: {PAPER}, {', '.join(matplotlib.style.available[:3])}, …"
        )
    return {name: found[name] for name in found}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run `draw` under the house's settings."""

    @wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with settings():
            return draw(*args, **kwargs)

    return inside


def part_of(name: str, low: float, high: float) -> Colormap:
    """The stretch of Matplotlib's colour map `name` from the share `low` to `high`."""
    whole = mpl.colormaps[name]
    colours = [whole(low + (high - low) * i / 255) for i in range(256)]
    return LinearSegmentedColormap.from_list(f"{name}_part", colours)


AROUND_BEST = LinearSegmentedColormap.from_list(
    "around_best",
    [
        *((0.0, "#9fcdf5"), (0.25, "#3b8ad8"), (0.46, "#0b3f8a"), (0.5, "black")),
        *((0.54, "#84200c"), (0.75, "#de5a2e"), (1.0, "#f7b38f")),
    ],
)
"""Blue up to the best step size, which is black, and red beyond it; lighter the farther away."""


@styled
def save(figure: Figure, path: str | Path) -> Path:
    """Write `figure` to `path`, in the format its suffix names; the same bytes each time.

    The file appears under its name only when it is whole.
    """
    path = Path(path)
    freeze(figure)
    with whole_file(path) as temporary:
        _write(figure, temporary, path.suffix.removeprefix("."))
    return path


def _write(figure: Figure, path: Path, kind: str) -> None:
    # Figure.savefig draws once more for a layout that is settled by now.
    if kind == "png":
        FigureCanvasAgg(figure).print_png(path, pil_kwargs={"compress_level": 4})  # type: ignore[no-untyped-call]
    elif kind == "svg":
        FigureCanvasSVG(figure).print_svg(path, metadata={"Date": None})  # type: ignore[no-untyped-call]
    elif kind == "pdf":
        from matplotlib.backends.backend_pdf import FigureCanvasPdf

        FigureCanvasPdf(figure).print_pdf(path, metadata={"CreationDate": None})  # type: ignore[no-untyped-call]
    else:
        figure.savefig(path, format=kind)


def freeze(figure: Figure) -> None:
    """Lay `figure` out once and for all: the automatic layout moves a little at each drawing.

    One round of it is within 1.2 pixels of where it settles, and takes half the time of two.
    """
    engine = figure.get_layout_engine()
    if engine is None or isinstance(engine, PlaceHolderLayoutEngine):
        return
    engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        # The solver's last digits depend on where its variables lie in memory.
        bounds = [round(float(edge), 6) for edge in axes.get_position(original=True).bounds]
        axes.set_position((bounds[0], bounds[1], bounds[2], bounds[3]), which="original")
