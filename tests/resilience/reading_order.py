"""What an attacker with a dump of both databases tries: put the rows of a round in some order and call it the walk.

Rule of the module: the attacker gets everything that lies in clear (place in the file, transaction number, id, and which
rows belong to which round). The truth is given only to the one who marks the result.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests import databases
from tests.resilience.kendall import Found, pooled

Truth = Mapping[UUID, tuple[UUID, int]]
"""Subject (a record or a draft) → the round, and its number in the walk."""

RECORDS: dict[str, tuple[str, str]] = {
    "record": ("default", "SELECT id, id::text, ctid::text, xmin::text FROM outreach_record"),
    "consent event": (
        "default",
        "SELECT subject, id::text, ctid::text, xmin::text FROM outreach_consentevent",
    ),
    "sealed note": (
        "default",
        "SELECT record_id, id::text, ctid::text, xmin::text FROM outreach_sealedpart",
    ),
    **{
        f"secret of {part}": (
            "keystore",
            "SELECT subject_id, id::text, ctid::text, xmin::text FROM keystore_recordsecret"
            f" WHERE retention_class = '{part}'",
        )
        for part in ("record", "note")
    },
}
DRAFTS = {
    "tombstone": ("default", "SELECT id, id::text, ctid::text, xmin::text FROM outreach_tombstone"),
}


def place(ctid: str) -> tuple[int, int]:
    block, _, offset = ctid.strip("()").partition(",")
    return int(block), int(offset)


def orders(channels: Mapping[str, tuple[str, str]], truth: Truth) -> dict[str, Found]:
    """Channel and way of ordering → how well it tells the walk, over the rounds of `truth`."""
    found: dict[str, Found] = {}
    for name, (database, query) in channels.items():
        ways: dict[str, dict[UUID, list[tuple[Any, int]]]] = {
            way: defaultdict(list) for way in ("ctid", "xmin", "id")
        }
        with databases.raw("owner", database) as connection:
            for subject, id_, ctid, xmin in connection.execute(query).fetchall():
                if subject not in truth:
                    continue
                round_id, number = truth[subject]
                ways["ctid"][round_id].append((place(ctid), number))
                ways["xmin"][round_id].append((int(xmin), number))
                ways["id"][round_id].append((id_, number))
        for way, rounds in ways.items():
            assert rounds, f"no row of {name}"
            found[f"{name}, {way}"] = pooled(rounds)  # type: ignore[arg-type]
    return found


def sequences() -> dict[str, int]:
    """Every sequence of both databases and how far it went."""
    far: dict[str, int] = {}
    for database in ("default", "keystore"):
        with databases.raw("owner", database) as connection:
            rows = connection.execute(
                "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'"
            ).fetchall()
            far |= {f"{database}.{name}": int(value) for name, value in rows}
    return far
