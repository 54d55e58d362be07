"""One planted fault: where, what stands there, what stands there instead, and which tests should find it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """`old` stands exactly once in `file`; `tests`: files, or tests of them as pytest names them."""

    id: str
    area: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
