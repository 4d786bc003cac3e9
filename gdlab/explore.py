"""`python -m gdlab.explore FORMULA`: a page in which a formula is descended, and opens it."""

from __future__ import annotations

from gdlab.terminal import process as terminal

TYPE_CHECKING = False  # see gdlab.terminal.process
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

FOLDER = "outputs/explorer"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; 0 if it is there, 2 for what cannot be used."""
    import sys

    given = sys.argv[1:] if arguments is None else arguments
    # argparse takes what begins with a minus for an option, unless there is a space in it
    options = _parser().parse_args([f" {word}" if _is_formula(word) else word for word in given])
    try:
        path = _write(options)
    except ValueError as error:
        terminal.complain(str(error))
        return 2
    except OSError as error:
        terminal.complain(f"{options.out or FOLDER} cannot be written: {error.strerror}")
        return 2
    with terminal.Writing():
        print(path)
    if options.browser:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
    return 0


def _parser() -> ArgumentParser:
    from argparse import ArgumentParser, BooleanOptionalAction
    from pathlib import Path

    parser = ArgumentParser(
        prog="python -m gdlab.explore",
        description="Write a page in which a formula of one or two variables is descended, from "
        "every start and with every step size, and open it.",
        epilog="example: python -m gdlab.explore 'x**4 - 3*x**2 + x' --alpha 0.01 0.3",
    )
    parser.add_argument("formula", help="of one or two variables, as in 'x**4 - 3*x**2 + x'")
    for name, meaning in (
        ("--alpha", "step sizes; by default up to beyond 2/L"),
        ("--x0", "starting points; by default around the minima"),
    ):
        parser.add_argument(name, nargs=2, type=float, metavar=("LOW", "HIGH"), help=meaning)
    parser.add_argument("--method", default="gradient_descent", help="as of python -m gdlab")
    parser.add_argument("--tol", type=float, default=1e-6, help="the tolerance, 1e-6 by default")
    parser.add_argument("--max-iter", type=int, default=1000, help="1000 by default")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"by default in {FOLDER}/")
    parser.add_argument(
        "--browser", action=BooleanOptionalAction, default=True, help="open the page, or not"
    )
    return parser


def _is_formula(word: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and word != "-h"


def _write(options: Any) -> Path:
    import re
    from pathlib import Path

    from gdlab.experiment import Experiment
    from gdlab.explorer import columns_of, page, section
    from gdlab.explorer.ranges import starts_of, step_sizes_of
    from gdlab.files import checksum, write_text
    from gdlab.objectives.formula import Formula
    from gdlab.store.shares import descend

    formula = options.formula.strip()
    objective, method = Formula(formula), _method(options.method)
    x0 = starts_of(objective, _ends("x0", options.x0))
    alpha = step_sizes_of(objective, method, _ends("alpha", options.alpha))
    experiment = Experiment(
        objective, alpha, x0, tol=options.tol, max_iter=options.max_iter, method=method
    )
    made = section(experiment, columns_of(descend(experiment)))
    if made.why_not:
        raise ValueError(made.why_not)
    words = re.sub(r"\W+", "-", formula)[:40].strip("-")
    asked = (formula, options.method, options.alpha, options.x0, options.tol, options.max_iter)
    name = f"{words}-{checksum(repr(asked).encode())[:6]}"
    path: Path = options.out or Path(FOLDER) / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, page(made, formula))
    return path


def _ends(name: str, given: Sequence[float] | None) -> tuple[float, float] | None:
    """Raises ValueError for ends between which there is nothing."""
    from gdlab.given import finite

    if given is None:
        return None
    low, high = (finite(name, end) for end in given)
    if not low < high:
        raise ValueError(f"{name}={low:g} {high:g} are no ends; give the lower one first")
    if name == "alpha" and not low > 0:
        raise ValueError(f"alpha={low:g} is not a step size; it must be positive and finite")
    return low, high


def _method(name: str) -> Any:
    """Give the method of this name. Raises ValueError if there is none."""
    import re

    from gdlab import methods
    from gdlab.given import did_you_mean

    known = {
        re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one.__name__).lower(): one
        for one in vars(methods).values()
        if isinstance(one, type) and one is not methods.Method and hasattr(one, "memory")
    }
    if name not in known:
        raise ValueError(
            f"method={name} is not known{did_you_mean(name, known)}; choose one of "
            f"{', '.join(sorted(known))}"
        )
    return known[name]()


if __name__ == "__main__":
    terminal.run(main)
