"""Where chance comes from: one generator per named draw, so that the order of draws changes nothing else."""

from random import Random


def seeded(*names: object) -> Random:
    """Return the generator of a named draw ("7/night/739000"); the same names give the same numbers.

    A simulation must repeat itself; nothing secret is ever drawn here.
    """
    return Random("/".join(str(name) for name in names))  # noqa: S311
