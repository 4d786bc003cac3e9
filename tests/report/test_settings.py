"""What a run was asked, as a reader of its report sees it."""

from __future__ import annotations

import pytest

from gdlab.objectives.typography import printed
from gdlab.report.repeating import command, folder_of_choices, quoted


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("x**2 + 4*x + 4", "x² + 4x + 4"),
        ("(x**2 + y - 11)**2", "(x² + y − 11)²"),
        ("10*y**2*x", "10y²·x"),
        ("2*(x + 1)", "2(x + 1)"),
        ("2*exp(x)", "2·exp(x)"),
        ("a * x ** b", "a·x ** b"),
        ("x**12 - 2**-x", "x¹² − 2**−x"),
        ("1e3*x**2.5", "1e3·x**2.5"),
        ("x1*2*x2", "x1·2·x2"),
    ],
)
def test_a_formula_is_printed_as_books_have_it(typed, expected):
    assert printed(typed) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("tol=1e-3", "tol=1e-3"),
        ("alpha=[0.1,0.2]", "'alpha=[0.1,0.2]'"),
        ("objective.expr='x**2'", "\"objective.expr='x**2'\""),
        ("objective.name='$HOME'", "'objective.name='\"'\"'$HOME'\"'\"''"),
        ("objective.name=Bügel", "'objective.name=Bügel'"),
    ],
)
def test_a_word_is_quoted_as_one_would_type_it(word, expected):
    assert quoted(word) == expected


@pytest.mark.parametrize(
    ("said", "folder"),
    [
        ("python -m gdlab alpha=0.1", None),
        ("python -m gdlab --config-dir own objective=mine", "own"),
        ("python -m gdlab -cd own", "own"),
        ("python -m gdlab '--config-dir=my own' x=1", "my own"),
    ],
)
def test_the_folder_of_a_user_s_own_choices_belongs_to_the_command(said, folder):
    assert folder_of_choices(said) == folder
    if folder:
        assert command(["alpha=0.1"], folder="my own") == (
            "python -m gdlab --config-dir 'my own' alpha=0.1"
        )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["alpha_grid.num=5"],
            {
                "step sizes α": "5 from 0.0125 to 1.25 "
                "numpy.linspace(start=0.0125, stop=1.25, num=5)",
                "starting points x₀": "101 points gdlab.grids.line(num=101)",
                "minimiser": "−2",
                "method": "gradient descent method=gradient_descent",
            },
        ),
        (
            ["method=momentum", "method.beta=0.5", "alpha=[0.1]", "x0=3", "tol=[1e-3,1e-6]"],
            {
                "method": "momentum, β = 0.5 method=momentum (beta=0.5)",
                "step sizes α": "0.1 alpha=[0.1]",
                "starting points x₀": "3 x0=3",
                "converged": "once the step ‖xₖ − xₖ₋₁‖ is below 0.001, 1e-06 "
                "tolerance.criterion=step",
            },
        ),
        (
            ["objective=sphere", "objective.dimension=6", "alpha=0.1", "x0_grid=zero"],
            {
                "variables": "6: x1, …, x6",
                "minimiser": "(0, 0, 0, 0, …)",
                "lanes": "1, each α with each x₀",
            },
        ),
        (
            [
                *("objective=function", "objective.f=scipy.optimize.rosen"),
                *("objective.grad=scipy.optimize.rosen_der", "alpha=[0.001]", "x0=[[1,2]]"),
                *("objective.variables=[x,y]", "max_iter=10"),
            ],
            {"made by": "gdlab.Function(f='scipy.optimize.rosen', grad='scipy.optimize.rosen_der'"},
        ),
        (
            ["pairs=true", "alpha=[0.1,0.2]", "x0=[1,2]", "orbit.length=200"],
            {
                "lanes": "2, each α with the x₀ of the same place",
                "followed besides": "for 200 iterations after 1,000, for periods and Lyapunov "
                "exponents orbit.burn_in=1000 orbit.length=200",
            },
        ),
    ],
)
def test_the_settings_are_told_in_the_words_of_the_configuration(reported, words, expected):
    page = reported(*words, "figures=none")
    facts = page.section("settings").all("dl")[0]
    names, values = ([own.text for own in facts.all(tag)] for tag in ("dt", "dd"))
    told = dict(zip(names, values, strict=True))
    for name, value in expected.items():
        assert told[name].startswith(value)
    assert "_target_: " in page.section("settings").all("pre")[0].text
