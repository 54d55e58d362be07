"""PostgreSQL's write-ahead log, read record by record: what each one changed, and which bytes are copies of whole pages.

After a checkpoint the first change of a page writes the whole page into the log, with everything that stood on it before.
A search must therefore know whose page it is: a copy of a reference table tells nothing about tonight. Format of PostgreSQL
15 to 18 (access/xlogrecord.h), segments of 16 MB, pages not compressed.
"""

import struct
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE, SHORT, LONG, SEGMENT = 8192, 24, 40, 16 * 1024 * 1024
"""Sizes of pages, of their headers (the long one opens a segment) and of segments, in bytes."""

_FIRST, _NEXT = PAGE - LONG, PAGE - SHORT
_WHOLE = _FIRST + (SEGMENT // PAGE - 1) * _NEXT
XLOG, HEAP2, HEAP = 0, 9, 10
_WORDS = {
    (HEAP, 0x00): "INSERT",
    (HEAP, 0x10): "DELETE",
    (HEAP, 0x20): "UPDATE",
    (HEAP, 0x40): "UPDATE",
    (HEAP, 0x60): "LOCK",
    (HEAP2, 0x50): "INSERT",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One change. relation: (database oid, file number) of its first block, (0, 0) without one. xid: 0 outside transactions."""

    lsn: int
    xid: int
    manager: int
    info: int
    relation: tuple[int, int]
    images: tuple[tuple[tuple[int, int], bytes], ...]
    rest: bytes

    @property
    def word(self) -> str:
        """INSERT, UPDATE, DELETE, LOCK of a row, else the numbers of PostgreSQL's resource manager and operation."""
        operation = self.info & 0x70
        return _WORDS.get((self.manager, operation), f"{self.manager}/{operation:02x}")


def number(lsn: str) -> int:
    """0/1A2B3C8 as a position in bytes."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def segment_name(timeline: str, lsn: int) -> str:
    return f"{timeline}{lsn // SEGMENT >> 8:08X}{lsn // SEGMENT & 0xFF:08X}"


def read(folder: Path, timeline: str, start: int, until: int) -> Iterator[Record]:
    """Every record from the beginning of a segment (`start`) to `until`, a position already flushed to disk.

    AssertionError when a file is gone or the chain of records breaks off.
    """
    assert start % SEGMENT == 0 and (folder / segment_name(timeline, start)).exists(), "the WAL is gone"
    files = _following(folder, timeline, start)
    stream = bytearray(_payload(next(files)))
    at, before = 0, None
    while (lsn := _lsn(start, at)) < until:
        # Only as many files as are needed: PostgreSQL keeps old ones ready under the names of the future.
        if at + 24 > len(stream):
            stream += _payload(next(files))
        length, xid, previous, info, manager = struct.unpack_from("<IIQBB", stream, at)
        # A record that does not follow the one before it would be the past of a recycled file.
        assert length >= 24 and previous == (before or previous), "the WAL breaks off"
        while at + length > len(stream):
            stream += _payload(next(files))
        yield _record(lsn, xid, manager, info, bytes(stream[at + 24 : at + length]))
        before = lsn
        at += -(-length // 8) * 8
        if manager == XLOG and info & 0xF0 == 0x40:  # a switch leaves the rest of its segment empty
            at = -(-at // _WHOLE) * _WHOLE


def _following(folder: Path, timeline: str, start: int) -> Iterator[Path]:
    while (path := folder / segment_name(timeline, start)).exists():
        yield path
        start += SEGMENT


def _payload(path: Path) -> bytes:
    """A segment without the headers of its pages, which cut through records."""
    data = path.read_bytes()
    assert len(data) == SEGMENT, "another segment size"
    return b"".join(data[at + (SHORT if at else LONG) : at + PAGE] for at in range(0, SEGMENT, PAGE))


def _lsn(start: int, at: int) -> int:
    segment, rest = divmod(at, _WHOLE)
    base = start + segment * SEGMENT
    if rest < _FIRST:
        return base + LONG + rest
    page, inside = divmod(rest - _FIRST, _NEXT)
    return base + (page + 1) * PAGE + SHORT + inside


def _record(lsn: int, xid: int, manager: int, info: int, body: bytes) -> Record:
    relation, first = (0, 0), (0, 0)
    blocks: list[tuple[tuple[int, int], int, int]] = []  # whose, length of the image, length of the data
    at = total = 0
    while len(body) - at > total:
        kind = body[at]
        if kind == 255:  # short main data
            total += body[at + 1]
            at += 2
        elif kind == 254:  # long main data
            total += struct.unpack_from("<I", body, at + 1)[0]
            at += 5
        elif kind in (253, 252):  # origin, top-level transaction
            at += 3 if kind == 253 else 5
        else:
            assert kind <= 32, "not a record"
            flags, length = struct.unpack_from("<BH", body, at + 1)
            at += 4
            image = 0
            if flags & 0x10:
                image, _hole, how = struct.unpack_from("<HHB", body, at)
                assert not how & 0x1C, "compressed pages are not read"
                at += 5
            if not flags & 0x80:
                _space, *name = struct.unpack_from("<III", body, at)
                relation = (name[0], name[1])
                at += 12
            at += 4
            first = first if first != (0, 0) else relation
            blocks.append((relation, image, length))
            total += image + length
    images, rest = [], [body[:at]]
    for whose, image, length in blocks:
        if image:
            images.append((whose, body[at : at + image]))
        rest.append(body[at + image : at + image + length])
        at += image + length
    return Record(lsn, xid, manager, info, first, tuple(images), b"".join([*rest, body[at:]]))


def sorted_out(
    records: Iterable[Record], databases: Container[int]
) -> tuple[bytes, dict[tuple[int, int], bytes]]:
    """(the changes themselves, {(database, file): copies of its pages}); of other databases' records nothing is taken."""
    copies: dict[tuple[int, int], list[bytes]] = defaultdict(list)
    changes = []
    for record in records:
        if record.relation[0] in databases:
            changes.append(record.rest)
            for whose, image in record.images:
                copies[whose].append(image)
    return b"\n".join(changes), {whose: b"\n".join(images) for whose, images in copies.items()}
