"""From the statements of the compiled core to JavaScript."""

from __future__ import annotations

import pytest

import gdlab
from gdlab.explorer.translation import NoJavaScriptError, code_of
from gdlab.methods import GradientDescent, Momentum
from gdlab.objectives.base import Objective

SQUARE = gdlab.Formula("x**2")


class Stepping(GradientDescent):
    """Gradient descent by statements of its own."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        return list(self.lines)


def step_of(*lines: str) -> list[str]:
    """What statements become, between the loading of x and the storing of y."""
    text = code_of(SQUARE, Stepping(*lines, "y0 = x0"), "stepping").text
    body = text.partition("step(x, memory, alpha) {\n")[2].splitlines()
    found = [line.strip() for line in body]
    return found[found.index("$g0 = (2.0 * $x0);") + 1 : found.index("$y0 = $x0;")]


def test_a_step_is_what_the_compiled_core_has_operation_by_operation():
    code = code_of(gdlab.Formula("x**4 - 3*x**2 + x"), Momentum(0.5), "momentum")
    assert "$y0 = (($x0 - ($alpha * $g0)) + (0.5 * $m0));" in code.text
    assert code.rounding == ()


@pytest.mark.parametrize(
    ("python", "javascript"),
    [
        ("new = x0 - 2.0 * alpha", "$new = ($x0 - (2.0 * $alpha));"),  # a word of JavaScript's own
        ("s = 1.0 if g0 > 0.0 else -1.0", "$s = (($g0 > 0.0) ? 1.0 : (-1.0));"),
        ("s = inf if g0 == inf else nan", "$s = (($g0 === Infinity) ? Infinity : NaN);"),
        ("s = abs(x0) / sqrt(g0)", "$s = (Math.abs($x0) / Math.sqrt($g0));"),
        ("s = x0 - g0 - 1e-300", "$s = (($x0 - $g0) - 1e-300);"),
        ("s = x0 - (g0 - 1.0)", "$s = ($x0 - ($g0 - 1.0));"),
        (
            "ok = (abs(x0) < inf) & (g0 >= 0.0)",
            "$ok = ((Math.abs($x0) < Infinity) && ($g0 >= 0.0));",
        ),
        ("s = x0 if not (g0 < 1.0) else g0", "$s = ((!($g0 < 1.0)) ? $x0 : $g0);"),
    ],
)
def test_statements_keep_their_operations_and_their_order(python, javascript):
    assert step_of(python) == [javascript]


def test_what_was_found_to_be_true_can_decide_later():
    assert step_of("far = x0 > 1.0", "s = x0 if far else g0") == [
        "$far = ($x0 > 1.0);",
        "$s = ($far ? $x0 : $g0);",
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("s = max(x0, g0)", "does not know the function max"),
        ("s = x0 // g0", "has no form of x0 // g0"),
        ("s = x0 if g0 else 1.0", "has no form of g0"),
        ("s = 0.0 < x0 < 1.0", "has no form of 0.0 < x0 < 1.0"),
        ("s = [x0]", "has no form of [x0]"),
        ("s = __import__('os')", "does not know the function __import__"),
        ("s += 1.0", "cannot read 's += 1.0'"),
        ("s = 9007199254740993 * x0", "cannot hold the whole number"),
        ("s = 'alert(1)'", "has no form of 'alert(1)'"),
        ("s = True", "has no form of True"),
    ],
)
def test_what_has_no_form_in_javascript_is_refused_by_name(line, complaint):
    with pytest.raises(NoJavaScriptError) as error:
        code_of(SQUARE, Stepping(line, "y0 = x0"), "stepping")
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("expr", "rounding"),
    [
        ("x**7/3 + abs(x)", ()),
        ("sqrt(x)", ()),
        ("sin(x)*exp(x)", ("cos", "exp", "sin")),
        ("x**1.5", ("powers",)),
        ("atan2(x, y)", ("atan2",)),
    ],
)
def test_functions_that_browsers_round_in_their_own_way_are_told(expr, rounding):
    assert code_of(gdlab.Formula(expr), GradientDescent(), "gradient descent").rounding == rounding
