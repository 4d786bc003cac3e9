"""Pictures are in their page as SVG, else as PNG, else where the page says they are."""

from __future__ import annotations

from base64 import b64decode

import pytest

from gdlab.report.pictures import pictures

SIZES = {"heatmap.svg": 900, "heatmap.png": 300, "curves.svg": 600, "curves.png": 700}


@pytest.fixture
def page(tmp_path, monkeypatch):
    (tmp_path / "figures").mkdir()
    for name, size in SIZES.items():
        (tmp_path / "figures" / name).write_bytes(name.encode().ljust(size))
    (tmp_path / "figures" / "path.pdf").write_bytes(b"")
    (tmp_path / "figures" / ".unfinished-1-path.svg").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("room", "heatmap", "curves"),
    [
        (2000, "heatmap.svg", "curves.svg"),
        (1300, "heatmap.png", "curves.svg"),  # of which the PNG is larger
        (700, "heatmap.png", None),
        (300, None, None),
    ],
)
def test_the_largest_gives_way_first(page, monkeypatch, room, heatmap, curves):
    monkeypatch.setattr("gdlab.report.pictures.MOST_BYTES", room)
    found = pictures(page, ("heatmap", "curves", "path"))
    assert [own.name for own in found] == ["heatmap", "curves", "path"]
    held = [own.source and own.source.partition(",") for own in found]
    names = [own and b64decode(own[2]).split()[0].decode() for own in held]
    assert names == [heatmap, curves, None]
    whys = [own.why for own in found]
    large = "it is too large for this page"
    assert whys == [
        "" if heatmap else large,
        "" if curves else large,
        "a page cannot hold such a file",
    ]
    assert found[2].files == {"pdf": "figures/path.pdf"}


def test_what_a_page_holds_besides_leaves_less_room(page, monkeypatch):
    monkeypatch.setattr("gdlab.report.pictures.MOST_BYTES", 2000)
    (heatmap,) = pictures(page, ("heatmap",), besides=1500)
    assert heatmap.source.startswith("data:image/png;base64,")


def test_a_picture_that_a_page_cannot_hold_is_told_and_linked(reported, monkeypatch):
    monkeypatch.setattr("gdlab.report.pictures.MOST_BYTES", 1)
    page = reported("alpha=[0.1,0.5]", "x0=[1,2]", "figures.names=[curves]", "report=true")
    assert not page.all("img")
    said = page.section("pictures").text
    assert "Fastest at α = 0.5" in said
    assert "The picture is not shown, since it is too large for this page." in said
    links = [link.attributes["href"] for link in page.section("pictures").all("a")]
    assert links == ["figures/curves.png", "figures/curves.svg"]
