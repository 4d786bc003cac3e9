"""How many examples hypothesis looks at, where a test says fewer than all."""

from hypothesis import settings

ALL = settings.get_profile("same").max_examples


def at_most(n: int) -> settings:
    """So many examples by default; in a profile that looks at more, more in proportion."""
    return settings(max_examples=max(n * settings.default.max_examples // ALL, 1))
