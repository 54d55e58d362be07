"""The test of the log's promise: a thousand random edits, deletions, truncations, reorderings and forks of
what an older checkpoint covers, and the verifier that holds it finds every one.

The intruder has every right in the database, disables the triggers, knows the salts and (for forks and
re-signed histories) the signing key. Each change runs in a savepoint of one transaction that is rolled back;
the verifier is the one of the command. Both controls are here: the untouched copy is clean before and after,
and each change is checked to have really changed something.
"""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from privacy.audit import entry, keys, verifying
from privacy.audit.verifying import Kind
from privacy.core import note as notes
from privacy.core.tree import Tree
from tests.privacy.audit.scenes import NOON, Copy, copy, sealed

pytestmark = pytest.mark.database

DAYS = (1, 23, 40, 17, 9)
COVERED = sum(DAYS[:4])
"""Entries covered by the checkpoint that the auditor holds: the one before the last."""

Tamper = Callable[[Any, random.Random, Copy], None]


def _one(dice: random.Random) -> int:
    return dice.randrange(COVERED)


def edit_hash(cursor: Any, dice: random.Random, log: Copy) -> None:
    column = dice.choice(["commitment", "leaf_hash"])
    cursor.execute(
        f"UPDATE audit_logentry SET {column} = set_byte({column}, %s, get_byte({column}, %s) # %s) WHERE index = %s",
        [place := dice.randrange(32), place, dice.randrange(1, 256), _one(dice)],
    )


def cut_hash(cursor: Any, dice: random.Random, log: Copy) -> None:
    """A hash of another length, which the table's check refused until the intruder dropped it."""
    column, length = dice.choice(["commitment", "leaf_hash"]), dice.choice([0, 1, 31, 33])
    changed = f"substr({column} || '\\x00'::bytea, 1, %s)"
    cursor.execute(f"UPDATE audit_logentry SET {column} = {changed} WHERE index = %s", [length, _one(dice)])


def edit_column(cursor: Any, dice: random.Random, log: Copy) -> None:
    column, value = dice.choice(
        [
            ("entry_id", UUID(bytes=dice.randbytes(16))),
            ("day", NOON.date() - timedelta(days=dice.randrange(30, 700))),
            ("expires_on", NOON.date() + timedelta(days=dice.randrange(400, 700))),
            ("association_id", UUID(bytes=dice.randbytes(16))),
            ("association_id", None),
        ]
    )
    cursor.execute(f"UPDATE audit_logentry SET {column} = %s WHERE index = %s", [value, _one(dice)])


def edit_body(cursor: Any, dice: random.Random, log: Copy) -> None:
    key, value = dice.choice(
        [
            ("event", "login"),
            ("actor", "nobody"),
            ("count", 4711),
            ("outcome", "refused"),
            ("extra", 1),
            ("day", "2020-01-01"),
        ]
    )
    cursor.execute(
        "SELECT index, body FROM audit_logentry WHERE index < %s AND body::jsonb->>%s IS DISTINCT FROM %s"
        " ORDER BY random() LIMIT 1",
        [COVERED, key, str(value)],
    )
    index, body = cursor.fetchone()
    changed = entry.canonical(json.loads(body) | {key: value})
    cursor.execute("UPDATE audit_logentry SET body = %s WHERE index = %s", [changed, index])


def respell_body(cursor: Any, dice: random.Random, log: Copy) -> None:
    """The same facts in another spelling: nobody but us ever wrote a body."""
    cursor.execute(
        "UPDATE audit_logentry SET body = replace(body, ',\"', ', \"') WHERE index = %s", [_one(dice)]
    )


def empty_body(cursor: Any, dice: random.Random, log: Copy) -> None:
    cursor.execute(
        "UPDATE audit_logentry SET body = NULL, association_id = NULL WHERE index = %s", [_one(dice)]
    )


def predate_and_empty(cursor: Any, dice: random.Random, log: Copy) -> None:
    """Pretend the body's year is over."""
    cursor.execute(
        "UPDATE audit_logentry SET body = NULL, association_id = NULL, day = day - 400, expires_on = expires_on - 400"
        " WHERE index = %s",
        [_one(dice)],
    )


def rewrite_whole_entry(cursor: Any, dice: random.Random, log: Copy) -> None:
    """Another body, rightly salted, committed and hashed: only the tree can tell."""
    index = _one(dice)
    cursor.execute("SELECT entry_id, day, expires_on, body FROM audit_logentry WHERE index = %s", [index])
    entry_id, day, expires_on, body = cursor.fetchone()
    body = entry.canonical(json.loads(body) | {"event": "map_read", "count": dice.randrange(10_000, 20_000)})
    bound = entry.commitment(entry.salt(log.week_keys[expires_on], entry_id), body.encode())
    leaf = entry.leaf(bound, entry_id, day, expires_on)
    cursor.execute(
        "UPDATE audit_logentry SET body = %s, commitment = %s, leaf_hash = %s WHERE index = %s",
        [body, bound, leaf, index],
    )


def delete_some(cursor: Any, dice: random.Random, log: Copy) -> None:
    victims = dice.sample(range(COVERED), dice.randrange(1, 6))
    cursor.execute("DELETE FROM audit_logentry WHERE index = ANY (%s)", [victims])


def delete_and_close_ranks(cursor: Any, dice: random.Random, log: Copy) -> None:
    victim = _one(dice)
    cursor.execute("DELETE FROM audit_logentry WHERE index = %s", [victim])
    cursor.execute("UPDATE audit_logentry SET index = -index WHERE index > %s", [victim])
    cursor.execute("UPDATE audit_logentry SET index = -index - 1 WHERE index < 0")


def truncate_tail(cursor: Any, dice: random.Random, log: Copy) -> None:
    """Cut below the held checkpoint, and remove the checkpoints that would tell."""
    size = dice.randrange(COVERED)
    cursor.execute("DELETE FROM audit_logentry WHERE index >= %s", [size])
    cursor.execute("DELETE FROM audit_checkpoint WHERE size > %s", [size])


def truncate_all(cursor: Any, dice: random.Random, log: Copy) -> None:
    cursor.execute("TRUNCATE audit_logentry")
    if dice.random() < 0.5:
        cursor.execute("TRUNCATE audit_checkpoint")


def swap(cursor: Any, dice: random.Random, log: Copy) -> None:
    one, other = dice.sample(range(COVERED), 2)
    cursor.execute("UPDATE audit_logentry SET index = -1 WHERE index = %s", [one])
    cursor.execute("UPDATE audit_logentry SET index = %s WHERE index = %s", [one, other])
    cursor.execute("UPDATE audit_logentry SET index = %s WHERE index = -1", [other])


def insert_between(cursor: Any, dice: random.Random, log: Copy) -> None:
    """Make room and invent an entry that is right in itself."""
    index = _one(dice)
    cursor.execute("UPDATE audit_logentry SET index = -index - 2 WHERE index >= %s", [index])
    cursor.execute("UPDATE audit_logentry SET index = -index - 1 WHERE index < 0")
    entry_id, bound = UUID(bytes=dice.randbytes(16)), dice.randbytes(32)
    cursor.execute("SELECT day, expires_on FROM audit_logentry LIMIT 1")
    day, expires_on = cursor.fetchone()
    leaf = entry.leaf(bound, entry_id, day, expires_on)
    cursor.execute(
        "INSERT INTO audit_logentry (index, entry_id, day, expires_on, commitment, leaf_hash) VALUES (%s, %s, %s, %s, %s, %s)",
        [index, entry_id, day, expires_on, bound, leaf],
    )


def _sign_again(cursor: Any) -> None:
    """A whole new set of checkpoints over the log as it now is, with the real key, and the last promise told anew."""
    key = keys.signing_key()
    cursor.execute("SELECT leaf_hash FROM audit_logentry ORDER BY index")
    leaves = [bytes(leaf) for (leaf,) in cursor.fetchall()]
    cursor.execute("DELETE FROM audit_checkpoint")
    tree = Tree()
    for size in [*[sum(DAYS[: n + 1]) for n in range(len(DAYS) - 1)], len(leaves)]:
        tree.extend(leaves[tree.size : size])
        promise = notes.Checkpoint(key.origin, tree.size, tree.root())
        cursor.execute(
            "INSERT INTO audit_checkpoint (id, origin, size, root, day, note)"
            " VALUES (gen_random_uuid(), %s, %s, %s, app_today(), %s) ON CONFLICT DO NOTHING",
            [key.origin, tree.size, promise.root, notes.sign_checkpoint(promise, key.seed)],
        )
    cursor.execute(
        "UPDATE audit_lastpromise SET size = %s, root = %s, note = %s",
        [tree.size, promise.root, notes.sign_checkpoint(promise, key.seed)],
    )


def fork(cursor: Any, dice: random.Random, log: Copy) -> None:
    """The perfect crime: history changed, every hash right, every checkpoint signed again with the stolen
    key.
    """
    dice.choice([rewrite_whole_entry, delete_and_close_ranks, swap, insert_between])(cursor, dice, log)
    _sign_again(cursor)


TAMPERS: tuple[Tamper, ...] = (
    edit_hash,
    cut_hash,
    edit_column,
    edit_body,
    respell_body,
    empty_body,
    predate_and_empty,
    rewrite_whole_entry,
    delete_some,
    delete_and_close_ranks,
    truncate_tail,
    truncate_all,
    swap,
    insert_between,
    fork,
)

_DIGEST = (
    "SELECT coalesce(md5(string_agg(e::text, '|' ORDER BY index)), '') FROM audit_logentry e",
    "SELECT coalesce(md5(string_agg(c::text, '|' ORDER BY size)), '') FROM audit_checkpoint c",
)


def _state(cursor: Any) -> list[str]:
    return [cursor.execute(query).fetchone()[0] for query in _DIGEST]


@pytest.mark.slow
@pytest.mark.parametrize("changes", [1000])
def test_every_change_of_what_a_held_checkpoint_covers_is_found(
    changes: int, capsys: pytest.CaptureFixture[str]
) -> None:
    held = sealed(*DAYS)[-2]
    dice = random.Random(9162)  # noqa: S311
    tried: dict[str, int] = {}
    missed: list[tuple[int, str]] = []
    with copy() as log:
        with log.spoilt() as cursor:
            untouched = _state(cursor)
            control = log.verify(cursor, held)
            assert control.clean, control.findings
            assert (control.entries, control.proven, control.kept) == (sum(DAYS), sum(DAYS), 1)
        for number in range(changes):
            tamper = TAMPERS[number % len(TAMPERS)]
            with log.spoilt() as cursor:
                tamper(cursor, dice, log)
                assert _state(cursor) != untouched, f"{tamper.__name__} changed nothing"
                report = log.verify(cursor, held)
                if report.clean:
                    missed.append((number, tamper.__name__))
            tried[tamper.__name__] = tried.get(tamper.__name__, 0) + 1
        with log.spoilt() as cursor:
            assert _state(cursor) == untouched
            assert log.verify(cursor, held).clean
    with capsys.disabled():
        print(f"\naudit: {changes - len(missed)} of {changes} changes found, {tried}")
    assert missed == []


def test_a_fork_is_found_only_by_whoever_kept_a_checkpoint() -> None:
    """What the log cannot do without a third party, shown rather than claimed."""
    held = sealed(*DAYS)[-2]
    with copy() as log, log.spoilt() as cursor:
        fork(cursor, random.Random(1), log)  # noqa: S311
        assert log.verify(cursor).clean
        assert Kind.FORKED in {finding.kind for finding in log.verify(cursor, held).findings}


def test_what_no_checkpoint_covers_is_not_vouched_for() -> None:
    """The price said aloud: behind the newest checkpoint a key thief can rewrite the last day."""
    held = sealed(*DAYS)[-2]
    with copy() as log, log.spoilt() as cursor:
        cursor.execute("DELETE FROM audit_logentry WHERE index = %s", [sum(DAYS) - 1])
        _sign_again(cursor)
        assert log.verify(cursor, held).clean


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (edit_hash, Kind.EDITED),
        (cut_hash, Kind.EDITED),
        (edit_body, Kind.BODY_EDITED),
        (respell_body, Kind.BODY_EDITED),
        (empty_body, Kind.BODY_MISSING),
        (predate_and_empty, Kind.EDITED),
        (rewrite_whole_entry, Kind.REWRITTEN),
        (delete_some, Kind.HOLE),
        (delete_and_close_ranks, Kind.REWRITTEN),
        (truncate_tail, Kind.SHORTENED),
        (swap, Kind.REWRITTEN),
        (insert_between, Kind.REWRITTEN),
        (fork, Kind.FORKED),
    ],
)
def test_each_crime_is_called_by_its_name(
    tamper: Tamper, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = sealed(*DAYS)[-2]
    with copy() as log, log.spoilt() as cursor:
        tamper(cursor, random.Random(7), log)  # noqa: S311
        report = log.verify(cursor, held)
        assert kind in {finding.kind for finding in report.findings}
        monkeypatch.setattr(verifying, "_is_whole", lambda row, salts: False)
        assert log.verify(cursor, held) == report, "the long way alone finds the same and counts the same"


def test_one_entry_that_is_another_is_told_as_one() -> None:
    """A log of one entry whose promise does not hold said "entries no. 0 to 0"."""
    root = b"r" * 32
    promise = verifying.SignedCheckpoint(notes.Checkpoint("a/audit", 1, root), kept=False)
    kind, one = verifying.broken(promise, 1, 0, stored_hold=False)
    _kind, several = verifying.broken(
        promise._replace(checkpoint=notes.Checkpoint("a/audit", 3, root)), 3, 0, stored_hold=False
    )
    assert kind is Kind.REWRITTEN
    assert (one.count("0"), several.count("2")) == (1, 1)
