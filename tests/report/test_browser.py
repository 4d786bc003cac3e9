"""Reports in a real browser: of any width, in the dark, sorted, and with nothing that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import gdlab

NAME = "</title><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of a sweep of two runs, one of which fails, and that of the other."""
    folder = tmp_path_factory.mktemp("reports")
    escaped = NAME.replace("'", "\\'")
    words = (f"objective.name='{escaped}'", "alpha=[0.1,0.3,0.5,1.0,1.2]", "x0=[1,2]")
    gdlab("-m", *words, "tol=1e-6,0", folder=folder, status=1)
    (run,) = (folder / "outputs").glob("*/report.html")
    (sweep,) = (folder / "outputs" / "sweeps").glob("*/report.html")
    return {"run": run, "sweep": sweep}


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages; at the end none has said anything, asked for another one, or run a name."""
    every: list[tuple[Any, Any, list[str], str]] = []

    def opens(path: Path, **how: Any) -> Any:
        context = browser.new_context(**how)
        page, said = context.new_page(), list[str]()
        every.append((context, page, said, path.as_uri()))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url))
        page.goto(path.as_uri())
        return page

    yield opens
    for context, page, said, address in every:
        ran = page.evaluate("window.ran")
        context.close()
        assert ran is None
        assert [one for one in said if not one.startswith("data:")] == [address]


@pytest.mark.parametrize("kind", ["run", "sweep"])
@pytest.mark.parametrize(
    ("width", "scheme", "ground"), [(390, "dark", (0, 60)), (1400, "light", (200, 256))]
)
def test_a_page_fits_any_width_in_either_light(visit, reports, kind, width, scheme, ground):
    page = visit(reports[kind], viewport={"width": width, "height": 844}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(colour.removeprefix("rgb(").partition(",")[0])
    assert ground[0] <= red < ground[1]
    pictures = page.evaluate(
        "Promise.all([...document.images].map((own) => own.decode().then(() => own.naturalWidth)))"
    )
    assert len(pictures) >= 2
    assert min(pictures) > 100


def cells(page: Any, column: int) -> list[str]:
    return page.eval_on_selector_all(
        "#by-alpha ~ tbody tr", f"(rows) => rows.map((row) => row.cells[{column}].textContent)"
    )


MEDIAN = 5


def test_a_click_on_a_heading_sorts_by_it_and_another_turns_the_order(visit, reports):
    page = visit(reports["run"])
    assert cells(page, 0) == ["0.1", "0.3", "0.5", "1", "1.2"]
    heading = page.locator("#by-alpha ~ thead th").nth(MEDIAN)
    assert heading.get_attribute("aria-sort") is None
    heading.locator("button").click()
    assert cells(page, MEDIAN) == ["2", "17.5", "61.5", "∞", "∞"]
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.locator("button").click()
    assert cells(page, MEDIAN) == ["∞", "∞", "61.5", "17.5", "2"]
    assert heading.get_attribute("aria-sort") == "descending"
    page.locator("#by-alpha ~ thead th").nth(0).locator("button").click()
    assert heading.get_attribute("aria-sort") is None
    assert cells(page, 0) == ["0.1", "0.3", "0.5", "1", "1.2"]


def test_the_keyboard_sorts_as_well(visit, reports):
    page = visit(reports["run"])
    page.locator("#by-alpha ~ thead button").nth(MEDIAN - 1).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert cells(page, 0)[0] == "0.5"
    page.keyboard.press("Space")
    assert cells(page, 0)[-1] == "0.5"


def test_a_run_that_failed_is_last_in_any_order(visit, reports):
    page = visit(reports["sweep"])
    rows = "#table-of-runs ~ tbody tr"
    for _ in range(2):
        page.locator("#table-of-runs ~ thead button").nth(2).click()  # converged
        assert "failed" in page.locator(rows).last.text_content()


def test_the_links_of_a_sweep_lead_to_the_reports_of_its_runs(visit, reports):
    page = visit(reports["sweep"])
    (target,) = page.eval_on_selector_all(
        "#table-of-runs ~ tbody a", "(all) => all.map((a) => a.href)"
    )
    assert target == reports["run"].as_uri()


def test_a_printed_page_has_its_tables_whole_and_nothing_to_click(visit, reports):
    page = visit(reports["run"])
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert all(
        own.evaluate("(own) => own.scrollHeight <= own.clientHeight")
        for own in page.locator(".scroll").all()
    )
