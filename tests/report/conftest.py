"""Runs with their reports, made in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import gdlab
from tests.report.pages import Page


@pytest.fixture
def reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Page]:
    """Give a function that does a run and reads its report."""
    monkeypatch.chdir(tmp_path)

    def do(*words: str) -> Page:
        return Page(gdlab.run(*words).path / "report.html")

    return do
