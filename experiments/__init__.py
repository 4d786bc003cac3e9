"""Studies of descent: each asks a question, and ends with a sentence, its numbers and a picture.

    python experiments/NAME.py    does one of them
    python -m experiments         makes the gallery of all, experiments/README.md

A study is a module with `QUESTION` and `study()`, which gives an `Answer`. What it descends are
runs of gdlab, below `outputs/`, so that whoever asks again finds them there.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from gdlab import figures
from gdlab.terminal.process import shown

QUIET = "figures=none", "report=false"
"""Words for runs of which nothing but the table is wanted."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a study has found: numbers by their names, a sentence that says them, a picture."""

    numbers: Mapping[str, float]
    sentence: str
    figure: Figure


def show(answer: Answer) -> None:
    """Print the sentence; save the picture as outputs/studies/NAME.png, NAME being the script's."""
    path = Path("outputs", "studies", f"{Path(sys.argv[0]).stem}.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    print(shown(answer.sentence, sys.stdout.encoding))
    print(f"figure: {figures.save(answer.figure, path)}")
