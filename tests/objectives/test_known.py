"""What SymPy has said of a formula is found again by the next process, and changes no number."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gdlab
from gdlab.objectives import known
from gdlab.objectives.known import Known
from tests.command import cold
from tests.objectives.test_formula import CLASSICS

EVERYTHING = (*known.AT_ONCE, "hessian", "minima", "curvature", "latex")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path / "gdlab" / "formulas"


@pytest.fixture
def no_sympy(monkeypatch) -> Callable[[], None]:
    """From now on nobody can be asked."""

    def forbid() -> None:
        monkeypatch.setitem(sys.modules, "gdlab.objectives.derivation", None)

    return forbid


def seen(f: gdlab.Formula) -> list[Any]:
    """All that a formula says of itself, its values to the last bit."""
    x = np.random.default_rng(0).uniform(0.1, 2, (f.dimension, 20))
    return [
        *(f.variables, f.identity, f.source("value"), f.source("gradient"), f.formula, f.minimum),
        *(None if a is None else a.tolist() for a in (f.minimisers, f.curvature)),
        *(part.tobytes() for part in (f(x), f.grad(x), f.hessian(x))),
    ]


@pytest.mark.parametrize("text", [text for text, _ in CLASSICS.values()])
def test_a_formula_that_is_known_is_the_same_to_the_last_bit(text, no_sympy):
    before = seen(gdlab.Formula(text))
    no_sympy()
    assert seen(gdlab.Formula(text)) == before


def test_the_next_process_does_not_import_sympy(tmp_path):
    program = (
        "import sys, gdlab\n"
        "f = gdlab.Formula('(x - 1)**2 + 3')\n"
        "print(f.minimisers, f.curvature, f.formula, f(2.0), 'sympy' in sys.modules)"
    )
    said = [
        cold("-c", program, folder=tmp_path, NUMBA_CACHE_DIR=str(tmp_path)).stdout.split()
        for _ in range(2)
    ]
    assert [words.pop() for words in said] == ["True", "False"]
    assert said[0] == said[1]


def test_a_damaged_file_is_written_anew(cache):
    text = "x**4/4 - x**2/2 + x/5"
    before = seen(gdlab.Formula(text))
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    digit = whole.index(b"whole_power(") + len("whole_power(_Dummy_0000, ")
    broken = bytearray(whole)
    broken[digit] ^= 1  # another power
    for damaged in (b"", whole[:70], whole[:-1], bytes(broken), b"\xff" * 100):
        file.write_bytes(damaged)
        assert seen(gdlab.Formula(text)) == before
        assert file.read_bytes() == whole


def test_where_nothing_can_be_kept_a_formula_is_derived_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    assert gdlab.Formula("(x - 3)**2").minimisers.tolist() == [[3.0]]
    monkeypatch.setattr(known, "cache_folder", lambda: Path("~nobody_of_this_name").expanduser())
    assert gdlab.Formula("(x - 3)**2").minimisers.tolist() == [[3.0]]


def test_what_decides_an_answer_decides_the_file(cache, monkeypatch):
    asked = [
        ("a*x**2", {"a": 1}, None),
        ("a*x**3", {"a": 1}, None),
        ("a*x**2", {"a": 1.0}, None),
        ("a*x**2", {"a": 2}, None),
        ("a*x**2", {}, None),
        ("a*x**2", {}, ("a", "x")),
        ("a*x**2", {}, ("x", "a")),
    ]
    for one in asked:
        Known(*one)
    assert len(list(cache.iterdir())) == len(asked)
    for i in range(len(known._answering())):
        others = list(known._answering())
        others[i] += "of another"
        with monkeypatch.context() as patch:
            patch.setattr(known, "_answering", lambda others=others: tuple(others))
            Known(*asked[0])
        assert len(list(cache.iterdir())) == len(asked) + 1 + i


def test_a_formula_that_is_refused_leaves_nothing(cache):
    for _ in range(2):
        with pytest.raises(ValueError, match="divides by zero"):
            gdlab.Formula("x/0")
    assert not cache.exists()


def test_those_who_write_at_once_leave_a_whole_file(cache):
    def ask(name: str) -> str:
        return json.dumps(Known("sin(x)**2 + y**4", {}, None)[name])

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, EVERYTHING * 4))
    assert answers == answers[: len(EVERYTHING)] * 4
    (file,) = cache.iterdir()
    assert set(known._read(file)) >= set(known.AT_ONCE)


def test_of_very_many_formulas_the_older_are_forgotten(cache, monkeypatch):
    monkeypatch.setattr(known, "MOST", 6)
    for n in range(2, 12):
        Known(f"x**{n}", {}, None)
        assert len(list(cache.iterdir())) <= 6
    newest = Known("x**11", {}, None)
    assert "_derivation" not in vars(newest)


def test_other_processes_are_sent_no_objects_of_sympy():
    fresh = Known("x**2", {}, None)
    assert "_derivation" in vars(fresh)
    assert "_derivation" not in fresh.__getstate__()
