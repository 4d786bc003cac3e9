"""What a user sees who types it wrong: one message, no traceback, nothing left behind."""

import os
import shutil
import signal
import sys
from functools import partial

import pytest

import gdlab as library
from gdlab.app import main
from gdlab.config import changed
from tests.command import gdlab, needs_forks, runs_in, started
from tests.moments import meets

FORMULA = "objective=formula"
HUGE = "1" + 400 * "0"

REFUSED = {
    # a value where a group takes a name: Hydra's own answer would be a raw TypeError
    "a list for a grid group": (
        ["alpha_grid=[0.1]"],
        ["alpha_grid", "few, linear, log", "alpha='[0.1]'"],
    ),
    "a number for the tolerance group": (["tolerance=1e-7"], ["tight", "tol='1e-7'"]),
    "null for a group": (["x0_grid=null"], ["x0_grid", "plane", "x0="]),
    "a number for the objective": (["objective=3"], ["objective", "himmelblau"]),
    "a pattern that no choice fits": (
        ["-m", "objective=glob(zz*)"],
        ["objective=glob(zz*) fits none", "himmelblau"],
    ),
    "a number among a sweep's choices": (["-m", "tolerance=loose,1e-7"], ["tolerance", "tight"]),
    # values that Hydra lets through
    "a word for alpha": (["alpha=abc"], ["alpha='abc'", "number"]),
    "words for alpha": (["alpha=[a,b]"], ["alpha", "number"]),
    "no alpha": (["alpha=[]"], ["alpha=[]", "at least one step size"]),
    "alpha of zero": (["alpha=0"], ["alpha=0", "positive"]),
    "a negative alpha": (["alpha=[0.1,-1]"], ["alpha=-1", "positive"]),
    "alpha not a number": (["alpha=nan"], ["alpha=nan", "finite"]),
    "an infinite alpha": (["alpha=inf"], ["alpha=inf", "finite"]),
    "a table for alpha": (["alpha=[[0.1,0.2],[0.3,0.4]]"], ["alpha", "flat list"]),
    "a mapping for alpha": (["alpha={start: 1}"], ["_target_"]),
    "tolerance of zero": (["tol=0"], ["tol=0", "positive"]),
    "a negative tolerance": (["tol=[1e-3,-1e-3]"], ["tol=-0.001", "positive"]),
    "no iterations": (["max_iter=0"], ["max_iter=0", "at least 1"]),
    "half an iteration": (["max_iter=10.5"], ["max_iter=10.5", "whole number"]),
    "points for one variable": (["x0=[[1,2]]"], ["x0", "1 variable (x)", "x0='"]),
    "numbers for two variables": (
        ["objective=himmelblau", "x0=[1,2]"],
        ["x0", "2 variables (x, y)", "x0='[[1,2]]'", "x0_grid=plane"],
    ),
    "a plane for one variable": (["x0_grid=plane"], ["two variables", "x0_grid=line"]),
    "ragged points": (["objective=himmelblau", "x0=[[1,2],[3]]"], ["x0", "same length"]),
    "a start beyond escape": (["x0=[1,1e9]"], ["x0", "escape=1e+08"]),
    "a missing formula": ([FORMULA], ["objective=formula", "objective.expr='"]),
    "a regression without a table": (
        ["objective=least_squares"],
        ["objective.data=PATH", "objective.target=COLUMN", "objective=diabetes"],
    ),
    "a regression without a target": (
        ["objective=logistic_regression", "objective.data=table.csv"],
        ["objective.target=COLUMN"],
    ),
    "a table that is not there": (
        ["objective=least_squares", "objective.data=table.csv", "objective.target=y"],
        ["objective: data=table.csv does not exist"],
    ),
    "a function without a name": (["objective=function"], ["objective.f=my_module.f"]),
    "a function without a gradient": (
        ["objective=function", "objective.f=math.sin"],
        ["gradient=differences", "gdlab.Formula"],
    ),
    "a criterion that does not exist": (
        ["tolerance.criterion=grad"],
        ["criterion='grad'", "step, gradient, distance, gap"],
    ),
    "a distance to no known minimiser": (
        [FORMULA, "objective.expr='sin(x)'", "tolerance.criterion=distance"],
        ["distance", "minimiser", "criterion=step"],
    ),
    "a picture that does not exist": (
        ["figures.names=[heatmp]"],
        ["heatmp", "heatmap, curves, path"],
    ),
    # grids
    "a grid of nothing": (["alpha_grid.num=0"], ["alpha_grid", "num"]),
    "a line of nothing": (["x0_grid.num=0"], ["x0_grid", "num=0", "at least 1"]),
    "half a grid point": (["alpha_grid.num=2.5"], ["alpha_grid: num=2.5", "whole number"]),
    "fewer grid points than none": (["alpha_grid.num=-3"], ["alpha_grid: num=-3", "at least 1"]),
    "whether there is a grid point": (["alpha_grid.num=true"], ["num=True", "whole number"]),
    "a grid of NaN points": (["alpha_grid.num=nan"], ["alpha_grid: num=nan", "whole number"]),
    "a grid from NaN": (["alpha_grid.start=nan"], ["alpha_grid: start=nan", "finite"]),
    "a grid wider than the doubles": (
        ["alpha_grid.start=1e308", "alpha_grid.stop=-1e308"],
        ["alpha_grid: start=1e+308 and stop=-1e+308 are further apart"],
    ),
    "a grid from a word": (["alpha_grid.start=abc"], ["alpha_grid: start='abc'", "number"]),
    "a line from a word": (["x0_grid.start=abc"], ["x0_grid: start='abc'", "number"]),
    "a logarithmic grid from below zero": (
        ["alpha_grid=log", "alpha_grid.start=-1"],
        ["alpha=-1 is not a step size"],
    ),
    "a seed of a half": (["x0_grid=random", "x0_grid.seed=0.5"], ["seed=0.5", "whole number"]),
    "random starts without a seed": (["x0_grid=random", "x0_grid.seed=null"], ["seed=None"]),
    "a grid function that does not exist": (
        ["alpha_grid._target_=numpy.linspac"],
        ["alpha_grid", "numpy.linspac"],
    ),
    "a logarithmic grid from zero": (
        ["alpha_grid=log", "alpha_grid.start=0"],
        ["alpha_grid", "zero"],
    ),
    "a grid larger than the disk": (
        ["alpha_grid.num=1000000", "x0_grid.num=1000000"],
        ["1,000,000,000,000 rows", "GB on the disk", "x0_grid.num"],
    ),
    "a grid whose axes alone take long to make": (
        ["alpha_grid=log", "alpha_grid.num=100000000", "x0_grid.num=100000000"],
        ["step sizes: 100,000,000, starting points: 100,000,000", "GB in all"],
    ),
    "a plane larger than the disk": (
        ["objective=himmelblau", "x0_grid.num=[100000000,10000000]"],
        ["starting points: 1,000,000,000,000,000", "GB in all"],
    ),
    "an alpha larger than the memory": (
        ["alpha_grid.num=100000000000000"],
        ["step sizes: 100,000,000,000,000", "alpha_grid.num"],
    ),
    "an alpha larger than the memory beside a grid of unknown size": (
        ["alpha_grid.num=100000000000000", "x0_grid=few"],
        ["100,000,000,000,000 step sizes", "GB of memory", "alpha_grid.num"],
    ),
    # whole numbers beyond all bounds
    "a step size of 400 digits": ([f"alpha={HUGE}"], ["alpha=1000", "(401 digits)", "too large"]),
    "a start of 400 digits": ([f"x0={HUGE}"], ["x0=1000", "(401 digits)", "too large"]),
    "a tolerance of 400 digits": ([f"tol={HUGE}"], ["tol=1000", "(401 digits)", "too large"]),
    "400 digits of iterations": ([f"max_iter={HUGE}"], ["max_iter=1000", "is larger than"]),
    "400 digits of step sizes": ([f"alpha_grid.num={HUGE}"], ["num=1000", "is larger than"]),
    "400 digits of starts": ([f"x0_grid.num={HUGE}"], ["num=1000", "is larger than"]),
    "400 digits of processes": ([f"parallel.n_jobs={HUGE}"], ["parallel.n_jobs=1000", "larger"]),
    "a seed of 400 digits": (
        ["x0_grid=random", f"x0_grid.seed={HUGE}"],
        ["seed=1000", "is larger than"],
    ),
    "a parameter of 400 digits": (
        ["objective=ill_conditioned", f"objective.parameters.kappa={HUGE}"],
        ["parameters.kappa=1000", "too large"],
    ),
    "a domain of 400 digits": (
        [f"+objective.domain=[0,{HUGE}]"],
        ["domain=[0, 1000", "low < high"],
    ),
    "a smoothness below zero": (
        ["+objective.smoothness=-1"],
        ["smoothness=-1 is not positive", "it is L"],
    ),
    "a minimum of 400 digits": ([f"+objective.minimum={HUGE}"], ["minimum=1000", "too large"]),
    "a minimiser of 400 digits": ([f"+objective.minimisers=[{HUGE}]"], ["minimisers=[1000"]),
    # names
    "a choice that does not exist": (
        ["objective=quadratc"],
        ["objective/quadratc", "shifted_quadratic"],
    ),
    "a setting that does not exist": (["alhpa=0.1"], ["alhpa", "did you mean alpha?"]),
    "a parameter that does not exist": (
        ["alpha_grid.nun=5"],
        ["alpha_grid.nun", "did you mean num?"],
    ),
    "an added parameter that does not exist": (
        ["+objective.exp=x"],
        ["objective.exp", "did you mean expr?"],
    ),
    "a parameter that no formula has": (
        ["objective=ill_conditioned", "objective.parameters.kapa=5"],
        ["parameters.kapa=5", "did you mean kappa?"],
    ),
    "a parameter of a formula without any": (
        ["objective=quadratic", "objective.parameters.a=5"],
        ["parameters.a=5: there is no a in theta**2"],
    ),
    "a parameter that one's own formula has not": (
        [FORMULA, "objective.expr='a*x**2'", "objective.parameters={a: 2, b: 3}"],
        ["parameters.b=3", "its names are a, x"],
    ),
    "a setting of an objective that does not exist": (
        ["objective.paramters.a=5"],
        ["there is no setting objective.paramters", "expr, variables"],
    ),
    "a parameter of a method that is not in its file": (
        ["method.longest=0.1"],
        ["there is no setting method.longest", "+method.longest=..."],
    ),
    "pictures where a choice of them is named": (
        ["figures=[heatmap]"],
        ["figures=[heatmap]", "figures.names='[heatmap]'"],
    ),
    "a picture for the choice of pictures": (["figures=heatmap"], ["figures.names='[heatmap]'"]),
    "no setting at all": (["quadratic"], ["'quadratic'", "name=value"]),
    "a comma without a sweep": (["alpha=0.1,0.3"], ["alpha=0.1,0.3", "[value1,value2]"]),
    "an interval without a search": (
        ["-m", "alpha=interval(0.1,0.3)"],
        ["an interval", "hydra/sweeper=optuna", "pip install 'gdlab[optuna]'"],
    ),
    "a part of the configuration that is not there": (
        ["--package", "x", "--cfg", "job"],
        ["--package x", "no such part"],
    ),
    "a step size that ends the process": (
        ["alpha={_target_: sys.exit, _args_: [7]}"],
        ["there is no run", "sys.exit(7)"],
    ),
    "an open bracket": (["alpha=[0.1,0.3"], ["alpha=[0.1,0.3", "brackets"]),
    "an option that does not exist": (["--alpha", "0.1"], ["--alpha", "alpha=0.1", "--help"]),
    "a list with spaces outside quotes": (["alpha=[0.1,", "0.2]"], ["comma", "alpha='[0.1, 0.2]'"]),
    "a setting of a group without the group": (
        ["criterion=gradient"],
        ["criterion", "did you mean tolerance.criterion?"],
    ),
    "nearly the name of a choice": (["objective=quadratik"], ["did you mean quadratic?"]),
    # methods
    "a momentum that grows": (
        ["method=momentum", "method.beta=1.2"],
        ["method: beta=1.2 ", "from 0 to less than 1, as in beta=0.9"],
    ),
    "a momentum that never ends": (["method=momentum", "method.beta=1"], ["beta=1 ", "beta=0.9"]),
    "a momentum backwards": (["method=nesterov", "method.beta=-0.1"], ["beta=-0.1 ", "beta=0.9"]),
    "a word for momentum": (["method=momentum", "method.beta=abc"], ["beta='abc'", "beta=0.9"]),
    "no momentum": (["method=momentum", "method.beta=null"], ["beta=None", "beta=0.9"]),
    "another schedule": (
        ["method=nesterov", "method.beta=fast"],
        ["beta='fast'", "as in beta=0.9 or beta=schedule"],
    ),
    "momentum for gradient descent": (["method.beta=0.5"], ["no setting method.beta"]),
    "an average of nothing but the past": (
        ["method=adam", "method.beta2=1"],
        ["beta2=1 ", "beta2=0.9"],
    ),
    "a division by nothing": (["method=adagrad", "method.eps=0"], ["eps=0 ", "eps=1e-08"]),
    "half a trial": (["method=armijo", "method.most=0.5"], ["most=0.5", "whole number"]),
    "trials without end": (["method=armijo", "method.most=1e9"], ["most=1000000000", "2000"]),
    "a step that shrinks to itself": (
        ["method=armijo", "method.shrink=1"],
        ["shrink=1 ", "between 0 and 1, as in shrink=0.5"],
    ),
    "more than the slope": (["method=armijo", "method.slope=2"], ["slope=2 ", "slope=0.0001"]),
    "a third kind": (
        ["method=barzilai_borwein", "method.kind=medium"],
        ["kind='medium'", "long, short"],
    ),
    "no such method": (["method=momentun"], ["method=momentun", "did you mean momentum?"]),
    "a search for the end of a line": (
        [FORMULA, "objective.expr='2*x'", "method=exact_line_search"],
        ["method=exact_line_search", "falls without end", "method=gradient_descent or armijo"],
    ),
    "Newton's method without second derivatives": (
        [
            *("method=newton", "objective._target_=gdlab.Function", "~objective.expr"),
            *("~objective.variables", "+objective.f=scipy.optimize.rosen"),
            *("+objective.grad=scipy.optimize.rosen_der", "+objective.variables=[x,y]"),
            "x0=[[1,2]]",
        ],
        ["method=newton needs second", "hessian(x) -> (d, d, n)", "method=barzilai_borwein"],
    ),
    "a search that has no compiled form": (
        ["objective=double_well", "method=exact_line_search", "engine=numba"],
        ["engine=numba compiles the exact line search for quadratics", "engine=numpy"],
    ),
    # formulas
    "a formula without its inner quotes": (
        [FORMULA, "objective.expr=(x-2)**2+sin(x)"],
        ["\"objective.expr='(x-2)**2+sin(x)'\""],
    ),
    "an unknown function": ([FORMULA, "objective.expr='foo(x)'"], ["foo", "sin, cos"]),
    "Python in a formula": (
        [FORMULA, "objective.expr='__import__(1).system(2)'"],
        ["__import__", "not part of a formula"],
    ),
    "a tower of powers": ([FORMULA, "objective.expr='9**9**9'"], ["9**9**9", "finite"]),
    "a hat for a power": ([FORMULA, "objective.expr='x^2'"], ["^", "**"]),
    "a raised two": (
        [FORMULA, "objective.expr='x²+4'"],
        ["x²+4", "with the signs of a keyboard it is x**2+4"],
    ),
    "a raised two outside quotes": (
        [FORMULA, "objective.expr=x²+4"],
        ["\"objective.expr='x**2+4'\""],
    ),
    "more parentheses than can be read": (
        [FORMULA, f"objective.expr='{500 * '('}x{500 * ')'}'"],
        ["expr=((((", "nested too deeply"],
    ),
    "a missing multiplication sign": ([FORMULA, "objective.expr='2x'"], ["2x", "*"]),
    "a stated minimiser that is none": (
        ["+objective.minimisers=[3]"],
        ["minimisers: [3.0] is not a minimiser of x**2 + 4*x + 4"],
    ),
    # places
    "a store below a file": (
        ["hydra.run.dir=a_file/outputs"],
        ["a_file/outputs", "a_file is a file", "hydra.run.dir=…"],
    ),
    "a file for a store": (["hydra.run.dir=a_file"], ["a_file is a file", "hydra.run.dir=…"]),
    "a store where nothing can be written": (
        ["hydra.run.dir=/proc"],
        ["/proc cannot be written", "hydra.run.dir=…"],
    ),
    "a file for the folder of sweeps": (
        ["-m", "alpha=0.1,0.2", "hydra.run.dir=a_file"],
        ["a_file/sweeps/alpha-", "a_file is a file", "hydra.run.dir=…"],
    ),
    "a file for the folder of a sweep": (
        ["-m", "alpha=0.1,0.2", "hydra.sweep.dir=a_file"],
        ["a_file is a file", "hydra.sweep.dir=…"],
    ),
    "a link that leads nowhere": (
        ["hydra.run.dir=a_link"],
        ["a_link is a link to nowhere, not to a folder", "hydra.run.dir=…"],
    ),
    "a store below a link that leads to itself": (
        ["hydra.run.dir=a_circle/outputs"],
        ["a_circle/outputs cannot be a folder, since a_circle is a link to a_circle"],
    ),
    "a name that no file system takes": (
        [f"hydra.run.dir={'x' * 300}"],
        ["xxx cannot be written (File name too long)", "hydra.run.dir=…"],
    ),
    "a configuration folder that is not there": (["--config-dir=nowhere"], ["nowhere"]),
}


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Type a command in `tmp_path`: all but its start, which would take 2 s for each of these."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")  # `main` sets it
    before = signal.getsignal(signal.SIGINT)

    def type_(*words):
        monkeypatch.setattr(sys, "argv", ["gdlab", *words])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return end.value.code, out, err

    yield type_
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("words", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused_with_one_message_and_nothing_left_behind(words, expected, typed, tmp_path):
    (tmp_path / "a_file").write_text("")
    (tmp_path / "a_link").symlink_to("nowhere")
    (tmp_path / "a_circle").symlink_to("a_circle")
    status, out, message = typed(*words)
    assert status == 2
    for part in expected:
        assert part in message
    assert message.startswith("gdlab: ")
    assert message.count("gdlab: ") == 1
    assert len(message) < 1200
    assert "Traceback" not in message
    assert "Warning" not in message
    assert not out
    assert not list((tmp_path / "outputs").glob("*"))


Q = library.Formula("x**2")
REFUSED_IN_PYTHON = {
    "a point in a point": (lambda: library.trace(Q, 0.1, [1, [2]]), "x0 is ragged"),
    "a number for the words": (lambda: library.run(5), "5 is not a setting"),
    "the words as one list": (lambda: library.run(["alpha=0.1"]), "one by one"),
    "a number for a folder": (lambda: library.load(5), "path=5 is not a folder"),
    "no folder": (lambda: library.runs(None), "path=None is not a folder"),
    "a text for an objective": (
        lambda: library.table("x**2", 0.1, 1),
        r"objective='x\*\*2' is a text; .*gdlab\.Formula",
    ),
    "a function without a gradient": (lambda: library.table(abs, 0.1, 1), r"Function\(f, grad"),
    "a text for a method": (
        lambda: library.table(Q, 0.1, 1, method="momentum"),
        r"method='momentum' is a text; .*gdlab\.GradientDescent",
    ),
    "a text for a number of processes": (
        lambda: library.table(Q, 0.1, 1, n_jobs="x"),
        "^n_jobs='x' is not a number of processes",
    ),
    "thousands of digits": (
        lambda: library.table(Q, 10**5000, 1),
        "alpha=a number of thousands of digits is too large",
    ),
    "digits without end among numbers": (
        lambda: library.table(Q, [0.5, 10**400], 1),
        r"alpha=\[0.5, 10000.*\.\.\. is too large",
    ),
    "a parameter without end": (
        lambda: library.Formula("a*x**2", parameters={"a": 10**400}),
        r"^parameters\.a=100.* \(401 digits\) is too large a number$",
    ),
    "a parameter beyond what formulas take": (
        lambda: library.Formula("a*x**2", parameters={"a": 1e305}),
        r"parameters\.a=1e\+305 .* 1e\+300 is the largest",
    ),
    "a number for the name of a parameter": (
        lambda: library.Formula("x**2", parameters={5: 5}),
        "parameters: 5 is not a name",
    ),
    "a number for the variables of a function": (
        lambda: library.Function(abs, abs, variables=5),
        "variables=5 is not a list of names",
    ),
}


@pytest.mark.parametrize(("call", "says"), REFUSED_IN_PYTHON.values(), ids=REFUSED_IN_PYTHON)
def test_python_is_told_what_would_be_right(call, says):
    with pytest.raises(ValueError, match=says) as refusal:
        call()
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("function", [library.descend, library.table, library.trace])
def test_a_keyword_that_does_not_exist_is_told_with_those_that_do(function):
    with pytest.raises(TypeError, match=r"no setting tolerance \(did you mean tol\?\); .*engine"):
        function(Q, 0.1, 1, tolerance=1)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("objective=himmelblau", "objective.expr=…, objective.variables=…"),
        ("alpha_grid=log", "alpha_grid.num=…"),
        ("figures=none", "figures.names=…"),
        ("method=gradient_descent", "python -m gdlab method=gradient_descent"),
        ("alhpa=0.1", "did you mean alpha?"),
        ("alpha", "'alpha' is not a setting"),
    ],
)
def test_a_repeated_run_takes_single_settings_alone(word, says, typed):
    run = library.run("alpha=0.1", "x0=1", "figures=none")
    status, _, message = typed("--from", str(run.path), word)
    assert (status, says in message) == (2, True), message


def test_a_setting_after_from_may_have_the_sign_with_which_hydra_adds_one():
    recorded = {"alpha": 0.1, "alpha_grid": 0.1, "x0": 1, "x0_grid": 1, "tol": 1e-6, "max_iter": 9}
    recorded["tolerance"] = {"tol": 1e-6, "max_iter": 9}
    assert changed(recorded, ["+tol=3"]).tol == 3
    with pytest.raises(ValueError, match="~tol=3: after --from only recorded"):
        changed(recorded, ["~tol=3"])


@needs_forks
@pytest.mark.parametrize("words", [["alpha=0.1"], ["-m", "alpha=0.1,0.2"], ["--from", "outputs"]])
def test_a_working_folder_that_is_gone_is_said(tmp_path, words):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = gdlab(*words, folder=gone, before=[partial(shutil.rmtree, gone)], status=2)
    assert done.stderr.startswith("gdlab: the folder in which this was started is no longer there")
    assert done.stderr.count("\n") == 1


@needs_forks
def test_help_needs_no_working_folder(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = gdlab("--help", folder=gone, before=[partial(shutil.rmtree, gone)])
    assert "himmelblau" in done.stdout


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (["alpha_grid.num=1e1", "x0_grid.num=3e0"], ["alpha_grid.num=10", "x0_grid.num=3"]),
        (["alpha_grid=log", "alpha_grid.num=1e1"], ["alpha_grid=log", "alpha_grid.num=10"]),
        (["alpha=0.1", "max_iter=1e4"], ["alpha=0.1", "max_iter=10000"]),
        (
            ["alpha=0.1", "x0_grid=random", "x0_grid.seed=3.0"],
            ["alpha=0.1", "x0_grid=random", "x0_grid.seed=3"],
        ),
        (
            ["objective=himmelblau", "x0_grid.num=[1e1,5.0]"],
            ["objective=himmelblau", "x0_grid.num=[10,5]"],
        ),
        (["alpha=0.1", "parallel.n_jobs=2.0"], ["alpha=0.1", "parallel.n_jobs=2"]),
    ],
)
def test_a_whole_number_may_be_written_as_a_float(written, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = library.run(*written, "figures=none")
    assert found.path == library.run(*plain, "figures=none").path


@pytest.mark.parametrize("word", ["objective.parameters.a=2", "objective.parameters={a: 2}"])
def test_a_formula_takes_parameters_of_its_own(word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = library.run(
        FORMULA, "objective.expr='a*(x-1)**2'", word, "alpha=0.25", "x0=3", "figures=none"
    )
    assert run.table()["steps"].tolist() == [2]  # 1/L finds the minimiser of a quadratic at once
    assert run.table()["x"].tolist() == [1.0]


@pytest.mark.usefixtures("typed")
def test_a_sweep_over_a_parameter_of_a_formula(tmp_path, monkeypatch):
    words = ("-m", FORMULA, "objective.expr='a*x**2'", "alpha=0.1", "x0=1", "figures=none")
    monkeypatch.setattr(sys, "argv", ["gdlab", *words, "objective.parameters.a=2,3"])
    main()
    table = library.load(tmp_path / "outputs")
    assert sorted(table["objective.parameters.a"]) == [2, 3]


def test_python_says_the_same_as_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words, expected in (REFUSED["alpha of zero"], REFUSED["a choice that does not exist"]):
        with pytest.raises(ValueError, match=expected[0]) as refusal:
            library.run(*words)
        for part in expected:
            assert part in str(refusal.value)
        assert f"gdlab: {refusal.value}\n" == gdlab(*words, folder=tmp_path, status=2).stderr


def test_the_traceback_comes_back_when_it_is_asked_for(tmp_path):
    done = gdlab("alpha=0", folder=tmp_path, status=1, HYDRA_FULL_ERROR="1")
    assert "Traceback" in done.stderr


def test_a_bad_job_of_a_sweep_leaves_the_others(tmp_path):
    done = gdlab("-m", "alpha=0.1,0,0.3", "figures=none", folder=tmp_path, status=1)
    assert "alpha=0 is not a step size" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(library.load(tmp_path / "outputs")["alpha"].unique()) == 2


def test_an_objective_with_an_error_of_its_own_is_named(tmp_path):
    (tmp_path / "mine.py").write_text(
        "class Mine:\n"
        "    def __call__(self, x): return x[0]\n"
        "    def grad(self, x): raise RuntimeError('lost\\n  and gone')\n"
    )
    done = gdlab(
        "objective._target_=mine.Mine",
        "~objective.expr",
        "~objective.variables",
        "~objective.name",
        folder=tmp_path,
        status=2,
    )
    assert "grad fails" in done.stderr
    assert done.stderr.endswith("lost and gone\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("mode", ["serial", "processes"])
def test_an_objective_that_ends_the_process_is_no_success(tmp_path, mode):
    (tmp_path / "mine.py").write_text(
        "import sys\n"
        "class Mine:\n"
        "    def __call__(self, x): return x[0]\n"
        "    def grad(self, x): sys.exit()\n"
    )
    words = ("objective._target_=mine.Mine", "~objective.expr", "~objective.variables")
    done = gdlab(*words, "~objective.name", f"parallel={mode}", folder=tmp_path, status=2)
    assert done.stderr.startswith("gdlab: there is no run")
    assert "sys.exit()" in done.stderr
    assert not runs_in(tmp_path)


def test_starts_where_a_formula_has_no_value_diverge_and_harm_no_other(tmp_path):
    gdlab(
        FORMULA,
        "objective.expr='x - log(x)'",
        "alpha=0.1",
        "x0=[-1,0,2]",
        "figures=none",
        folder=tmp_path,
    )
    table = library.load(tmp_path / "outputs")
    assert table["status"].tolist() == ["diverged", "diverged", "converged"]
    assert table["x"].iloc[2] == pytest.approx(1, abs=1e-4)


@needs_forks
def test_ctrl_c_ends_with_a_short_message_and_no_half_files(tmp_path):
    os.mkfifo(tmp_path / "computing")
    with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
        process = started(
            *("-m", "gdlab", "max_iter=1000000000", "alpha=1e-9", "tol=1e-30"),
            folder=tmp_path,
            stdout=out,
            stderr=err,
            before=[partial(meets, "gdlab.results.rows.block", tells="computing")],
        )
    (tmp_path / "computing").read_text()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert (tmp_path / "err").read_text().startswith("gdlab: interrupted")
    assert "Traceback" not in (tmp_path / "err").read_text()
    assert not (tmp_path / "out").read_text()
    assert not runs_in(tmp_path)
    assert {path.name for path in (tmp_path / "outputs").iterdir()} <= {".locks"}


def test_a_refused_sweep_leaves_nothing_behind(tmp_path):
    done = gdlab("-m", "objective=quadratic,nope", folder=tmp_path, status=2)
    assert "objective=nope is none of them" in done.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
