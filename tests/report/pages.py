"""A report as a test reads it: without a browser, and strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "img", "br", "link", "input", "hr"}


@dataclass
class Element:
    """An element with its attributes, and all text inside it."""

    tag: str
    attributes: dict[str, str | None]
    inside: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.inside).split())

    def all(self, tag: str) -> list[Element]:
        """Elements of a kind below this one, in their order."""
        found = []
        for child in self.children:
            found += [child] if child.tag == tag else []
            found += child.all(tag)
        return found


class Page(HTMLParser):
    """A page whose elements are all closed in their order, else there is an AssertionError."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.source = path, path.read_text(encoding="utf-8")
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(self.source)
        self.close()
        assert self._open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.inside.append(data)

    def all(self, tag: str) -> list[Element]:
        return self.root.all(tag)

    def named(self, name: str) -> Element:
        """The element with this id."""
        (found,) = [own for own in _below(self.root) if own.attributes.get("id") == name]
        return found

    def section(self, name: str) -> Element:
        """The section with this heading's id."""
        (found,) = [
            own for own in self.all("section") if own.attributes.get("aria-labelledby") == name
        ]
        return found

    def table(self, name: str) -> list[dict[str, str]]:
        """A row for each of a table's, by the headings; `name` is the id of its caption."""
        (table,) = [
            own
            for own in self.all("table")
            if [c.attributes.get("id") for c in own.all("caption")] == [name]
        ]
        (head,), (body,) = table.all("thead"), table.all("tbody")
        headings = [cell.text for cell in head.all("th")]
        return [
            dict(zip(headings, [cell.text for cell in row.children], strict=True))
            for row in body.all("tr")
        ]

    def code(self, kind: str) -> str:
        """The text of the block of code of a kind, "command" or "call"."""
        blocks = [own for own in self.all("pre") if own.attributes.get("class") == kind]
        return "".join(blocks[-1].inside)

    @property
    def alternatives(self) -> list[str]:
        return [str(picture.attributes["alt"]) for picture in self.all("img")]

    @property
    def without_provenance(self) -> str:
        """The source but for what tells one making from another."""
        cut = re.sub(r'(?s)<section aria-labelledby="provenance">.*?</section>', "", self.source)
        return re.sub("<!-- made of .* -->", "", cut)


def _below(element: Element) -> list[Element]:
    return [own for child in element.children for own in (child, *_below(child))]
