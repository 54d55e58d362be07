"""The search itself: every way of writing is recognised, and what is planted in clear is found wherever it went."""

import base64
import json
import os
import re
import secrets
import shutil
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from tests import databases, leak_places, leak_search, wal
from tests.leak_control import planted

pytestmark = pytest.mark.alone


@pytest.mark.parametrize("around", [b"", b"a", b"ab", b"abc"])
@pytest.mark.parametrize("text", ["carré d’Oumou, 48.85341", "N2889000E3761000", "ab?>~é"])
def test_every_way_of_writing_is_recognised(text: str, around: bytes) -> None:
    needle = text.encode()
    written = {
        "plain": around + needle + around,
        "hex": (around + needle).hex().encode(),
        "HEX": (needle + around).hex().upper().encode(),
        "base64": base64.b64encode(around + needle + around),
        "base64url": base64.urlsafe_b64encode(around + needle + around),
        "utf-16": text.encode("utf-16-le"),
        "url": quote(text, safe="").encode(),
        "json": json.dumps({"a": text}).encode(),
    }
    for name, data in written.items():
        assert any(pattern in data for pattern in leak_search.forms(needle).values()), name


def test_another_text_is_not_recognised() -> None:
    data = b"N2889000E3761500 " + base64.b64encode(b"N2889500E3761000")
    assert not any(pattern in data for pattern in leak_search.forms(b"N2889000E3761000").values())


def test_raw_bytes_are_looked_for_as_they_are() -> None:
    needle = bytes(range(200, 216))
    assert any(pattern in needle.hex().encode() for pattern in leak_search.forms(needle).values())
    assert "utf-16" not in leak_search.forms(needle)


def test_only_what_was_added_counts() -> None:
    before = {"a": Counter({"dump (plain)": 2}), "b": Counter[str]()}
    after = {"a": Counter({"dump (plain)": 2}), "b": Counter({"wal (hex)": 1})}
    assert leak_search.added(before, after) == {"b": ["wal (hex)"]}


def test_written_times_are_read_in_utc_in_paris_and_as_seconds() -> None:
    noon = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    seconds = int(noon.timestamp())
    text = f"2026-11-21T12:00:03Z 2026-11-21 13:00:04+01 2026-11-21 14:00:03 {seconds + 5} {seconds}123 {seconds + 99}"
    places = [("data dump", text.encode()), ("wal", text.encode())]
    found = leak_search.instants(places, noon, noon + timedelta(seconds=9))
    assert [one.split(": ")[1] for one in found] == [
        "2026-11-21T12:00:03",
        "2026-11-21 13:00:04",
        str(seconds + 5),
        f"{seconds}123",
    ]


@pytest.mark.slow
@pytest.mark.database
def test_what_is_planted_in_clear_is_found_everywhere_and_nothing_else_is() -> None:
    clear, never = f"residu-{secrets.token_hex(8)}", f"absent-{secrets.token_hex(8)}"
    with leak_places.watching() as watch, planted(clear) as everywhere:
        places = watch.places({"output": f"said {clear}".encode()})
        found = leak_search.search(places, {"clear": clear, "never": never})
        assert leak_search.places_of(found["clear"]) >= everywhere | {"output"}, (
            everywhere - leak_search.places_of(found["clear"])
        )
        assert not found["never"]
        # A deleted row still stands in the file: four were written, three are in the dump.
        heap = sum(n for place, n in found["clear"].items() if place.startswith("data heap residue_control"))
        assert (heap, found["clear"]["data dump (plain)"]) == (4, 3)


@pytest.mark.database
def test_the_wal_tells_what_a_transaction_changed_and_that_a_reader_changed_nothing() -> None:
    with leak_places.watching() as watch, databases.raw("owner") as connection:
        first = leak_places.position()
        connection.execute("SELECT count(*) FROM outreach_association").fetchone()
        second = leak_places.position()
        connection.execute("INSERT INTO retention_highwater (id, day) VALUES (1, '2026-01-01')")
        third = leak_places.position()
        assert watch.writes(first, second) == []
        assert "data retention_highwater INSERT" in watch.writes(second, third)


@pytest.mark.database
def test_the_wal_is_read_as_postgresql_reads_it() -> None:
    with leak_places.watching() as watch, planted(f"residu-{secrets.token_hex(8)}"):
        until = leak_places.position()
        tool = shutil.which("pg_waldump", path=f"{os.environ['PATH']}:{_server(watch)}")
        assert tool, "pg_waldump comes with PostgreSQL's server, whose files this test reads: install it"
        folder = watch.folder / "pg_wal"
        first = f"{watch.start >> 32:X}/{watch.start & 0xFFFFFFFF:X}"
        told = subprocess.run(
            [tool, "-p", folder, "-s", first, "-e", until], capture_output=True, text=True, check=False
        )
        theirs = re.findall(r"tx:\s+(\d+), lsn: ([0-9A-F/]+),", told.stdout)
        read = wal.read(folder, watch.timeline, watch.start, wal.number(until))
        ours = [(str(one.xid), one.lsn) for one in read]
        assert len(ours) > 50
        assert ours == [(xid, wal.number(lsn)) for xid, lsn in theirs]


def _server(watch: leak_places.Watch) -> str:
    return f"/usr/lib/postgresql/{(watch.folder / 'PG_VERSION').read_text().strip()}/bin"
