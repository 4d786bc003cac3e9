"""`python -m experiments [NAME …]`: do the studies that are missing, and make their gallery."""

import sys

from experiments.gallery import STUDIES, do, is_there, write_page
from gdlab.given import did_you_mean


def main(names: list[str]) -> None:
    """Make the gallery; do these studies for it, by default all, where they are new or changed."""
    for name in names:
        if name not in STUDIES:
            near = did_you_mean(name, STUDIES)
            sys.exit(f"{name} is not a study{near}; choose from {', '.join(STUDIES)}")
    failed = False
    for name in names or STUDIES:
        if is_there(name):
            print(f"{name}: there already")
            continue
        try:
            do(name)
            print(f"{name}: done")
        except ValueError as error:  # what a user can mend, as a library that is not installed
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
    print(f"gallery: {write_page()}")
    sys.exit(int(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
