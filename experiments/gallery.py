"""The gallery: what each study asks, how to do it, its picture and its answer, on one page.

What a study found is kept as answers/NAME.json, with the digest of its script and its settings, and
as pictures/NAME.png. It is done again once the script or the settings are others.
"""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from gdlab import figures
from gdlab.config import conf_folder
from gdlab.files import checksum, whole_file, write_text

STUDIES = (
    "tutorial_quadratic",
    "tutorial_shifted_quadratic",
    "best_step_size",
    "conditioning",
    "newton_or_gradient",
    "tolerance_ladder",
    "edge_of_chaos",
    "basins",
    "learning_rate_of_a_regression",
    "methods_race",
    "random_starts",
)
"""In the order of the page."""

HERE = Path(__file__).parent

HEAD = """\
# Studies

Each script in this folder asks a question, descends, and ends with its answer in a sentence. They
are short, to be read and changed; their settings are in `conf/experiment/`. What they descend is
kept below `outputs/`, so a study that is done again finds its runs there.

This page is made by `python -m experiments`, which does those studies that are new or changed.
"""


def is_there(name: str, folder: Path = HERE) -> bool:
    """Whether a study has been done, by this script and with these settings."""
    found = _read(name, folder)
    return found is not None and found["of"] == digest(name) and _picture(name, folder).exists()


def do(name: str, folder: Path = HERE) -> None:
    """Do a study; keep its answer and its picture.

    Raises ValueError where it cannot be done here, as without a library that it needs.
    """
    module = import_module(f"experiments.{name}")
    answer = module.study()
    found = {
        "of": digest(name),
        "question": module.QUESTION,
        "sentence": answer.sentence,
        "numbers": {key: float(value) for key, value in answer.numbers.items()},
    }
    for path in (_picture(name, folder), _answer(name, folder)):
        path.parent.mkdir(parents=True, exist_ok=True)
    save_small(answer.figure, _picture(name, folder))
    text = json.dumps(found, ensure_ascii=False, indent=2)
    write_text(_answer(name, folder), f"{text}\n")


def save_small(figure: Figure, path: Path) -> None:
    """Write a picture in 256 colours, which takes a third of the bytes; the same ones each time."""
    with whole_file(figures.save(figure, path)) as temporary:
        with Image.open(path) as picture:
            few = picture.convert("RGB").quantize(256)
        few.save(temporary, "png", optimize=True)


def digest(name: str) -> str:
    """Of what decides an answer: the script and its settings."""
    files = HERE / f"{name}.py", conf_folder() / "experiment" / f"{name}.yaml"
    return checksum(b"".join(path.read_bytes() for path in files))


def write_page(folder: Path = HERE) -> Path:
    """Write the page of those studies of which there is an answer."""
    found = ((name, _read(name, folder)) for name in STUDIES)
    entries = [entry(name, answer) for name, answer in found if answer is not None]
    path, text = folder / "README.md", "\n".join([HEAD, *entries])
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
    return path


def entry(name: str, found: Mapping[str, Any]) -> str:
    """What the page says of a study."""
    return f"""\
## {name}

**{found["question"]}**

```bash
python experiments/{name}.py
```

![The picture of {name}](pictures/{name}.png)

{found["sentence"]}
"""


def _read(name: str, folder: Path) -> dict[str, Any] | None:
    path = _answer(name, folder)
    found: dict[str, Any] | None
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def _answer(name: str, folder: Path) -> Path:
    return folder / "answers" / f"{name}.json"


def _picture(name: str, folder: Path) -> Path:
    return folder / "pictures" / f"{name}.png"
