"""Every command of the README does what it says, typed in the order of the page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .command import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that looks like the clone: the scripts are there, and the page's own files."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "experiments").symlink_to(ROOT / "experiments")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    for language, text in BLOCKS:
        if language == "yaml":
            path = folder / text.splitlines()[0].removeprefix("# ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def commands():
    lines = [line for language, text in BLOCKS if language == "bash" for line in text.splitlines()]
    return [line for line in lines if "pip install" not in line]


def test_the_page_has_its_two_commands_and_a_tour():
    assert len([text for language, text in BLOCKS if "pip install" in text]) == 2
    assert len(commands()) >= 10


def test_every_command_works_and_so_does_the_python_after_it(folder):
    for command in commands():
        done = subprocess.run(
            ["bash", "-c", command.replace("python ", f"'{sys.executable}' ", 1)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert "Warning" not in done.stderr
    page = "\n".join(text for language, text in BLOCKS if language == "python")
    script = folder / "page.py"
    script.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_file_that_the_page_names_is_there():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_every_choice_that_the_page_lists_exists_and_none_is_left_out():
    from gdlab.config import choices, conf_folder

    listed = dict(re.findall(r"^\| `(\w+)` \| (`[^|]+`) \|", README, flags=re.MULTILINE))
    for group, names in choices([Path(conf_folder())]).items():
        assert sorted(re.findall(r"`(\w+)`", listed[group])) == names
