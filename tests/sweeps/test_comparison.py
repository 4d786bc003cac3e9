"""What a sweep leaves and says at its end, through the real command line."""

import json

import pytest
from omegaconf import OmegaConf

import gdlab as library
from gdlab.sweeps.comparison import conclude
from tests.command import gdlab

SWEEP = (
    *("-m", "objective=quadratic,double_well", "tol=1e-2,0", "alpha_grid=few", "x0_grid=few"),
    *("figures.names=[heatmap,curves]", "figures.formats=[png]"),
)


def test_a_sweep_leaves_its_record_table_and_pictures_and_names_what_failed(tmp_path):
    done = gdlab(*SWEEP, folder=tmp_path, status=1, COLUMNS="80")
    (folder,) = (tmp_path / "outputs" / "sweeps").iterdir()
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {path for path in left if not path.startswith(".jobs")} == {
        "multirun.yaml",
        "sweep.json",
        "results.parquet",
        "figures/heatmaps.png",
        "figures/curves.png",
        "report.html",
    }
    record = json.loads((folder / "sweep.json").read_bytes())
    assert record["swept"] == ["objective", "tol"]
    assert [job["run"] is None for job in record["jobs"]] == [False, True, False, True]
    assert len(library.load(folder)) == 24

    lines = [line for line in done.stdout.splitlines() if "│" in line]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
    assert [row[:4] for row in rows] == [
        ["quadratic", "0.01", "12", "100.0%"],
        ["quadratic", "0", "failed", ""],
        ["double_well", "0.01", "12", "58.3%"],
        ["double_well", "0", "failed", ""],
    ]
    assert max(map(len, lines)) <= 80

    failed = [line for line in done.stderr.splitlines() if line.startswith("gdlab: failed:")]
    assert len(failed) == 2
    assert "tol=0 is not a tolerance" in failed[0]
    assert "objective=quadratic tol=0" in failed[0]


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """Make the folder of a sweep from runs done in Python."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def make(**swept):
        (name,) = swept
        folder = tmp_path / "outputs" / "sweeps" / name
        (folder / ".jobs").mkdir(parents=True)
        for number, value in enumerate(swept[name]):
            word = f"{name}={value}"
            run = library.run("alpha=0.1", "x0_grid=few", word, "figures=none")
            outcome = {
                "job": number,
                "overrides": [word],
                "swept": {name: value},
                "run": str(run.path),
                "message": None,
            }
            (folder / ".jobs" / f"{number:06d}.json").write_text(json.dumps(outcome))
        return folder

    return make


def config(names, formats=("png",)):
    figures = {"names": list(names), "formats": list(formats)}
    return OmegaConf.create({"figures": figures, "report": False})


@pytest.mark.parametrize(
    ("names", "left"),
    [([], []), (["path"], []), (["heatmap"], ["heatmaps.png"]), (["curves"], ["curves.png"])],
)
def test_a_sweep_draws_what_is_asked_for(jobs, names, left):
    folder = jobs(tol=[1e-2, 1e-3])
    assert conclude(folder, config(names))
    assert sorted(path.name for path in folder.glob("figures/*")) == left


def test_a_sweep_s_pictures_call_the_objective_by_the_name_that_the_sweep_gives_it(jobs):
    folder = jobs(tol=[1e-2, 1e-3])
    conclude(folder, config(["heatmap"]))
    before = (folder / "figures" / "heatmaps.png").read_bytes()
    for path in (folder / ".jobs").iterdir():
        path.write_text(json.dumps(json.loads(path.read_bytes()) | {"name": "Bowl"}))
    conclude(folder, config(["heatmap"]))
    assert (folder / "figures" / "heatmaps.png").read_bytes() != before


def test_where_each_run_has_one_step_size_none_is_called_the_best(jobs, capsys):
    conclude(jobs(alpha=[0.1, 0.3]), config([]))
    assert "best α" not in capsys.readouterr().out


def test_a_long_value_is_cut_in_the_middle(jobs, capsys):
    long = "+".join(f"(x-{i})**2" for i in range(1, 12))
    folder = jobs(max_iter=[100, 200])
    path = folder / ".jobs" / "000000.json"
    job = json.loads(path.read_bytes())
    path.write_text(json.dumps(job | {"swept": {"max_iter": long}}))
    conclude(folder, config([]))
    out = capsys.readouterr().out
    assert "…" in out
    assert max(map(len, out.splitlines()[:6])) <= 80
