"""The house: imports run one way, from the door down to what is descended."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import gdlab

HOUSE = Path(gdlab.__file__).parent
FLOORS = (
    ("__main__", "app", "api", "draw", "explore", "verify"),
    ("config",),
    ("sweeps",),
    ("job",),
    ("summary",),
    ("report",),
    ("explorer",),
    ("figures",),
    ("store",),
    ("results",),
    ("parallel",),
    ("settings", "experiment", "grids", "theory"),
    ("core",),
    ("methods",),
    ("objectives",),
    ("files", "given", "terminal"),
)
"""From the top down. What stands on a floor may use its own and all below."""
MOST_AT_THE_DOOR = 15


def imports_of(file: Path) -> Iterator[Path]:
    """Files of the house that a file imports anywhere: in functions, and for types alone, too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from filter(None, map(found, names))


def found(name: str) -> Path | None:
    """The file of the house that a dotted name leads to, or that has what it names."""
    package, *parts = name.split(".")
    if package != "gdlab":
        return None
    path = HOUSE
    for part in parts:
        if (path / part).is_dir():
            path /= part
        elif (path / f"{part}.py").is_file():
            return path / f"{part}.py"
        else:
            break
    return path / "__init__.py"


def graph() -> dict[str, set[str]]:
    files = sorted(HOUSE.rglob("*.py"))
    return {
        str(file.relative_to(HOUSE)): {
            str(imported.relative_to(HOUSE)) for imported in imports_of(file)
        }
        for file in files
    }


def floor_of(file: str) -> int:
    room = file.partition("/")[0].removesuffix(".py")
    (floor,) = [i for i, rooms in enumerate(FLOORS) if room in rooms]
    return floor


@pytest.fixture(scope="module")
def house() -> dict[str, set[str]]:
    made = graph()
    del made["__init__.py"]  # which names what is elsewhere, and imports it when it is asked for
    return made


def test_imports_are_seen_wherever_they_stand(tmp_path):
    file = tmp_path / "any.py"
    file.write_text(
        "import gdlab.core.lanes\nfrom gdlab import experiment\nfrom gdlab.methods import Method\n"
        "if TYPE_CHECKING:\n    from gdlab.app import run\n"
        "def f():\n    from gdlab.store.run import Run\n"
    )
    seen = [str(path.relative_to(HOUSE)) for path in imports_of(file)]
    assert seen == [
        "core/lanes.py",
        "experiment.py",
        "methods/__init__.py",
        "app.py",
        "store/run.py",
    ]


def test_no_files_import_each_other_in_a_circle(house):
    try:
        TopologicalSorter(house).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


def test_no_file_reaches_up_to_a_higher_floor(house):
    climbs = [
        f"{file} -> {imported}"
        for file, every in house.items()
        for imported in every - {"__init__.py"}
        if floor_of(imported) < floor_of(file)
    ]
    assert not climbs


def test_nothing_below_the_door_needs_the_package_itself(house):
    needing = [file for file, every in house.items() if "__init__.py" in every]
    assert not [file for file in needing if floor_of(file) > 0]


def test_few_files_stand_outside_a_wing_and_every_wing_says_what_it_is_for():
    assert len(list(HOUSE.glob("*.py"))) <= MOST_AT_THE_DOOR
    for wing in HOUSE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(wing.read_text(encoding="utf-8"))), wing


@pytest.mark.parametrize("wing", ["core", "theory"])
def test_what_counts_and_what_is_known_need_numpy_alone(wing):
    for file in (HOUSE / wing).rglob("*.py"):
        names = {
            name.partition(".")[0]
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert not names & {"hydra", "omegaconf", "pandas", "matplotlib", "seaborn", "pyarrow"}
