"""The real command line, as a user types it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def runs_in(folder: Path) -> list[Path]:
    """Folders of the runs below `folder`/outputs."""
    return sorted(path.parent for path in (folder / "outputs").rglob("run.json"))


def gdlab(
    *words: str, folder: Path, status: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m gdlab WORDS` in `folder`; it must end with `status`."""
    done = subprocess.run(
        [sys.executable, "-m", "gdlab", *words],
        cwd=folder,
        env=os.environ | {"COLUMNS": "100"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done
