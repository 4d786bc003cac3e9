"""The gallery: made by one command, which does again only what is new or changed."""

import json
import shutil

import pytest

from experiments import gallery
from tests.command import ROOT, python

NAME = "tutorial_quadratic"


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*.*")}


def test_a_study_that_is_done_is_on_the_page_and_has_the_same_bytes_when_it_is_done_again(tmp_path):
    assert not gallery.is_there(NAME, tmp_path)
    gallery.do(NAME, tmp_path)
    assert gallery.is_there(NAME, tmp_path)
    page = gallery.write_page(tmp_path).read_text(encoding="utf-8")
    found = json.loads((tmp_path / "answers" / f"{NAME}.json").read_text(encoding="utf-8"))
    for text in (found["question"], found["sentence"], f"python experiments/{NAME}.py"):
        assert text in page
    assert found["numbers"]["iterations"] == 15
    first = files(tmp_path)
    gallery.do(NAME, tmp_path)
    gallery.write_page(tmp_path)
    assert files(tmp_path) == first


def test_a_study_without_its_picture_or_with_the_answer_of_another_script_is_done_again(tmp_path):
    for kind in ("answers", "pictures"):
        shutil.copytree(gallery.HERE / kind, tmp_path / kind)
    assert gallery.is_there(NAME, tmp_path)
    (tmp_path / "pictures" / f"{NAME}.png").unlink()
    assert not gallery.is_there(NAME, tmp_path)
    shutil.copy(gallery.HERE / "pictures" / f"{NAME}.png", tmp_path / "pictures")
    path = tmp_path / "answers" / f"{NAME}.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(found | {"of": "another"}), encoding="utf-8")
    assert not gallery.is_there(NAME, tmp_path)


def test_an_answer_is_that_of_a_script_and_of_its_settings(tmp_path, monkeypatch):
    shutil.copytree(gallery.HERE, tmp_path / "experiments")
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    of = gallery.digest(NAME)
    monkeypatch.setattr(gallery, "HERE", tmp_path / "experiments")
    monkeypatch.setattr(gallery, "conf_folder", lambda: tmp_path / "conf")
    assert gallery.digest(NAME) == of
    for changed in (f"experiments/{NAME}.py", f"conf/experiment/{NAME}.yaml"):
        before = gallery.digest(NAME)
        with (tmp_path / changed).open("a") as file:
            file.write("# another\n")
        assert gallery.digest(NAME) != before


@pytest.mark.parametrize("name", gallery.STUDIES)
def test_the_gallery_shows_what_each_study_says_today(name):
    assert gallery.is_there(name), "make it anew: python -m experiments"
    assert (gallery.HERE / "pictures" / f"{name}.png").stat().st_size < 150_000
    script = (gallery.HERE / f"{name}.py").read_text(encoding="utf-8")
    assert len(script.splitlines()) < 120


def test_the_command_does_nothing_that_is_done(tmp_path):
    page = (ROOT / "experiments" / "README.md").read_bytes()
    said = python("-m", "experiments", folder=tmp_path).stdout.splitlines()
    assert said[:-1] == [f"{name}: there already" for name in gallery.STUDIES]
    assert not any(tmp_path.iterdir())
    assert (ROOT / "experiments" / "README.md").read_bytes() == page


def test_a_terminal_without_greek_letters_is_told_the_answer_too(tmp_path):
    script = str(ROOT / "experiments" / f"{NAME}.py")
    done = python(script, folder=tmp_path, PYTHONIOENCODING="ascii")
    assert "0.5 needs the fewest" in done.stdout
    assert (tmp_path / "outputs" / "studies" / f"{NAME}.png").exists()


def test_a_study_that_does_not_exist_is_refused_by_name(tmp_path):
    done = python("-m", "experiments", "best_step", folder=tmp_path, status=1)
    assert done.stderr.startswith("best_step is not a study (did you mean best_step_size?)")


def test_every_script_is_in_the_gallery():
    scripts = {path.stem for path in gallery.HERE.glob("*.py")}
    assert scripts - {"__init__", "__main__", "gallery"} == set(gallery.STUDIES)
