"""The wheel carries what it needs, and the sdist builds."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from gdlab.terminal.completion import HOW
from tests.command import ROOT, runs_in


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, and the wheel that is built from it, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def test_the_wheel_carries_the_configuration_and_says_that_it_is_typed(built):
    names = zipfile.ZipFile(built[0]).namelist()
    assert {"gdlab/conf/config.yaml", "gdlab/py.typed"} <= {*names}
    for path in (ROOT / "conf").rglob("*.yaml"):
        assert f"gdlab/conf/{path.relative_to(ROOT / 'conf').as_posix()}" in names
    for path in (ROOT / "gdlab" / "explorer").glob("*.*"):  # its page is no Python
        assert f"gdlab/explorer/{path.name}" in names
    assert {f"gdlab/terminal/completion/gdlab.{shell}" for shell in HOW} <= {*names}
    assert not [name for name in names if name.startswith(("tests/", "outputs/", "conf/"))]


def test_the_wheel_carries_all_that_pages_are_made_of(built):
    names = set(zipfile.ZipFile(built[0]).namelist())
    for folder in ("report", "explorer"):
        files = [path for path in (ROOT / "gdlab" / folder).rglob("*.*") if path.suffix != ".pyc"]
        assert {path.suffix for path in files} >= {".py", ".html", ".css", ".js"}
        assert {path.relative_to(ROOT).as_posix() for path in files} <= names


def test_the_sdist_carries_the_tests_the_pages_and_the_experiments(built):
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("conf/config.yaml", "tests/test_packaging.py", "constraints.txt", "LICENSE"):
        assert name in names
    for name in ("docs/conf.py", "docs/start.md", "Makefile", "CONTRIBUTING.md", ".ci/run"):
        assert name in names  # which the tests of the pages read
    assert "experiments/tutorial_quadratic.py" in names


def test_the_wheel_in_a_fresh_environment_runs_from_another_folder(built, tmp_path):
    environment, elsewhere = tmp_path / "environment", tmp_path / "elsewhere"
    venv.create(environment)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", built[0]], check=True)
    # the libraries that gdlab needs come from here, gdlab itself from the wheel alone
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(site, "libraries.pth").write_text("\n".join(libraries) + "\n", encoding="utf-8")
    elsewhere.mkdir()
    words = ["objective=himmelblau", "alpha=0.01", "x0=[[0,0]]", "figures.formats=[png]"]
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [environment / "bin" / "gdlab", *words],
        cwd=elsewhere,
        env=own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(runs_in(elsewhere)) == 1
    where = subprocess.run(
        [python, "-c", "import gdlab.config as c; print(c.conf_folder())"],
        cwd=elsewhere,
        env=own,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert where.startswith(site)
