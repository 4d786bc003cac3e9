"""The main job through the real command line, and through gdlab.run."""

import os
import pty
import subprocess
import sys
from functools import cache, partial
from pathlib import Path

import hydra
import numpy as np
import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

import gdlab as library
from gdlab.config import choices, conf_folder
from gdlab.settings import experiment_of
from gdlab.theory import exact_limit
from tests.command import cold, gdlab, needs_forks, runs_in, started
from tests.moments import counts_calls, impatient

GROUPS = choices([conf_folder()])
NEEDY = {
    path.stem for path in (conf_folder() / "objective").glob("*.yaml") if "???" in path.read_text()
}
"""Objectives that are none without something of a user's."""
EVERY_CHOICE = [
    f"{'+' * (group == 'experiment')}{group}={choice}"
    for group, names in GROUPS.items()
    for choice in names
    if group != "objective" or choice not in NEEDY
]


@cache
def composed(*words):
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        return experiment_of(compose("config", overrides=list(words)))


@pytest.mark.parametrize("word", EVERY_CHOICE)
def test_every_choice_makes_an_experiment(word):
    plane = ["objective=himmelblau"] if word == "x0_grid=plane" else []
    assert composed(word, *plane).n_lanes >= 1


def test_the_condition_number_is_a_parameter():
    for kappa in (10, 1000):
        objective = composed(
            "objective=ill_conditioned", f"objective.parameters.kappa={kappa}"
        ).objective
        assert np.linalg.cond(objective.curvature) == pytest.approx(kappa)
        assert exact_limit(objective) == pytest.approx(2 / kappa)


def test_the_plain_values_and_the_groups_go_together():
    experiment = composed("alpha_grid=log", "alpha_grid.num=500", "tolerance=tight", "tol=1e-9")
    assert len(experiment.alpha) == 500
    assert experiment.tol.tolist() == [1e-9]
    assert experiment.max_iter == 10_000
    assert composed("alpha=0.3").alpha.tolist() == [0.3]
    assert composed("alpha=[0.1,0.3,0.9]").alpha.tolist() == [0.1, 0.3, 0.9]
    points = composed("objective=himmelblau", "x0=[[-3,1],[0,0]]")
    assert points.x0.tolist() == [[-3, 1], [0, 0]]
    assert composed("tolerance=ladder").tol.tolist() == [10.0**-k for k in range(1, 10)]
    assert composed("tolerance.criterion=gradient").criterion == "gradient"
    call = "alpha={_target_: numpy.geomspace, start: 0.01, stop: 1, num: 3}"
    assert composed(call).alpha == pytest.approx([0.01, 0.1, 1])


def test_an_own_choice_of_grid_beats_that_of_the_objective():
    assert composed("objective=himmelblau").x0.shape == (101 * 101, 2)
    assert composed("objective=himmelblau", "x0_grid=random").x0.shape == (100, 2)
    assert len(composed("objective=himmelblau", "alpha_grid=few").alpha) == 3


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tutorial")
    return folder, cold("-m", "gdlab", "+experiment=tutorial_shifted_quadratic", folder=folder)


def test_a_single_lane_prints_the_tutorials_trace(tutorial):
    done = tutorial[1]
    printed = [line.split() for line in done.stdout.splitlines()]
    rows = {int(words[0]): words[1] for words in printed if words and words[0].isdigit()}
    tutorials = (Path(__file__).parent / "data" / "shifted_quadratic_trace.csv").read_text()
    expected = dict(line.split(",") for line in tutorials.split()[1:])
    assert rows == {0: "10.0"} | {int(k): x for k, x in expected.items()}
    assert "converged at iteration 78" in done.stdout
    assert "diverges from α ≥ 2/L = 1" in done.stdout


def test_a_run_leaves_its_table_pictures_trace_and_record(tutorial):
    (run,) = runs_in(tutorial[0])
    left = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    assert left == {
        ".hydra/config.yaml",
        ".hydra/hydra.yaml",
        ".hydra/overrides.yaml",
        "run.json",
        "figures.json",
        "trace.csv",
        "report.html",
        "results/part-00000.parquet",
        *(f"figures/{name}.{kind}" for name in ("curves", "path") for kind in ("png", "svg")),
    }
    assert f"results: {run}" in tutorial[1].stdout


def test_no_progress_bar_where_the_output_is_no_terminal(tutorial):
    assert tutorial[1].stderr == ""


def test_the_same_experiment_leaves_the_same_bytes(tutorial, tmp_path):
    gdlab("+experiment=tutorial_shifted_quadratic", folder=tmp_path)
    (first,), (second,) = runs_in(tutorial[0]), runs_in(tmp_path)
    assert first.name == second.name
    for path in [*first.glob("results/*"), *first.glob("figures/*"), first / "trace.csv"]:
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()


@needs_forks
def test_a_long_run_on_a_terminal_shows_its_progress(tmp_path):
    leader, follower = pty.openpty()
    process = started(
        *("-m", "gdlab", "alpha=1e-7", "x0=[1,2]", "tol=1e-12", "max_iter=1000"),
        "figures=none",
        folder=tmp_path,
        stderr=follower,
        before=[partial(impatient, 0.0)],
        TERM="xterm",
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # the terminal is gone with the process
            break
        if not part:
            break
        shown += part
    assert process.wait(timeout=60) == 0
    assert b"of 2 lanes" in shown
    assert b"steps/s" in shown


def test_the_summary_names_the_best_step_size_and_the_limit(tmp_path):
    words = ("objective=quadratic", "alpha=[0.1,0.5,1,1.1]", "x0=[-3,3]", "figures=none")
    out = gdlab(*words, folder=tmp_path).stdout
    assert "best α = 0.5: converged from 100.0% of the starting points, median 2, worst 2" in out
    assert "diverges from α ≥ 2/L = 1" in out
    rows = [line.split("│")[1:-1] for line in out.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["0.1", "100.0%", "–", "–", "–", "61", "61"],
        ["0.5", "100.0%", "–", "–", "–", "2", "2"],
        ["1", "–", "100.0%", "–", "–", "∞", "∞"],
        ["1.1", "–", "–", "–", "100.0%", "∞", "∞"],
    ]


def test_signs_that_no_font_has_are_named(tmp_path):
    few = "alpha=0.1", "x0=[1,2]", "figures.names=[curves]", "figures.formats=[png]"
    done = gdlab(*few, "objective.name='bowl \ufdd0'", folder=tmp_path)
    assert "no font of this machine has \ufdd0: shown as □ in the pictures" in done.stdout
    assert done.stderr == ""


def test_no_limit_is_claimed_where_the_theory_is_not_exact(tmp_path):
    out = gdlab("objective=double_well", "alpha=0.1", "figures=none", folder=tmp_path).stdout
    assert "2/L" not in out
    assert "theory" not in out


def test_a_sweep_leaves_one_run_for_each_combination(tmp_path):
    gdlab("-m", "objective=quadratic,double_well", "tol=1e-3,1e-6", "figures=none", folder=tmp_path)
    table = library.load(tmp_path / "outputs")
    assert table.groupby(["objective", "tol"]).size().tolist() == [100 * 101] * 4


@needs_forks
def test_hydra_composes_the_configuration_of_a_run_once(tmp_path):
    composing = "hydra._internal.config_loader_impl.ConfigLoaderImpl._load_configuration_impl"
    count = partial(counts_calls, composing, str(tmp_path / "calls"))
    gdlab("alpha=0.1", "figures=none", folder=tmp_path, before=[count])
    assert (tmp_path / "calls").read_text() == "I"
    (run,) = runs_in(tmp_path)
    left = OmegaConf.load(run / ".hydra" / "hydra.yaml").hydra
    assert left.mode == "RUN"
    assert left.overrides == {"hydra": ["hydra.mode=RUN"], "task": ["alpha=0.1", "figures=none"]}


def test_a_file_can_make_a_sweep_of_a_command(tmp_path):
    many = tmp_path / "own" / "mode" / "many.yaml"
    many.parent.mkdir(parents=True)
    many.write_text("# @package _global_\nhydra: {mode: MULTIRUN}\n")
    words = ("--config-dir=own", "+mode=many", "figures=none", "alpha=0.1", "tol=1e-2,1e-3")
    gdlab(*words, folder=tmp_path)
    assert len(runs_in(tmp_path)) == 2


def test_help_lists_the_groups_and_shows_three_examples(tmp_path):
    out = gdlab("--help", folder=tmp_path).stdout
    for group, names in GROUPS.items():
        assert f"{group}: {', '.join(names)}" in out
    assert out.count("python -m gdlab ") >= 3
    assert not list(tmp_path.iterdir())


def test_help_and_a_mistyped_choice_answer_before_the_slow_libraries_are_imported(tmp_path):
    code = (
        "import os, sys; from gdlab.app import main\n"
        "for word in sys.argv[1:]:\n"
        "    sys.argv = ['gdlab', word]\n"
        "    os.environ['HYDRA_FULL_ERROR'] = '0'\n"  # which `main` sets
        "    try: main()\n"
        "    except SystemExit as end: assert end.code == 2\n"
        "    else: assert word == '--help'\n"
        "slow = {'pandas', 'seaborn', 'sympy', 'matplotlib'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    mistyped = ("objective=quadratc", "alpha_grid=[0.1]", "alhpa=1")
    done = cold("-c", code, "--help", *mistyped, folder=tmp_path)
    assert "objective: " in done.stdout
    for said in ("did you mean quadratic?", "alpha='[0.1]'", "did you mean alpha?"):
        assert said in done.stderr


def test_the_whole_configuration_can_be_shown_without_a_run(tmp_path):
    out = gdlab("--cfg", "job", folder=tmp_path).stdout
    assert "expr: x**2 + 4*x + 4" in out
    assert "alpha: ${alpha_grid}" in out
    assert not list(tmp_path.iterdir())


def test_the_version_is_that_of_gdlab(tmp_path):
    done = gdlab("--version", folder=tmp_path)
    assert done.stdout == f"gdlab {library.__version__} (Hydra {hydra.__version__})\n"


def test_the_tab_key_completes_choices():
    done = subprocess.run(
        [sys.executable, "-m", "gdlab", "-sc", "query=bash"],
        env=os.environ | {"COMP_LINE": "gdlab objective=q", "COMP_POINT": "17"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["objective=quadratic", "objective=quartic"]


def test_python_runs_with_the_same_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = library.run("objective=shifted_quadratic", "alpha=[0.1,0.3,0.9]", "figures=none")
    assert run.path.parent == tmp_path / "outputs"
    assert run.config["objective"]["expr"] == "x**2 + 4*x + 4"
    table = run.table()
    assert table["alpha"].unique().tolist() == [0.1, 0.3, 0.9]
    direct = library.table(
        library.Formula("x**2 + 4*x + 4"), [0.1, 0.3, 0.9], np.linspace(-10, 10, 101)
    )
    pd.testing.assert_frame_equal(table, direct, check_exact=True)


def test_equal_settings_in_other_words_are_the_same_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ways = (
        ["alpha=0.1", "x0=[-3,-1,1,3]"],
        ["alpha=[0.1]", "x0_grid=few"],
        ["alpha=1e-1", "x0=[[-3],[-1],[1],[3]]", "figures.formats=[png]"],
    )
    assert len({library.run("figures.names=[]", *way).path for way in ways}) == 1
    for other in ("tol=1e-7", "max_iter=999", "tolerance.escape=1e7", "tolerance.criterion=gap"):
        library.run("figures=none", *ways[0], other)
    assert len(runs_in(tmp_path)) == 5


def test_scipys_functions_serve_from_a_file_outside_the_package(tmp_path):
    (tmp_path / "mine" / "objective").mkdir(parents=True)
    (tmp_path / "mine" / "objective" / "rosen.yaml").write_text(
        "_target_: gdlab.Function\n"
        "f: scipy.optimize.rosen\n"
        "grad: scipy.optimize.rosen_der\n"
        "variables: [x, y]\n"
    )
    words = ("alpha=0.001", "x0=[[-1,1],[0.5,0.5]]", "max_iter=100", "figures=none")
    gdlab("--config-dir=mine", "objective=rosen", *words, folder=tmp_path)
    gdlab("objective=rosenbrock", *words, folder=tmp_path)
    table = library.load(tmp_path / "outputs").set_index("objective")
    theirs, ours = table.loc["rosen"], table.loc["rosenbrock"]
    assert (theirs["status"] == "max_iter").all()
    assert theirs[["x_1", "x_2"]].to_numpy() == pytest.approx(ours[["x_1", "x_2"]].to_numpy())
