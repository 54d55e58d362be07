"""The file of a table, read as a thief of the disk reads it: every row that still lies in its pages, alive or dead.

Rule of the module: bytes only. The page layout is PostgreSQL's documented one (chapter "Database Page Layout"); the caller
asks for a checkpoint first, so that the file says what the server knows. Values moved out of line (TOAST) show as their
pointers.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

PAGE = 8192
HEADER = 24
NORMAL = 1
"""State of a line pointer that leads to a row; 0 is unused, 2 a redirection, 3 dead without storage."""


@dataclass(frozen=True, slots=True, repr=False)
class Lying:
    """One row version: where it lies, who wrote and who deleted it (transaction numbers), and its bytes."""

    block: int
    offset: int
    written_by: int
    deleted_by: int
    data: bytes

    @property
    def place(self) -> tuple[int, int]:
        return self.block, self.offset

    @property
    def first_id(self) -> UUID:
        """The row's first column, for tables whose first column is a UUID."""
        return UUID(bytes=self.data[:16])


def rows(path: Path) -> Iterator[Lying]:
    """Every row version that a line pointer leads to."""
    whole = path.read_bytes() if path.exists() else b""
    for block in range(len(whole) // PAGE):
        page = whole[block * PAGE : (block + 1) * PAGE]
        lower, upper = struct.unpack_from("<HH", page, 12)
        if not upper:  # a page that was added and never written
            continue
        for number in range((lower - HEADER) // 4):
            (pointer,) = struct.unpack_from("<I", page, HEADER + 4 * number)
            start, state, length = pointer & 0x7FFF, (pointer >> 15) & 3, pointer >> 17
            if state == NORMAL:
                row = page[start : start + length]
                written_by, deleted_by = struct.unpack_from("<II", row, 0)
                yield Lying(block, number + 1, written_by, deleted_by, row[row[22] :])


def windows(data: bytes, size: int = 6) -> set[bytes]:
    """Every run of `size` bytes: what two rows can have in common wherever it stands."""
    return {data[at : at + size] for at in range(len(data) - size + 1)}
