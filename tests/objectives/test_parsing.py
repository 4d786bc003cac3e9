"""Formulas are read, never run: what is taken, and what is refused and how."""

from __future__ import annotations

import ast
import builtins
import math
import os
import types
from contextlib import suppress

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import gdlab
from gdlab.objectives.parsing import FUNCTIONS, TAKING_TWO, parse

x, y = sympy.symbols("x y", real=True)


def same(found: sympy.Expr, expected: sympy.Expr) -> bool:
    return sympy.simplify(found - expected) == 0


class TestRead:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("x**2 + 4*x + 4", x**2 + 4 * x + 4),
            ("-x**2", -(x**2)),
            ("+x - -x", 2 * x),
            ("2**3**2*x", 512 * x),
            ("x/2/4", x / 8),
            ("(x - 1)*(x + 1)", x**2 - 1),
            ("0.1*x", x / 10),
            ("1e-3*x", x / 1000),
            ("1_000*x", 1000 * x),
            ("pi*x", sympy.pi * x),
            (" \n x \n ", x),
            ("sqrt(x**2)", sympy.Abs(x)),
            ("abs(x)*y", sympy.Abs(x) * y),
            ("exp(log(1 + x**2))", 1 + x**2),
            ("sin(x)**2 + cos(x)**2 + y", 1 + y),
            ("x*(1/3)", x / 3),
        ],
    )
    def test_a_formula_means_what_it_means_on_paper(self, text, expected):
        assert same(parse(text, {}), expected)

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_every_function_has_its_usual_value(self, function):
        usual = abs if function == "abs" else getattr(math, function)
        given = (0.3, -0.7) if function in TAKING_TWO else (0.3,)
        text = f"{function}({', '.join(map(repr, given))})"
        assert float(parse(text, {})) == pytest.approx(usual(*given), rel=1e-15)

    def test_a_line_break_inside_parentheses_is_only_space(self):
        assert same(parse("(x +\n 1)", {}), x + 1)

    @given(st.floats(1e-6, 1e6), st.floats(-1e6, 1e6))
    def test_a_decimal_counts_as_it_is_written(self, scale, shift):
        found = parse(f"{scale!r}*x + {shift!r}", {})
        exact = sympy.Rational(repr(scale)) * x + sympy.Rational(repr(shift))
        assert found == exact

    @given(st.text(max_size=30))
    def test_any_text_is_a_formula_or_a_value_error(self, text):
        try:
            gdlab.Formula(text)
        except ValueError as refusal:
            assert "expr" in str(refusal)  # noqa: PT017 (other errors are to fail the test)

    @given(st.text("xy0123456789.+-*/()^, esincoqrtabl", max_size=24))
    def test_any_arithmetic_scribble_is_a_formula_or_a_value_error(self, text):
        try:
            gdlab.Formula(text)
        except ValueError as refusal:
            assert "expr" in str(refusal)  # noqa: PT017 (other errors are to fail the test)


REFUSED = {
    # what is wrong: (formula, what the message must say)
    "nothing": ("", "not a formula"),
    "space": ("   ", "not a formula"),
    "no text": (None, "None is not a formula"),
    "a number": (3, "3 is not a formula"),
    "a decimal": (2.5, "2.5 is not a formula"),
    "a list": (["x"], "not a formula"),
    "a callable": (math.sin, "not a formula"),
    "a caret": ("x^2", "write ** instead"),
    "a raised number": ("3*x² - x³", "it is 3*x**2 - x**3"),
    "a raised negative number": ("x⁻²", "it is x**-2"),
    "a lowered number": ("x₁² + x₁₂", "it is x1**2 + x12"),
    "printed signs": ("2·x×y − y÷x", "it is 2*x*y - y/x"),
    "a printed product of letters": ("x·x + 4*x", "it is x*x + 4*x"),
    "a printed product with a function": ("a·sin(x)", "it is a*sin(x)"),
    "a printed root": ("√x + √(x+1)", "it is sqrt(x) + sqrt(x+1)"),
    "bars": ("|x - 1|", "it is abs(x - 1)"),
    "a printed half": ("½·x²", "it is (1/2)*x**2"),
    "printed and no sign of product": ("x²y", "it is x**2y; write every product with *"),
    "a Greek pi": ("π*x", "π is neither a variable nor a number here; write pi"),
    "a decimal comma": ("x + 0,5", "write decimals with a point"),
    "an equation": ("y = x**2", "give what is to be minimised alone"),
    "too many parentheses": ("(" * 500 + "x" + ")" * 500, "nested too deeply"),
    "no sign of product": ("2x", "write every product with *"),
    "no sign after a parenthesis": ("(x + 1)(x - 1)", "not part of a formula"),
    "a number before a parenthesis": ("2(x)", "write every product with *"),
    "a variable before a parenthesis": ("x(2)", "if x is a factor, write x*(…)"),
    "two lines": ("(x\n+ y z)", "expr=(x + y z) is not"),
    "a name that Python keeps": ("lambda**2", "lambda is reserved in Python"),
    "half a formula": ("x +", "not a formula that can be read"),
    "one parenthesis": ("(x + 1", "not a formula that can be read"),
    "two formulas": ("x; y", "not a formula that can be read"),
    "an assignment": ("x = 2", "not a formula that can be read"),
    "a named expression": ("(x := 2)", "not part of a formula"),
    "an import": ("__import__('os').getpid()", "not part of a formula"),
    "a bare import": ("__import__('os')", "function __import__ is not known"),
    "an attribute": ("x.real", "'x.real' is not part of a formula"),
    "a dunder": ("x.__class__.__bases__", "not part of a formula"),
    "a method": ("(1).__class__()", "not part of a formula"),
    "an index": ("x[0]", "'x[0]' is not part of a formula"),
    "a lambda": ("lambda x: x**2", "not part of a formula"),
    "a call of a lambda": ("(lambda: 1)()", "not part of a formula"),
    "a list in it": ("[x, 1]", "not part of a formula"),
    "a tuple": ("x, 1", "not part of a formula"),
    "a comprehension": ("[x for x in (1,)]", "not part of a formula"),
    "a condition": ("x if x else 1", "not part of a formula"),
    "a comparison": ("x < 1", "not part of a formula"),
    "logic": ("x and 1", "not part of a formula"),
    "a rest": ("x % 2", "not part of a formula"),
    "a floor": ("x // 2", "not part of a formula"),
    "a matrix product": ("x @ x", "not part of a formula"),
    "a complement": ("~x", "not part of a formula"),
    "a text in it": ("x + 'a'", "'a' is not a real number"),
    "a formatted text": ("f'{x}'", "not part of a formula"),
    "a truth": ("x + True", "True is not a real number"),
    "an imaginary number": ("x + 2j", "2j is not a real number"),
    "an ellipsis": ("...", "not part of a formula"),
    "a star": ("sin(*x)", "not part of a formula"),
    "an unknown function": ("foo(x)", "function foo is not known; there are sin, cos"),
    "eval": ("eval('x')", "function eval is not known"),
    "a function in another's name": ("ln(x)", "function ln is not known (did you mean log?)"),
    "a function with a capital": ("Sin(x)", "did you mean sin?"),
    "a decimal logarithm": ("log10(x)", "did you mean log(…)/log(10)?"),
    "a function without argument": ("sin", "sin is a function; write sin(…)"),
    "two arguments": ("log(x, 2)", "log takes one argument"),
    "no argument": ("sin()", "sin takes one argument"),
    "one argument of two": ("atan2(x)", "atan2 takes two arguments"),
    "a named argument": ("sin(x=1)", "sin takes one argument"),
    "a tower": ("9**9**9", "9**9**9 is not a real, finite number"),
    "a tower of constants": ("x + 9**9**9", "9**9**9 is not a real, finite number"),
    "a tower on x": ("x**9**9", "beyond 1000"),
    "a tower in two parts": ("(x**1000)**1000", "1000 is the largest"),
    "a hidden tower": ("x + (10**300)**1000", "not a real, finite number"),
    "a tower of exponentials": ("x + exp(exp(exp(9)))", "not a real, finite number"),
    "an enormous number": ("x + " + "9" * 400, "too large"),
    "a number beyond floats": ("x + 1e999", "too large"),
    "a number beyond Python": ("1" * 4301 + "*x", "a number in it is too large"),
    "a number below floats": ("1e-400*x", "1e-400 is so small that it is 0"),
    "a product below floats": ("1e-200*1e-200*x", "so small that it is 0"),
    "a division by zero": ("1/0", "1/0"),
    "x by zero": ("x/0", "divides by zero"),
    "a hidden division by zero": ("x/(1 - 1)", "divides by zero"),
    "zero of x": ("1/(x - x)", "not a real, finite formula"),
    "zero to a negative power": ("x + 0**-1", "0**-1 is not a real, finite number"),
    "a root of -1": ("sqrt(-1)", "sqrt(-1) is not a real, finite number"),
    "a power of -1": ("x*(-1)**0.5", "not a real, finite number"),
    "a logarithm of 0": ("x*log(0)", "log(0) is not a real, finite number"),
    "a logarithm of -1": ("x + log(-1)", "log(-1) is not a real, finite number"),
    "an arcsine of 2": ("x*asin(2)", "asin(2) is not a real, finite number"),
    "a hidden root of -1": ("sqrt(-x**2)", "not a real, finite formula"),
    "infinity": ("x + oo", "oo is neither a variable nor a number here"),
    "not a number": ("x + nan", "nan is neither"),
    "I": ("I*x", "I is neither"),
    "e": ("e**x", "write exp(…)"),
    "a sum of nothing": ("x - x", "does not depend on x"),
    "constants only": ("2 + 3", "has no variable"),
    "only pi": ("pi", "has no variable"),
    "a long formula": ("x+" * 10**5 + "x", "longer than 10000 characters"),
    "deep signs": ("-" * 5000 + "x", "expr"),
    "deep parentheses": ("(" * 1000 + "x" + ")" * 1000, "expr"),
    "deep functions": ("sin(" * 199 + "x" + ")" * 199, "deep"),
    "deep products": ("x*(1+" * 199 + "x" + ")" * 199, "deep"),
    "deep powers": ("**".join(["x"] * 1500), "deep"),
    "a long sum": ("+".join(["x"] * 1000), "too long a sum"),
    "a null": ("x\0", "expr"),
    "a comment": ("# x", "expr"),
}


class TestRefused:
    @pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED.keys())
    def test_what_is_not_a_formula_is_refused_with_the_reason(self, text, says):
        with pytest.raises(ValueError, match="expr") as refusal:
            gdlab.Formula(text)
        assert says in str(refusal.value)
        assert len(str(refusal.value)) < 400

    @pytest.mark.parametrize("text", ["0**x", "(-2)**x", "log(-2)*x", "x**(1/2)*sqrt(-1)"])
    def test_no_formula_has_a_gradient_that_is_nowhere_real(self, text):
        with pytest.raises(ValueError, match="not a real, finite"):
            gdlab.Formula(text)

    def test_the_longest_hostile_formula_has_no_effect(self, monkeypatch, tmp_path):
        gdlab.Formula("x**2")  # imports what it needs before anything is watched
        witness = tmp_path / "witness"
        touched = []

        def refuse(*arguments, **keywords):
            touched.append(arguments)
            raise AssertionError("a formula was run")

        monkeypatch.setattr(os, "system", refuse)
        monkeypatch.setattr(os, "getpid", refuse)
        hostile = [
            "__import__('os').getpid()",
            f"__import__('pathlib').Path({str(witness)!r}).touch()",
            f"open({str(witness)!r}, 'w').close()",
            f'exec("open({str(witness)!r}, chr(119)).close()")',
            "eval('__import__(chr(111)+chr(115)).getpid()')",
            "x.__class__.__mro__[1].__subclasses__()",
            "(lambda: __import__('os').system('true'))()",
            "[c for c in ().__class__.__base__.__subclasses__()]",
            "x + sin(__import__('os').getpid())",
            "sin(getpid())",
            "Symbol('x')",
            "f'{__import__(\"os\").getpid()}'",
            "S('__import__(\"os\").getpid()')",
        ]
        for text in hostile:
            with pytest.raises(ValueError, match="expr"):
                gdlab.Formula(text)
        assert not touched
        assert not witness.exists()
        for text in hostile:  # Python itself would have been caught
            with suppress(AssertionError, NameError):
                eval(text)
        assert len(touched) == 4
        assert witness.exists()

    def test_the_text_never_reaches_eval_exec_or_compile(self, monkeypatch):
        seen = []
        for name in ("eval", "exec", "compile"):
            honest = getattr(builtins, name)

            def watched(source, *arguments, honest=honest, **keywords):
                flags = [*arguments, *keywords.values()]
                if not (isinstance(source, types.CodeType) or ast.PyCF_ONLY_AST in flags):
                    seen.append(str(source))
                return honest(source, *arguments, **keywords)

            monkeypatch.setattr(builtins, name, watched)
        parse("1_000*x**2 + sin(3*x)", {})
        with pytest.raises(ValueError, match="expr"):
            parse("__import__('os').getpid()", {})
        assert not seen
        gdlab.Formula("1_000*x**2 + sin(3*x)").grad([[1.0]])
        # what is compiled is printed from the tree, where a number has no underscore
        assert any("1000" in text for text in seen)
        assert not any("1_000" in text for text in seen)
