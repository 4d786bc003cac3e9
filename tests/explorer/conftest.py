"""Pages with an explorer, opened in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gdlab.experiment import Experiment
from gdlab.explorer import columns_of, page, section
from gdlab.results.table import Descent
from gdlab.store.shares import descend

READY = ".gdlab-explorer[data-ready]"
MARGINS = {"left": 56, "right": 10, "top": 22, "bottom": 38}
"""Around the map, in pixels: those of `Sheet` in explorer.js."""


@dataclass
class Opened:
    """A page in the browser with the explorer of an experiment.

    said : what it wrote to the console; asked : addresses that it asked for.
    """

    page: Any
    said: list[str]
    asked: list[str]

    @property
    def lane(self) -> tuple[str, int, list[float], str]:
        """Status, steps, last iterate and how the page compares them, of the lane in view."""
        own = self.page.evaluate("({...document.querySelector('.gdlab-explorer').dataset})")
        last = [float(text) for text in own["last"].split()]
        return own["status"], int(own["steps"]), last, own["compared"]

    def text(self, part: str) -> str:
        return str(self.page.text_content(f".gdlab-explorer .{part}"))

    def follow(self, fragment: str) -> None:
        """Follow the lane that a fragment names."""
        self.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
        self.drawn()

    def drawn(self) -> None:
        """Wait until what was done is drawn."""
        self.page.evaluate(
            "new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))"
        )

    def place(self, part: str, across: float, up: float) -> tuple[float, float]:
        """Where on the page a share of the axes of a picture is."""
        box = self.page.locator(f".gdlab-explorer .{part}").bounding_box()
        wide = box["width"] - MARGINS["left"] - MARGINS["right"]
        high = box["height"] - MARGINS["top"] - MARGINS["bottom"]
        return (
            box["x"] + MARGINS["left"] + across * wide,
            box["y"] + MARGINS["top"] + (1 - up) * high,
        )


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Opens pages; at the end none of them has said anything, or asked for another address."""
    every: list[tuple[Opened, Any, str]] = []

    def opens(made: Experiment | str, title: str | None = None, fragment: str = "", **how: Any):
        if isinstance(made, Experiment):
            made = html_of(made, title)[0]
        file = tmp_path / f"{len(every)}.html"
        file.write_text(made, encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, **how})
        own = Opened(context.new_page(), [], [])
        every.append((own, context, file.as_uri()))
        own.page.on("console", lambda message: own.said.append(message.text))
        own.page.on("pageerror", lambda error: own.said.append(str(error)))
        own.page.on("request", lambda request: own.asked.append(request.url))
        own.page.goto(file.as_uri() + fragment)
        own.page.wait_for_selector(READY)
        return own

    yield opens
    for own, context, address in every:
        context.close()
        assert own.said == []
        assert {url.partition("#")[0] for url in own.asked} <= {address, "data:,"}


def html_of(experiment: Experiment, title: str | None = None) -> tuple[str, Descent]:
    """A page with the explorer alone, and what the table has."""
    descent = descend(experiment)
    made = section(experiment, columns_of(descent), title)
    assert not made.why_not
    return page(made, title or "explorer"), descent
