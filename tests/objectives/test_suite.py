"""The standard test functions: their formulas, derivatives and minima, in every dimension."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from omegaconf import OmegaConf

import gdlab
from docs import gallery
from gdlab.config import choices, conf_folder
from gdlab.settings import call
from gdlab.theory import stability_limits
from tests.command import gdlab as command

pi = math.pi


def ackley(x):
    r, c = np.sqrt((x**2).mean(axis=0)), np.cos(2 * pi * x).mean(axis=0)
    return -20 * np.exp(-0.2 * r) - np.exp(c) + 20 + np.e


def branin(x):
    a, b, c, r, s, t = 1, 5.1 / (4 * pi**2), 5 / pi, 6, 10, 1 / (8 * pi)
    return a * (x[1] - b * x[0] ** 2 + c * x[0] - r) ** 2 + s * (1 - t) * np.cos(x[0]) + s


def dixon_price(x):
    i = np.arange(2, len(x) + 1)[:, None]
    return (x[0] - 1) ** 2 + (i * (2 * x[1:] ** 2 - x[:-1]) ** 2).sum(axis=0)


def ellipsoid(x):
    return 0.5 * (np.geomspace(1, 100, len(x))[:, None] * x**2).sum(axis=0)


def goldstein_price(x):
    x, y = x
    a = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    b = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + (x + y + 1) ** 2 * a) * (30 + (2 * x - 3 * y) ** 2 * b)


def griewank(x):
    i = np.arange(1, len(x) + 1)[:, None]
    return (x**2).sum(axis=0) / 4000 - np.cos(x / np.sqrt(i)).prod(axis=0) + 1


def helical_valley(x):
    """As Moré, Garbow and Hillstrom print it, with its two cases."""
    theta = np.arctan(x[1] / x[0]) / (2 * pi) + np.where(x[0] < 0, 0.5, 0)
    residuals = 10 * (x[2] - 10 * theta), 10 * (np.hypot(x[0], x[1]) - 1), x[2]
    return sum(r**2 for r in residuals)


def levy(x):
    w = 1 + (x - 1) / 4
    middle = (w[:-1] - 1) ** 2 * (1 + 10 * np.sin(pi * w[:-1] + 1) ** 2)
    last = (w[-1] - 1) ** 2 * (1 + np.sin(2 * pi * w[-1]) ** 2)
    return np.sin(pi * w[0]) ** 2 + middle.sum(axis=0) + last


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum(axis=0)


def powell_singular(x):
    a, b, c, d = x
    residuals = a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2
    return sum(r**2 for r in residuals)


def six_hump_camel(x):
    x, y = x
    return 4 * x**2 - 2.1 * x**4 + x**6 / 3 + x * y - 4 * y**2 + 4 * y**4


def wood(x):
    a, b, c, d = x
    residuals = (
        *(10 * (b - a**2), 1 - a, 90**0.5 * (d - c**2), 1 - c),
        *(10**0.5 * (b + d - 2), 10**-0.5 * (b - d)),
    )
    return sum(r**2 for r in residuals)


def zakharov(x):
    slope = (0.5 * np.arange(1, len(x) + 1)[:, None] * x).sum(axis=0)
    return (x**2).sum(axis=0) + slope**2 + slope**4


def sum_of_powers(x):
    return sum(abs(own) ** i for i, own in enumerate(x, start=2))


ANY_DIMENSION = {
    "ackley": ackley,
    "dixon_price": dixon_price,
    "ellipsoid": ellipsoid,
    "griewank": griewank,
    "levy": levy,
    "rastrigin": lambda x: 10 * len(x) + (x**2 - 10 * np.cos(2 * pi * x)).sum(axis=0),
    "rosenbrock": rosenbrock,
    "sphere": lambda x: (x**2).sum(axis=0),
    "styblinski_tang": lambda x: (x**4 - 16 * x**2 + 5 * x).sum(axis=0) / 2,
    "sum_of_powers": sum_of_powers,
    "zakharov": zakharov,
}
OF_ONE_DIMENSION = {
    "booth": lambda x: (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2,
    "branin": branin,
    "easom": lambda x: -np.cos(x).prod(axis=0) * np.exp(-((x - pi) ** 2).sum(axis=0)),
    "goldstein_price": goldstein_price,
    "helical_valley": helical_valley,
    "matyas": lambda x: 0.26 * (x[0] ** 2 + x[1] ** 2) - 0.48 * x[0] * x[1],
    "mccormick": lambda x: np.sin(x[0] + x[1]) + (x[0] - x[1]) ** 2 - 1.5 * x[0] + 2.5 * x[1] + 1,
    "powell_singular": powell_singular,
    "six_hump_camel": six_hump_camel,
    "three_hump_camel": lambda x: (
        2 * x[0] ** 2 - 1.05 * x[0] ** 4 + x[0] ** 6 / 6 + x[0] * x[1] + x[1] ** 2
    ),
    "wood": wood,
}
"""Written anew from the literature, with NumPy alone."""

CASES = [
    *((name, d) for name in ANY_DIMENSION for d in (1, 2, 3, 10) if (name, d) != ("rosenbrock", 1)),
    *((name, None) for name in OF_ONE_DIMENSION),
]
OTHERS = sorted(gallery.objectives().keys() - ANY_DIMENSION.keys() - OF_ONE_DIMENSION.keys())


def made(name: str, dimension: int | None = None, **changed: object) -> gdlab.Formula:
    """The objective of a file, as the command line makes it."""
    config = OmegaConf.load(conf_folder() / "objective" / f"{name}.yaml")
    config.pop("defaults", None)
    chosen = {} if dimension is None else {"dimension": dimension}
    return call(OmegaConf.merge(config, chosen, changed), "objective")


def somewhere(f: gdlab.Formula, n: int = 5) -> np.ndarray:
    """Points (d, n) in the domain."""
    low, high = np.array(f.domain).T
    return (low + (high - low) * np.random.default_rng(7).random((n, f.dimension))).T


def slope(function, x: np.ndarray, h: float) -> np.ndarray:
    """Differences of fourth order along each axis, which comes first."""
    steps = h * np.eye(len(x))[:, :, None]
    near, far = ([function(x + k * s) - function(x - k * s) for s in steps] for k in (1, 2))
    return (8 * np.array(near) - np.array(far)) / (12 * h)


@pytest.mark.parametrize(("name", "dimension"), CASES)
def test_the_formula_is_that_of_the_literature(name, dimension):
    f = made(name, dimension)
    x = somewhere(f, 20)
    expected = (ANY_DIMENSION | OF_ONE_DIMENSION)[name](x)
    assert f(x) == pytest.approx(expected, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize(("name", "dimension"), [*CASES, *((name, None) for name in OTHERS)])
def test_gradient_and_hessian_are_the_slopes_of_value_and_gradient(name, dimension):
    f = made(name, dimension)
    x = somewhere(f)
    for function, exact in ((f, f.grad(x)), (f.grad, f.hessian(x))):
        numeric = slope(function, x, 1e-3)
        scale = np.abs(exact).max() + np.abs(function(x)).max() * 1e-3
        assert np.allclose(exact, numeric, rtol=1e-7, atol=1e-8 * scale)


@pytest.mark.parametrize(("name", "dimension"), [*CASES, *((name, None) for name in OTHERS)])
def test_every_stated_minimiser_is_one_and_the_minimum_is_the_value_there(name, dimension):
    f = made(name, dimension)
    assert len(f.minimisers)
    values = f(f.minimisers.T)
    assert values.min() == pytest.approx(f.minimum, rel=1e-14, abs=1e-13)
    low, high = np.array(f.domain).T
    assert ((low <= f.minimisers) & (f.minimisers <= high)).all()
    for x, value in zip(f.minimisers[:, :, None], values, strict=True):
        if name != "ackley":
            scale = np.abs(f.hessian(x)).max()
            assert np.abs(f.grad(x)).max() <= 1e-14 * scale * (1 + np.abs(x).max())
            assert np.linalg.eigvalsh(f.hessian(x)[:, :, 0])[0] >= 0
        for size in (1e-5, 1e-3):  # and no point near by is lower
            near = x + size * np.random.default_rng(3).normal(size=(f.dimension, 100))
            assert (f(near) >= value - 1e-13 * (1 + abs(value))).all()


@pytest.mark.parametrize("name", gallery.objectives())
def test_no_point_of_an_objectives_domain_lies_below_its_minimum(name):
    f = made(name)
    assert (f(somewhere(f, 50_000)) >= f.minimum - 1e-12).all()


def test_mccormicks_trough_falls_for_ever_beyond_its_domain():
    f = made("mccormick")
    assert f(f.minimisers[0] - pi) < f.minimum - 1


def test_a_minimum_in_every_coordinate_makes_every_combination_one():
    assert len(made("styblinski_tang", 3).minimisers) == 8
    assert len(made("rastrigin", 2).minimisers) == 121
    assert made("rastrigin", 3).minimisers.tolist() == [[0, 0, 0]]
    assert made("styblinski_tang", 10).minimum == pytest.approx(-39.16616570377142 * 10, rel=1e-15)
    assert made("dixon_price", 3).minimisers == pytest.approx(
        np.array([[1, 2**-0.5, 2**-0.75], [1, 2**-0.5, -(2**-0.75)]])
    )


def test_the_ellipsoid_has_the_spectrum_that_is_chosen():
    assert np.diag(made("ellipsoid", 3).curvature).tolist() == [1, 10, 100]
    chosen = made("ellipsoid", 3, parameters={"spectrum": [4, 0.5, 7]})
    assert np.diag(chosen.curvature).tolist() == [4, 0.5, 7]
    chosen = made("ellipsoid", 4, parameters={"spectrum": "i**2"})
    assert np.diag(chosen.curvature).tolist() == [1, 4, 9, 16]


@pytest.mark.parametrize("dimension", [2, 5])
def test_ackleys_tip_has_no_gradient_and_descent_hops_across_it(dimension):
    f = made("ackley", dimension)
    assert np.isnan(f.grad(np.zeros(dimension))).all()
    assert np.isnan(stability_limits(f)).all()
    found = gdlab.table(f, [0.01, 0.1], [[0.0] * dimension, [0.02] * dimension], max_iter=500)
    at_tip, beside = found["status"][::2], found["status"][1::2]
    assert (at_tip == "diverged").all()
    assert not beside.isin(["converged", "diverged"]).any()


def test_the_helical_valley_jumps_by_a_turn_where_its_angle_ends():
    f = made("helical_valley")
    right, left = f(np.array([[1e-12, -1e-12], [-1.0, -1.0], [0.0, 0.0]]))
    assert right == pytest.approx(100 * 2.5**2)
    assert left == pytest.approx(100 * 7.5**2)


@pytest.mark.parametrize("dimension", [4, 10, 40])
def test_rosenbrock_has_a_second_minimum_from_four_dimensions_on(dimension):
    f = made("rosenbrock", dimension)
    x = np.r_[-1.0, np.ones(dimension - 1)]
    for _ in range(30):  # Newton's method
        x = x - np.linalg.solve(f.hessian(x[:, None])[:, :, 0], f.grad(x[:, None])[:, 0])
    assert np.abs(f.grad(x[:, None])).max() < 1e-9
    assert np.linalg.eigvalsh(f.hessian(x[:, None])[:, :, 0])[0] > 0.3
    assert 3.7 < f(x) < 4
    assert x[0] < 0


def test_rosenbrock_on_the_line_says_why_there_is_none():
    with pytest.raises(ValueError, match=r"dimension=1 leaves expr=.* without x\[1\]; take"):
        made("rosenbrock", 1)


NEEDING = {
    "formula": "objective=formula needs its formula",
    "function": "objective=function needs a function",
    "least_squares": "objective.data=PATH",
    "logistic_regression": "objective.data=PATH",
}


def test_every_objective_there_is_descends_in_one_sweep_but_those_that_need_something(tmp_path):
    done = command(
        *("-m", "objective=glob(*)", "alpha_grid.num=2", "x0_grid=domain", "x0_grid.num=3"),
        *("max_iter=50", "engine=numpy", "figures=none"),
        folder=tmp_path,
        status=1,
    )
    said = [line for line in done.stderr.splitlines() if line.startswith("gdlab: failed: ")]
    for line, why in zip(said, NEEDING.values(), strict=True):
        assert why in line
    (sweep,) = (tmp_path / "outputs" / "sweeps").iterdir()
    jobs = json.loads((sweep / "sweep.json").read_bytes())["jobs"]
    names = choices([conf_folder()])["objective"]
    assert [job["swept"]["objective"] for job in jobs] == names
    assert [name for name, job in zip(names, jobs, strict=True) if job["run"] is None] == [*NEEDING]
    table = gdlab.load(sweep)
    assert set(table["objective"]) == {*names} - NEEDING.keys()
    assert table.groupby("objective").size()["wood"] == 2 * 3  # random, not a mesh
    assert table.loc[table["objective"] == "wood", "x0_4"].notna().all()


def test_the_page_of_objectives_says_what_the_files_say():
    page = gallery.PAGE.read_text(encoding="utf-8")
    entries = [
        gallery.entry(name, path, config, call(config, "objective"))
        for name, (path, config) in gallery.objectives().items()
    ]
    assert page == "\n".join([gallery.HEAD, *entries]), "write it anew: python docs/gallery.py"
    pictures = {path.stem: path for path in gallery.PICTURES.glob("*")}
    assert pictures.keys() == gallery.objectives().keys()
    assert max(path.stat().st_size for path in pictures.values()) < 20_000
