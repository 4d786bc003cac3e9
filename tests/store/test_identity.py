"""Which settings make another run, and which only say the same in other words."""

import json
import textwrap
from functools import cache

import pytest
from hydra import compose, initialize_config_dir
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

import gdlab
from gdlab.config import conf_folder, remove_hydra
from gdlab.settings import experiment_of
from gdlab.store.identity import decisive, identity
from tests.examples import at_most


@cache
def identity_of(*words):
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        config = compose("config", overrides=list(words), return_hydra_config=True)
    remove_hydra(config)
    return identity(decisive(experiment_of(config), config))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["alpha=0.1"], ["alpha=[0.1]"]),
        (["alpha=0.1"], ["alpha=1e-1"]),
        (["alpha=1"], ["alpha=[1.0]"]),
        (["alpha_grid=few"], ["alpha=[0.1,0.3,0.9]"]),
        (["x0_grid=few"], ["x0=[-3,-1,1,3]"]),
        (["x0=3"], ["x0=[[3.0]]"]),
        (["alpha=[0.0125,1.25]"], ["alpha_grid.num=2"]),
        (["tol=1e-6"], ["tol=[1e-6]"]),
        ([], ["tol=1e-6", "max_iter=1000"]),
        ([], ["tolerance.criterion=step", "tolerance.escape=100000000"]),
        ([], ["tolerance=default", "alpha_grid=linear", "method=gradient_descent", "pairs=false"]),
        (["tolerance.max_iter=50"], ["max_iter=50"]),
        (["alpha=0.1"], ["alpha=0.1", "alpha_grid.num=7"]),
        ([], ["figures=none"]),
        ([], ["figures.formats=[svg]", "figures.names=[heatmap]"]),
        ([], ["force=true"]),
        ([], ["hydra.run.dir=elsewhere"]),
        ([], ["objective.name=parabola"]),
        ([], ["objective.expr='4 + 4*x + x**2'"]),
        ([], ["engine=numba"]),
        (
            ["objective=himmelblau", "x0=[[-5,-5],[-5,0],[-5,5],[5,-5],[5,0],[5,5]]"],
            ["objective=himmelblau", "x0_grid.start=-5", "x0_grid.stop=5", "x0_grid.num=[2,3]"],
        ),
        (["x0=1"], ["x0=1", "objective=formula", "objective.expr='x**2 + 4*x + 4'"]),
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_same_in_other_words_is_the_same_run(one, other):
    assert identity_of(*one) == identity_of(*other)


@pytest.mark.parametrize(
    ("grid", "others"),
    [
        ("plane", ["x0_grid.num=[3,2]", "x0_grid.start=-4", "x0_grid.stop=[5,6]"]),
        ("random", ["x0_grid.num=7", "x0_grid.seed=1", "x0_grid.deviation=2", "x0_grid.mean=1"]),
    ],
)
def test_grids_that_are_never_in_memory_are_told_by_what_they_are_made_from(
    grid, others, monkeypatch
):
    monkeypatch.setattr("gdlab.store.identity.MOST_HASHED", 5)
    size = "x0_grid.num=[2,3]" if grid == "plane" else "x0_grid.num=6"
    words = ("objective=himmelblau", "alpha=0.01", f"x0_grid={grid}", size)
    found = {identity_of(*words, *more) for more in ([], *([other] for other in others))}
    assert len(found) == len(others) + 1
    assert identity_of(*words) in found


PLAIN = ("alpha=[0.1,0.3]", "x0=[-1,1]", "tol=[1e-3,1e-6]")


def test_each_setting_that_matters_makes_another_run():
    others = [
        [],
        ["objective=quadratic"],
        ["objective.expr='x**2 + 4*x + 5'"],
        ["objective.expr='(x+2)**4'"],
        ["alpha=[0.1,0.30000000000000004]"],
        ["alpha=[0.3,0.1]"],
        ["alpha=[0.1,0.3,0.3]"],
        ["x0=[-1,1.0000000000000002]"],
        ["x0=[1,-1]"],
        ["tol=[1e-6,1e-3]"],
        ["tol=1e-6"],
        ["tol=[1e-3,1.1e-6]"],
        ["max_iter=999"],
        ["pairs=true"],
        ["tolerance.escape=1e7"],
        *([f"tolerance.criterion={name}"] for name in ("gradient", "distance", "gap")),
    ]
    found = {identity_of(*PLAIN, *words) for words in others}
    assert len(found) == len(others)


@pytest.mark.parametrize("words", [["objective=rastrigin"], ["tolerance.criterion=gap"]])
def test_an_engine_makes_another_run_only_where_it_rounds_otherwise(words):
    differ = identity_of(*words) != identity_of(*words, "engine=numba")
    assert differ == ("objective=rastrigin" in words)


def test_a_parameter_of_a_formula_makes_another_run():
    words = ("objective=ill_conditioned", "alpha=0.01", "x0=[[1,1]]")
    assert identity_of(*words) != identity_of(*words, "objective.parameters.kappa=55")


def test_a_table_counts_by_its_numbers_and_not_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, last in (("one.csv", 3), ("other.csv", 3), ("changed.csv", 4)):
        (tmp_path / name).write_text(f"x,z,y\n1,0,2\n2,0,1\n3,1,{last}\n4,1,1\n")
    (tmp_path / "classes.csv").write_text("x,z,y\n1,0,2\n2,0,1\n3,1,2\n4,1,1\n")
    words = ("objective=least_squares", "objective.target=y", "alpha=0.1", "objective.ridge=0.1")
    one = identity_of(*words, "objective.data=one.csv")
    assert identity_of(*words, "objective.data=other.csv", "objective.name=other") == one
    others = ["ridge=0.2", "standardise=true", "intercept=false", "columns=[x]", "columns=[z,x]"]
    made = {identity_of(*words, "objective.data=one.csv", f"objective.{word}") for word in others}
    made.add(identity_of(*words, "objective.data=changed.csv"))
    made.add(identity_of("objective=logistic_regression", *words[1:], "objective.data=classes.csv"))
    assert len(made | {one}) == len(others) + 3


NUMBERS = st.lists(st.sampled_from([0.1, 0.25, 0.5, 1.0]), min_size=1, max_size=3)
SETTINGS = st.fixed_dictionaries(
    {
        "expr": st.sampled_from(["x**2", "x**2 + 1", "x**4"]),
        "alpha": NUMBERS,
        "x0": NUMBERS,
        "tol": NUMBERS,
        "max_iter": st.integers(1, 3),
        "criterion": st.sampled_from(["step", "gradient"]),
        "escape": st.sampled_from([10.0, 1e8]),
    }
)


def _in_words(chosen, draw):
    """A configuration of these settings, each said in one of the ways that there are."""

    def numbers(values):
        ways = [values, {"_target_": "numpy.array", "object": values}]
        ways += [values[0], [int(values[0])] if values[0].is_integer() else values][
            : 2 * (len(values) == 1)
        ]
        return draw(st.sampled_from(ways))

    name, tol = draw(st.sampled_from(["a", "b"])), chosen["tol"]
    return OmegaConf.create(
        {
            "objective": {"_target_": "gdlab.Formula", "expr": chosen["expr"], "name": name},
            "method": {"_target_": "gdlab.GradientDescent"},
            "tolerance": {"criterion": chosen["criterion"], "escape": chosen["escape"]},
            "alpha": numbers(chosen["alpha"]),
            "x0": numbers(chosen["x0"]),
            "tol": draw(st.sampled_from([tol, *tol[: len(tol) == 1]])),
            "max_iter": chosen["max_iter"],
            "pairs": False,
            "force": draw(st.booleans()),
            "figures": {"names": draw(st.sampled_from([[], ["heatmap"]]))},
        }
    )


@at_most(30)
@given(one=SETTINGS, other=SETTINGS, data=st.data())
def test_runs_are_the_same_exactly_if_their_settings_are(one, other, data):
    def named(chosen):
        config = _in_words(chosen, data.draw)
        return identity(decisive(experiment_of(config), config))

    assert named(one) == named(one)
    assert (named(one) == named(other)) == (one == other)


def test_what_decides_a_run_can_be_written_and_read_back():
    config = _in_words_plain()
    parts = decisive(experiment_of(config), config)
    assert identity(json.loads(json.dumps(parts))) == identity(parts)


def _in_words_plain():
    return OmegaConf.create(
        {
            "objective": {"_target_": "gdlab.Formula", "expr": "x**2"},
            "method": {"_target_": "gdlab.GradientDescent"},
            "tolerance": {"criterion": "step", "escape": 1e8},
            "alpha": 0.1,
            "x0": 1.0,
            "tol": 1e-3,
            "max_iter": 10,
            "pairs": False,
        }
    )


MINE = """
    from functools import partial
    import gdlab

    class Bowl:
        variables = ("x",)

        def __init__(self, kappa=1.0, name="bowl"):
            self.kappa = kappa

        def __call__(self, x):
            return self.kappa * x[0] ** 2

        def grad(self, x):
            return 2 * self.kappa * x

    class Steeper(gdlab.Formula):
        def grad(self, x):
            return 2 * super().grad(x)

    def value(kappa, x):
        return kappa * x[0] ** 2

    def slope(kappa, x):
        return 2 * kappa * x

    f1, g1 = partial(value, 1.0), partial(slope, 1.0)
    f2, g2 = partial(value, 2.0), partial(slope, 2.0)

    def closed(kappa):
        return gdlab.Function(lambda x: value(kappa, x), lambda x: slope(kappa, x))

    def formula(power):
        return gdlab.Formula(f"x**{power}")
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A user's module and the identity of what its names give; a word changes its source."""
    name = f"mine_{tmp_path.name}".replace("-", "_")
    path = tmp_path / f"{name}.py"
    path.write_text(textwrap.dedent(MINE))
    monkeypatch.syspath_prepend(tmp_path)

    def identity_with(objective):
        config = _in_words_plain()
        given = {
            key: value.replace("mine.", f"{name}.") if isinstance(value, str) else value
            for key, value in objective.items()
        }
        config.objective = given
        return identity(decisive(experiment_of(config), config))

    return path, identity_with


FUNCTION = {"_target_": "gdlab.Function", "f": "mine.f1", "grad": "mine.g1"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"_target_": "mine.Bowl"}, {"_target_": "mine.Bowl", "kappa": 2.0}),
        ({"_target_": "mine.Bowl"}, {"_target_": "mine.Bowl", "name": "other"}),
        (
            {"_target_": "mine.Steeper", "expr": "x**2"},
            {"_target_": "gdlab.Formula", "expr": "x**2"},
        ),
        (FUNCTION, FUNCTION | {"f": "mine.f2", "grad": "mine.g2"}),
        (FUNCTION, FUNCTION | {"minimum": 0.0}),
        ({"_target_": "mine.closed", "kappa": 1.0}, {"_target_": "mine.closed", "kappa": 2.0}),
        ({"_target_": "mine.formula", "power": 2}, {"_target_": "mine.formula", "power": 4}),
    ],
    ids=str,
)
def test_objectives_of_other_code_or_arguments_make_other_runs(mine, one, other):
    _, identity_with = mine
    assert identity_with(one) == identity_with(one)
    assert identity_with(one) != identity_with(other)


@pytest.mark.parametrize(
    "objective",
    [
        {"_target_": "mine.Bowl"},
        {"_target_": "mine.Steeper", "expr": "x**2"},
        FUNCTION,
        FUNCTION | {"_target_": "gdlab.objectives.function.Function"},
        {"_target_": "mine.closed", "kappa": 1.0},
    ],
    ids=str,
)
def test_a_change_of_the_file_of_an_objective_makes_another_run(mine, objective):
    path, identity_with = mine
    before = identity_with(objective)
    path.write_text(path.read_text() + "\n# changed\n")
    assert identity_with(objective) != before


def test_code_that_only_makes_a_formula_counts_by_the_formula(mine):
    _, identity_with = mine
    made = identity_with({"_target_": "mine.formula", "power": 2})
    assert made == identity_with({"_target_": "gdlab.Formula", "expr": "x**2"})


def test_equal_settings_find_the_same_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = gdlab.run("alpha_grid=few", "x0_grid=few", "figures=none")
    again = gdlab.run("alpha=[0.1,0.3,0.9]", "x0=[-3,-1,1,3]", "figures.names=[]", "pairs=false")
    assert again.path == first.path
    assert again.record == first.record
