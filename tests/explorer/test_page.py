"""The page in a user's hands: pointer, keys, fragment, and every odd experiment."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gdlab
from gdlab import grids
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.explorer import page as page_of
from gdlab.explorer import section
from gdlab.figures.cells import LOOKS
from gdlab.store.shares import descend

QUADRATIC = gdlab.Formula("x**2 + 4*x + 4")
HIMMELBLAU = gdlab.Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", domain=[-5, 5])
ALPHA, X0 = np.linspace(0.1, 1.1, 11), np.linspace(-10, 10, 11)
LINE = Experiment(QUADRATIC, ALPHA, X0, tol=1e-7)
PLANE = Experiment(HIMMELBLAU, [0.01, 0.02], grids.plane(11, objective=HIMMELBLAU))
NOT_CONVERGED = {look.colour for look in LOOKS.values()}


def test_hovering_names_the_lane_and_its_verdict_and_a_click_follows_it(opened):
    page = opened(LINE)
    page.page.mouse.move(*page.place("map", 0.5 / 11, 10.5 / 11))
    assert page.text("hint") == "α = 0.1, x₀ = 10: converged after 78 iterations"
    page.page.mouse.click(*page.place("map", 0.5 / 11, 10.5 / 11))
    page.drawn()
    assert page.text("count") == "Converged after 78 iterations"
    assert page.text("where") == "α = 0.1, from x₀ = 10 to −1.9999996687161754"
    assert page.text("compared") == "As in the table, to the last bit."
    page.page.mouse.click(*page.place("map", 10.5 / 11, 10.5 / 11))
    page.drawn()
    assert page.text("count").startswith("Diverged after")
    page.page.mouse.click(*page.place("map", 9.5 / 11, 0.5 / 11))
    page.drawn()
    assert page.text("count") == "Cycling with period 2"


@pytest.mark.parametrize("step_size", [1.25, 1.455])
def test_a_cycle_is_named_with_the_period_that_the_table_has(opened, step_size):
    experiment = Experiment(gdlab.Formula("x**4/4 - x**2/2"), [step_size], [0.3])
    period = int(descend(experiment).period[0, 0, 0])
    assert period > 2
    assert opened(experiment).text("count") == f"Cycling with period {period}"


@pytest.mark.parametrize("made", [LINE, PLANE], ids=["line", "plane"])
def test_the_map_has_the_colour_of_every_verdict_where_its_lane_is(opened, made):
    i = len(made.alpha) - 1  # of the plane the step size that is not the first
    page = opened(made, fragment=f"#alpha={made.alpha[i]!s}&x0={','.join('4' * made.dimension)}")
    status = descend(made).status[..., 0]
    cells = status if made.dimension == 1 else status[i].reshape(11, 11)
    box = page.page.locator(".map").bounding_box()
    lanes = list(np.ndindex(11, 11))
    places = [page.place("map", (i + 0.3) / 11, (j + 0.3) / 11) for i, j in lanes]
    found = page.page.locator(".map").evaluate(
        """(canvas, places) => {
            const { width, height } = canvas;
            const image = canvas.getContext("2d").getImageData(0, 0, width, height);
            const first = ([x, y]) => 4 * (y * width + x);
            return places.map((at) => [...image.data.slice(first(at), first(at) + 3)]);
        }""",
        [[round(x - box["x"]), round(y - box["y"])] for x, y in places],
    )
    for lane, colour in zip(lanes, found, strict=True):
        look, seen = LOOKS.get(Status(cells[lane])), f"#{bytes(colour).hex()}"
        assert seen == look.colour if look else seen not in NOT_CONVERGED, lane


def test_sliders_go_between_grid_points_where_no_table_is(opened):
    page = opened(LINE)
    page.page.locator(".sliders input").first.evaluate(
        "(input) => { input.value = 2.5; input.dispatchEvent(new Event('input')); }"
    )
    page.drawn()
    assert page.text("compared") == "Between grid points: not in the table."
    assert "α = 0.35" in page.text("where")
    page.page.locator(".sliders input").first.evaluate(
        "(input) => { input.value = 3.01; input.dispatchEvent(new Event('input')); }"
    )
    page.drawn()
    assert "α = 0.4," in page.text("where")
    assert page.lane[3] == "same"


def test_arrow_keys_move_the_lane_cell_by_cell_and_stop_at_the_edge(opened):
    page = opened(LINE, fragment="#alpha=0.1&x0=-10")
    page.page.locator(".map").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "ArrowDown"):
        page.page.keyboard.press(key)
    page.drawn()
    assert page.text("where").startswith("α = 0.2, from x₀ = −10 to")
    assert page.lane[3] == "same"
    page.page.wait_for_function("location.hash === '#alpha=0.2&x0=-10'")
    assert page.text("live") == (f"{page.text('count')}. As in the table, to the last bit.")


def test_the_fragment_survives_a_reload_and_nonsense_in_it_is_ignored(opened):
    page = opened(LINE, fragment="#alpha=0.3333&x0=7.25")
    assert page.text("where").startswith("α = 0.3333, from x₀ = 7.25 to")
    page.page.reload()
    page.page.wait_for_selector(".gdlab-explorer[data-ready]")
    assert page.text("where").startswith("α = 0.3333, from x₀ = 7.25 to")
    wrong = ("alpha=9&x0=7", "alpha=0.2", "alpha=x&x0=1", "alpha=0.2&x0=1,2", "alpha=0.2&x0=", "%")
    for nonsense in wrong:
        page.follow(nonsense)
        assert page.text("where").startswith("α = 0.3333, from x₀ = 7.25 to"), nonsense


def test_a_descent_can_be_played_paused_and_stepped(opened):
    page = opened(LINE, fragment="#alpha=0.1&x0=10")
    assert page.text("at") == "k = 78 of 78"
    page.page.click("text=Step")
    page.drawn()
    assert page.text("at") == "k = 0 of 78"
    page.page.click("text=Step")
    page.drawn()
    assert page.text("at") == "k = 1 of 78"
    page.page.click("text=Play")
    page.page.wait_for_function("document.querySelector('.k').value > 3")
    page.page.click("text=Pause")
    page.drawn()
    stopped = page.text("at")
    page.drawn()
    assert page.text("at") == stopped
    page.page.locator(".k").focus()
    page.page.keyboard.press("End")
    page.drawn()
    assert page.text("at") == "k = 78 of 78"


def test_in_the_plane_a_click_among_the_contours_chooses_the_start(opened):
    page = opened(PLANE, fragment="#alpha=0.01&x0=0,0")
    page.page.mouse.click(*page.place("landscape", 0.75, 0.25))
    page.drawn()
    assert re.search(r"x₀ = \(2\.7\d?, −2\.7\d?\) to", page.text("where"))
    assert page.text("hint") == "Starting points for α = 0.01"
    page.page.locator(".map").focus()
    page.page.keyboard.press("ArrowUp")
    page.drawn()
    assert "x₀ = (3, −2)" in page.text("where")
    assert page.lane[3] == "same"


def test_the_tab_key_goes_from_the_map_through_all_that_can_be_set(opened):
    page = opened(PLANE)
    seen = []
    for _ in range(7):
        page.page.keyboard.press("Tab")
        seen.append(
            page.page.evaluate(
                "document.activeElement.textContent || document.activeElement.ariaLabel || "
                "document.activeElement.parentElement.textContent.split(/[0-9−]/)[0]"
            )
        )
    assert seen[0].startswith("Map of the verdicts, x₀ across, y₀ up.")
    assert [word.strip() for word in seen[1:]] == ["α", "x₀", "y₀", "Play", "Step", "iteration"]


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_its_page_and_is_painted_in_light_and_dark(opened, width, scheme):
    page = opened(
        PLANE, viewport={"width": width, "height": 900}, color_scheme=scheme, device_scale_factor=2
    )
    page.drawn()
    assert page.page.evaluate("document.documentElement.scrollWidth") == width
    for part in ("map", "landscape", "descent"):
        colours = page.page.locator(f".{part}").evaluate(
            """(canvas) => {
                const { width, height } = canvas;
                const image = canvas.getContext("2d").getImageData(0, 0, width, height);
                return new Set(new Uint32Array(image.data.buffer)).size;
            }"""
        )
        assert colours > 20


def experiment(expr, alpha, x0, *, name=None, variables=None, **settings):
    return Experiment(gdlab.Formula(expr, variables, name=name), alpha, x0, **settings)


FAR = np.array([1e-300, 1.0, 1e300])
EDGES = {
    "nothing converged": (lambda: experiment("x**2", [1.5, 2], [1, 2]), "No lane converged."),
    "everything converged in one iteration": (
        lambda: experiment("x**2", [0.5], [0.0, 1e-9]),
        "converged after 1 iteration",
    ),
    "one lane": (lambda: experiment("x**2", 0.1, 3.0), "converged after"),
    "one step size": (lambda: experiment("x**2", 0.1, X0), "iterations"),
    "one start": (lambda: experiment("x**2", ALPHA, 2.0), "iterations"),
    "one point of the plane": (lambda: experiment("x**2 + y**2", ALPHA, [[1, 2]]), "iterations"),
    "a constant": (lambda: experiment("3", ALPHA, X0, variables=["x"]), "converged after 1"),
    "a constant in the plane": (
        lambda: experiment("3", [0.1], [[0, 0], [1, 1]], variables=["x", "y"]),
        "converged after 1",
    ),
    "infinite values": (lambda: experiment("1/x", ALPHA, X0), "diverged (9.1%)"),
    "no value at all": (lambda: experiment("log(-1-x**2)", ALPHA, X0), "diverged (100%)"),
    "no minimum": (lambda: experiment("x", ALPHA, X0), "not converged after 1,000"),
    "tiny and huge step sizes": (lambda: experiment("x**2", FAR, X0), "diverged"),
    "tiny and huge starts": (lambda: experiment("x**2", ALPHA, FAR, escape=1e301), "iterations"),
    "the largest numbers": (
        lambda: experiment("x", [1e308], [-1.7e308, 1.7e308], escape=1.79e308),
        "diverged",
    ),
    "random starts": (
        lambda: Experiment(
            HIMMELBLAU, [0.01, 0.02], grids.uniform(300, seed=1, objective=HIMMELBLAU)
        ),
        "iterations",
    ),
    "unsorted and repeated values": (
        lambda: experiment("x**2", [0.3, 0.1, 0.3], [2, -1, 2]),
        "iterations",
    ),
    "Unicode in names": (lambda: experiment("θ**2 + β1**2", [0.1], [[1, 2]], name="Ψ ✓ 目的"), ""),
}


@pytest.mark.parametrize("case", EDGES)
def test_every_odd_experiment_gives_a_page_that_agrees_with_its_table(opened, case):
    make, legend = EDGES[case]
    page = opened(make())
    assert legend in page.text("legend")
    assert page.lane[3] == "same"
    box = page.page.locator(".map").bounding_box()
    for across, up in ((0.3, 0.7), (0.9, 0.1)):
        page.page.mouse.click(box["x"] + 60 + across * 400, box["y"] + 30 + up * 300)
        page.drawn()
        assert page.lane[3] == "same"
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
        page.page.locator(".map").press(key)
        page.drawn()
        assert page.lane[3] == "same"
    page.page.click("text=Play")
    page.drawn()


ATTACKS = (
    "<script>window.hurt = 1</script>",
    "</script><img src=x onerror='window.hurt=1'>",
    "<!--",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_a_name_is_shown_and_never_run(opened, attack):
    objective = gdlab.Formula("x**2", name=attack)
    page = opened(Experiment(objective, ALPHA, X0))
    assert page.text("title") == attack
    page = opened(Experiment(objective, ALPHA, X0), title=f"{attack} & co")
    assert page.page.title() == f"{attack} & co"
    assert page.page.evaluate("window.hurt") is None
    assert page.page.evaluate("document.images.length") == 0


def test_an_inequality_in_place_of_a_formula_is_refused_before_there_is_a_page():
    with pytest.raises(ValueError, match="expr="):
        gdlab.Formula("x < 1</script>")


def test_nothing_is_global_but_one_object(opened, tmp_path):
    page = opened(LINE)
    (tmp_path / "plain.html").write_text("<p>plain</p>")
    plain = page.page.context.new_page()
    plain.goto((tmp_path / "plain.html").as_uri())
    names = "Object.getOwnPropertyNames(window)"
    assert set(page.page.evaluate(names)) - set(plain.evaluate(names)) == {"gdlab"}


def test_of_a_lane_that_takes_longer_than_a_page_follows_the_table_tells(opened):
    slow = Experiment(gdlab.Formula("x**4"), [0.001], [1.0, 2.0], tol=1e-12, max_iter=150_000)
    table = {
        "status": np.full((2, 1), Status.max_iter, np.int8),
        "steps": np.full((2, 1), 150_000, np.int32),
        "x": np.ones((2, 1)),
    }
    page = opened(page_of(section(slow, lambda _names: iter([(0, table)])), "slow"))
    assert page.text("count") == (
        "No verdict after 100,000 iterations, and this page follows no more"
    )
    assert page.text("compared") == "The table says: not converged after 150,000 iterations."
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("ArrowUp")
    page.drawn()
    assert page.text("at") == "k = 100,000 of 100,000"
