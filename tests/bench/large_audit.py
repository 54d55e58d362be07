"""Verification of a log of 1,000,000 entries against a bare hashlib loop over the same leaves and nodes.

Ours reads every entry from PostgreSQL, derives its salt, proves its body, its leaf and every daily promise; the bare loop has
the leaves' bytes in memory and only hashes them and the nodes above them. A third loop, also in memory, makes every hash that
a proof needs (salt, commitment, leaf, nodes) and nothing else: under it no verifier can come. `--entries N` makes another size.
"""

import argparse
import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from tests.bench import bulk
from tests.bench.stage import compare, stage

ASSOCIATIONS = 40
PEOPLE = 30
DAYS = 300
ENTRY = {
    "index": "int8",
    "entry_id": "uuid",
    "day": "date",
    "expires_on": "date",
    "commitment": "bytea",
    "leaf_hash": "bytea",
    "association_id": "uuid",
    "body": "text",
}


def facts(many: int, today: date) -> Iterator[object]:
    """`many` events of 40 associations of 30 people over 300 days, oldest first, as a service of that size would write them.

    Who did it is a role and a pseudonym that lasts a day.
    """
    from privacy.audit.entry import AuditEvent
    from privacy.audit.events import DONE, Event

    stacks = [uuid4() for _ in range(ASSOCIATIONS)]
    kinds = [
        (Event.ROUND_CLOSED, "round", None),
        (Event.RECORD_REVEALED, "record", 20),
        (Event.MAP_READ, "weekly-summary", None),
        (Event.LOGIN, "account", None),
    ]
    dice, people = random.Random(1), (date.min, list[str]())  # noqa: S311
    for number in range(many):
        event, kind, count = kinds[number % len(kinds)]
        day = today - timedelta(days=DAYS - number * DAYS // many)
        if people[0] != day:
            people = day, [f"lead:{dice.randbytes(6).hex()}" for _ in range(ASSOCIATIONS * PEOPLE)]
        who = dice.randrange(len(people[1]))
        yield AuditEvent(uuid4(), day, event, stacks[who % ASSOCIATIONS], people[1][who], kind, count, DONE)


def fill(many: int, today: date) -> tuple[list[bytes], str]:
    """The log, sealed day by day; gives the bytes of every leaf and the last signed checkpoint."""
    from privacy.audit import entry, entry_keys, keys
    from privacy.core import note as notes
    from privacy.core.tree import Tree, leaf_hash

    key, tree, leaves = keys.signing_key(), Tree(), []
    week_keys: dict[date, bytes] = {}
    promises: list[tuple[UUID, str, int, bytes, date, str]] = []

    def seal(day: date) -> None:
        promise = notes.Checkpoint(key.origin, tree.size, tree.root())
        note = notes.sign_checkpoint(promise, key.seed)
        promises.append((uuid4(), promise.origin, promise.size, promise.root, day, note))

    def entries() -> Iterator[bulk.Row]:
        before = None
        for index, fact in enumerate(facts(many, today)):
            if before is not None and fact.day != before:  # type: ignore[attr-defined]
                seal(before)
            before = fact.day  # type: ignore[attr-defined]
            expires = entry_keys.body_expires_on(before)
            if expires not in week_keys:
                week_keys[expires] = entry_keys.week_key(expires)
            body = entry.canonical(entry.body_of(fact))  # type: ignore[arg-type]
            identity: UUID = fact.entry_id  # type: ignore[attr-defined]
            bound = entry.commitment(entry.salt(week_keys[expires], identity), body.encode())
            data = entry.leaf_data(bound, identity, before, expires)
            hashed = leaf_hash(data)
            tree.append(hashed)
            leaves.append(data)
            yield index, identity, before, expires, bound, hashed, fact.association_id, body  # type: ignore[attr-defined]
        seal(today)

    bulk.copy("audit_logentry", ENTRY, entries(), many)
    columns = {"id": "uuid", "origin": "text", "size": "int8", "root": "bytea", "day": "date", "note": "text"}
    bulk.copy("audit_checkpoint", columns, promises, len(promises))
    return leaves, promises[-1][-1]


def bare(leaves: list[bytes]) -> bytes:
    """RFC 9162, as plain as it can be written: every leaf hashed, then every level of nodes."""
    level = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        above = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


def needed(parts: list[tuple[bytes, bytes, bytes]], key: bytes) -> bytes:
    """Every hash of a full proof, from bytes in memory: (entry id, canonical body, leaf) each."""
    from privacy.audit import entry
    from privacy.core.tree import Tree, leaf_hash

    salt, tree, leaves = entry.salting(key), Tree(), []
    for identity, body, leaf in parts:
        sha256(salt(identity) + body).digest()
        leaves.append(leaf_hash(leaf))
    tree.extend(leaves)
    return tree.root()


def floor(leaves: list[bytes], rounds: int) -> None:
    """How near to the bare loop a full proof could come if it read nothing."""
    from privacy import clock
    from privacy.audit import entry

    fact = next(iter(facts(1, clock.today())))
    body = entry.canonical(entry.body_of(fact)).encode()  # type: ignore[arg-type]
    some = leaves[:100_000]
    parts = [(os.urandom(16), body, leaf) for leaf in some]
    key = os.urandom(32)
    root = bare(some)

    def proven() -> None:
        assert needed(parts, key) == root

    def same_bare() -> None:
        assert bare(some) == root

    compare(
        f"only the hashes that proofs of {len(some):,} entries need, in memory, against the same bare loop",
        proven,
        same_bare,
        rounds=rounds,
    )


def main(many: int, rounds: int) -> None:
    from privacy import clock
    from privacy.audit import keys, log_reader
    from privacy.core import note as notes
    from tests import databases

    today = clock.today()
    leaves, kept = fill(many, today)
    with databases.raw("owner") as connection:
        connection.execute("VACUUM ANALYZE audit_logentry")
    known = keys.signing_key().verifier
    promised = notes.open_checkpoint(kept, known).root

    def ours() -> None:
        report = log_reader.verify("default", [kept], [known], today)
        assert report.clean, report.findings[:3]
        assert (report.entries, report.proven, report.covered) == (many, many, many), report

    def same_bare() -> None:
        assert bare(leaves) == promised

    with databases.as_worker():
        compare(
            f"verification of {many:,} entries, every body proven, against a bare hashlib loop over leaves and nodes",
            ours,
            same_bare,
            rounds=rounds,
            aim=1.5,
        )
        floor(leaves, rounds)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--entries", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    os.environ.setdefault("MARAUDES_TEST_SUFFIX", "large_")
    with stage():
        main(chosen.entries, chosen.rounds)
