"""Every block of every page does what it says, typed from top to bottom."""

import importlib
import re
import subprocess
from pathlib import Path

import pytest

from docs import docstrings
from tests.command import ROOT, python

README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
BLOCK = re.compile(r"^```(.*)\n((?s:.*?))^```$", flags=re.MULTILINE)
FILE = re.compile(r"(?:# @package .*\n)?# (\S+\.(?:py|yaml))\n")
OPTUNA = re.compile(r".*A new study created in memory.*\n")
"""What Optuna says on stderr when all is well."""
LANGUAGES = {"bash", "python", "yaml", "text", "{eval-rst}", "{toctree}"}


def read(page):
    return page.read_text(encoding="utf-8")


def blocks(page):
    """The language, the text and the first line's number of each block of a page."""
    text = read(page)
    return [(it[1], it[2], text[: it.start(2)].count("\n")) for it in BLOCK.finditer(text)]


def named(page):
    return page.relative_to(ROOT).as_posix()


def runs(page):
    return any(language in ("bash", "python") for language, _, _ in blocks(page))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that looks like the clone to those who are in it: the scripts are there."""
    (tmp_path / "experiments").symlink_to(ROOT / "experiments")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.timeout(900)  # commands with all their pictures
@pytest.mark.parametrize("page", [*filter(runs, PAGES)], ids=named)
def test_the_blocks_of_a_page_do_what_they_say_in_their_order(page, folder):
    known = {"__name__": "page"}
    for language, text, line in blocks(page):
        if file := FILE.match(text):
            path = folder / file[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif language == "bash":
            for command in text.splitlines():
                if "pip install" not in command:  # which CI types
                    said = python(*words_of(command), folder=folder).stderr
                    assert not OPTUNA.sub("", said), command
        elif language == "python":
            for name in re.findall(r"^import (\w+)", text, flags=re.MULTILINE):
                pytest.importorskip(name)
            exec(compile("\n" * line + text, page, "exec"), known)


def words_of(command):
    """The words that Python gets, quoted and split by the shell."""
    assert command.startswith("python "), command
    told = 'python() { printf "%s\\0" "$@"; }\n' + command
    done = subprocess.run(["bash", "-c", told], capture_output=True, text=True, check=True)
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_block_says_what_it_is(page):
    assert {language for language, _, _ in blocks(page)} <= LANGUAGES
    assert len(re.findall("^```", read(page), flags=re.MULTILINE)) == 2 * len(blocks(page))


def test_the_readme_has_its_two_commands_and_is_for_newcomers():
    assert len([text for _, text, _ in blocks(README) if "pip install" in text]) == 2
    assert read(README).count("\n") < 150


def test_what_the_pages_of_the_clone_link_to_is_there():
    for page in (README, ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)", read(page)):
            assert (ROOT / target).exists(), target


def test_every_choice_that_the_page_lists_exists_and_none_is_left_out():
    from gdlab.config import choices, conf_folder

    page = read(DOCS / "choices.md")
    listed = dict(re.findall(r"^\| `(\w+)` \| (`[^|]+`) \|", page, flags=re.MULTILINE))
    for group, names in choices([Path(conf_folder())]).items():
        assert sorted(re.findall(r"`(\w+)`", listed[group])) == names


def test_every_picture_is_on_its_page():
    from gdlab.figures import FIGURES

    listed = re.findall(r"^\| `(\w+)` \|", read(DOCS / "figures.md"), flags=re.MULTILINE)
    assert sorted(listed) == sorted(FIGURES)


@pytest.mark.parametrize("module", ["gdlab", "gdlab.figures", "gdlab.objectives"])
def test_the_reference_has_every_public_name(module):
    page = read(DOCS / "reference" / f"{module.removeprefix('gdlab.')}.md")
    for name in importlib.import_module(module).__all__:
        assert f"{module}.{name}" in page, name


def test_docstrings_of_the_house_become_what_sphinx_reads():
    prose = "Gives |x*| for x_ in `a*b`.", "n : how many; m :", "    the most."
    assert docstrings.readable([*prose, "", "    code"]) == [
        r"Gives \|x\*\| for x\_ in `a*b`.", "",
        "``n``", "    how many;", "",
        "``m``", "    the most.", "",
        "",
        "::", "", "    code",
    ]  # fmt: skip
    assert docstrings.readable(["Examples", "--------", ">>> 2*3"])[2] == ">>> 2*3"


def test_developers_type_what_ci_does():
    typed = re.findall(r"^\t\$\(PYTHON\) -m (.*)", read(ROOT / "Makefile"), flags=re.MULTILINE)
    done = read(ROOT / ".ci" / "run") + read(README)
    ours = [words for words in typed if words.startswith(("ruff", "mypy", "sphinx"))]
    assert len(ours) == 4
    for words in ours:
        assert f"python -m {words}\n" in done


def test_the_citation_is_of_this_version():
    import gdlab

    assert f"\nversion: {gdlab.__version__}\n" in read(ROOT / "CITATION.cff")
    assert f'\nversion = "{gdlab.__version__}"\n' in read(ROOT / "pyproject.toml")
