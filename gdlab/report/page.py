"""Pages made from templates: escaped, whole, and with all that they need inside."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gdlab.files import write_text
from gdlab.report.due import MARK, REPORT

FOLDER = Path(__file__).parent


def write(folder: Path, template: str, made_of: str, **facts: Any) -> Path:
    """Make a page of a template and facts, and write it whole into `folder`; give its path.

    made_of : a hash by which the page is known later, as the last thing in it.
    """
    text = _environment().get_template(template).render(facts)
    write_text(folder / REPORT, text.rstrip() + "\n" + MARK.format(made_of))
    return folder / REPORT


@cache
def _environment() -> Environment:
    """Templates in which every text is escaped, and a name that is not there is an error."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # These two are this project's own, and hold no text of a user's.
    made.globals |= {
        name: Markup((FOLDER / file).read_text(encoding="utf-8"))
        for name, file in (("style", "report.css"), ("script", "report.js"))
    }
    return made
