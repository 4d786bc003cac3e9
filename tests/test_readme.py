"""Every command of the README does what it says, typed in the order of the page."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.command import ROOT, python

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
FILES = {  # by their names, which a comment tells in their first line
    name[1]: text for _, text in BLOCKS if (name := re.match(r"# (\S+\.(?:py|yaml))\n", text))
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that looks like the clone: the scripts are there, and the page's own files."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "experiments").symlink_to(ROOT / "experiments")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def commands():
    lines = [line for language, text in BLOCKS if language == "bash" for line in text.splitlines()]
    return [line for line in lines if "pip install" not in line]


def test_the_page_has_its_two_commands_and_a_tour():
    assert len([text for language, text in BLOCKS if "pip install" in text]) == 2
    assert len(commands()) >= 10
    assert all(command.startswith("python ") for command in commands())


def words_of(command):
    """The words that Python gets, quoted and split by the shell."""
    told = 'python() { printf "%s\\0" "$@"; }\n' + command
    done = subprocess.run(["bash", "-c", told], capture_output=True, text=True, check=True)
    return done.stdout.split("\0")[:-1]


@pytest.mark.timeout(900)  # a score of commands, with all their pictures
def test_every_command_works_and_so_does_the_python_after_it(folder):
    for command in commands():
        assert not python(*words_of(command), folder=folder).stderr
    blocks = [text for language, text in BLOCKS if language == "python"]
    page = "\n".join(text for text in blocks if text not in FILES.values())
    (folder / "page.py").write_text(page, encoding="utf-8")
    python("page.py", folder=folder)


def test_every_file_that_the_page_names_is_there():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_every_choice_that_the_page_lists_exists_and_none_is_left_out():
    from gdlab.config import choices, conf_folder

    listed = dict(re.findall(r"^\| `(\w+)` \| (`[^|]+`) \|", README, flags=re.MULTILINE))
    for group, names in choices([Path(conf_folder())]).items():
        assert sorted(re.findall(r"`(\w+)`", listed[group])) == names
