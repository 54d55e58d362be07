"""The daily seal: nothing is lost, order dies, a second run changes nothing, and no second history is ever
signed.
"""

import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from privacy.audit import keys, log_reader, sealing, services, tasks
from privacy.audit.actors import Actor
from privacy.audit.events import ANONYMOUS_CEILING, Event
from privacy.audit.last_checkpoint import LogContradicted
from privacy.audit.models import AnonymousCounter, Checkpoint, LogEntry, PendingEvent
from privacy.audit.verifying import Kind
from privacy.core import note as notes
from privacy.core.tree import root
from tests import databases
from tests.privacy.audit.scenes import LANTERNE, NOON, happen, notes_stored, sealed, verify

pytestmark = pytest.mark.database
YESTERDAY = NOON - timedelta(days=1)


def _bodies() -> list[dict[str, Any]]:
    """What the entries say, in their order."""
    return [json.loads(entry.body or "{}") for entry in LogEntry.objects.order_by("index")]


def test_yesterday_becomes_entries_and_a_signed_checkpoint() -> None:
    happen(5, YESTERDAY)
    with databases.as_worker():
        checkpoint = sealing.publish_checkpoint(NOON)
        assert checkpoint is not None
        entries = list(LogEntry.objects.order_by("index"))
        assert PendingEvent.objects.count() == 0
    assert [entry.index for entry in entries] == [0, 1, 2, 3, 4]
    assert {entry.day for entry in entries} == {YESTERDAY.date()}
    promise = notes.open_checkpoint(checkpoint.note, keys.signing_key().verifier)
    assert (promise.size, promise.root) == (5, root(bytes(entry.leaf_hash) for entry in entries))
    assert keys.last_note() == checkpoint.note


def test_today_waits_unless_asked_for() -> None:
    happen(3, NOON)
    with databases.as_worker():
        assert sealing.publish_checkpoint(NOON) is None
        assert PendingEvent.objects.count() == 3
        checkpoint = sealing.publish_checkpoint(NOON, today_too=True)
    assert checkpoint is not None and checkpoint.size == 3


def test_a_second_seal_changes_nothing() -> None:
    [first] = sealed(4)
    with databases.as_worker():
        assert sealing.publish_checkpoint(NOON) is None
        tasks.publish_checkpoint()
        assert LogEntry.objects.count() == 4
        assert notes_stored() == [first]


def test_days_follow_each_other_in_one_tree() -> None:
    sealed(3, 1, 300)
    with databases.as_worker():
        leaves = [
            bytes(leaf) for leaf in LogEntry.objects.order_by("index").values_list("leaf_hash", flat=True)
        ]
        for checkpoint in Checkpoint.objects.all():
            assert bytes(checkpoint.root) == root(leaves[: checkpoint.size])
        assert sorted(Checkpoint.objects.values_list("size", flat=True)) == [3, 4, 304]


def test_the_order_of_arrival_is_not_the_order_of_the_log() -> None:
    """Kendall's tau between arrival and index over 400 events: a random order gives |tau| < 0.13 in all but 1
    of 10,000 runs.
    """
    with databases.as_worker():
        for number in range(400):
            services.record(
                Event.MAP_READ,
                association_id=LANTERNE,
                actor=Actor(f"coordinator:{number:012x}"),
                count=number,
                subject_kind="map",
                now=YESTERDAY,
            )
        sealing.publish_checkpoint(NOON)
        order = [body["count"] for body in _bodies()]
    with databases.raw("owner") as owner:
        rows = owner.execute(
            "SELECT (body::jsonb->>'count')::int FROM audit_logentry ORDER BY ctid"
        ).fetchall()
    by_place = [count for (count,) in rows]
    assert sorted(order) == list(range(400))
    for seen in (order, by_place):
        pairs = [(a < b) - (a > b) for place, a in enumerate(seen) for b in seen[place + 1 :]]
        assert abs(sum(pairs) / len(pairs)) < 0.13


def test_entries_of_one_seal_share_their_transaction_and_nothing_finer_than_a_day() -> None:
    sealed(20)
    with databases.raw("owner") as owner:
        assert owner.execute("SELECT count(DISTINCT xmin::text) FROM audit_logentry").fetchone() == (1,)
        kinds = owner.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name LIKE 'audit_%'"
        ).fetchall()
    assert len(kinds) > 20
    assert [row for row in kinds if "time" in row[2] or "serial" in row[2] or row[1].endswith("_at")] == []


def test_an_entry_cannot_be_traced_back_to_its_pending_row() -> None:
    happen(6, YESTERDAY)
    with databases.as_worker():
        before = set(PendingEvent.objects.values_list("id", flat=True))
        sealing.publish_checkpoint(NOON)
        after = set(LogEntry.objects.values_list("entry_id", flat=True))
    assert len(before) == len(after) == 6
    assert before.isdisjoint(after)


def test_strangers_become_one_number_a_day() -> None:
    with databases.as_worker():
        for _ in range(7):
            services.count_denied("not-signed-in", now=YESTERDAY)
        services.count_denied("not-signed-in", now=NOON)
        sealing.publish_checkpoint(NOON)
        [body] = _bodies()
        assert list(AnonymousCounter.objects.values_list("day", "count")) == [(NOON.date(), 1)]
    assert (body["event"], body["subject_kind"], body["count"]) == ("denied_anonymous", "not-signed-in", 7)
    assert (body["actor"], body["association"]) == ("stranger", None)


def test_one_refusal_of_a_stranger_has_its_entry(db_clean: None) -> None:
    with databases.as_worker():
        services.count_denied("not-signed-in", now=YESTERDAY)
        services.count_denied("page", now=YESTERDAY)
        sealing.publish_checkpoint(NOON)
        said = sorted((body["event"], body["subject_kind"], body["count"]) for body in _bodies())
        assert AnonymousCounter.objects.count() == 0
    assert said == [("denied_anonymous", "not-signed-in", 1), ("denied_anonymous", "page", 1)]


def test_strangers_fill_a_number_and_not_a_disk() -> None:
    with databases.raw("owner") as owner:
        services.count_denied("page", now=NOON)
        owner.execute("UPDATE audit_anonymouscounter SET count = %s", [ANONYMOUS_CEILING - 1])
        for _ in range(3):
            services.count_denied("page", now=NOON)
        assert owner.execute("SELECT count FROM audit_anonymouscounter").fetchone() == (ANONYMOUS_CEILING,)
        for kind in range(40):
            services.count_denied(f"kind-{kind}", now=NOON)
        assert owner.execute("SELECT count(*) FROM audit_anonymouscounter").fetchone() == (20,)


def test_a_changed_log_is_not_signed_again() -> None:
    [note] = sealed(8)
    _spoil("DELETE FROM audit_logentry WHERE index = 3")
    happen(1, YESTERDAY)
    with databases.as_worker():
        with pytest.raises(LogContradicted):
            sealing.publish_checkpoint(NOON)
        assert notes_stored() == [note]
        assert PendingEvent.objects.count() == 1


def test_a_restored_backup_does_not_fork_silently() -> None:
    """The database of the day before comes back, checkpoint table and all; the promise kept beside the key
    does not match.
    """
    _older, newer = sealed(5, 5)
    _lose(5)
    happen(7, YESTERDAY)
    with databases.as_worker(), pytest.raises(LogContradicted):
        sealing.publish_checkpoint(NOON)
    assert keys.last_note() == newer


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_logentry SET index = 1000 WHERE index = 7",
        "DELETE FROM audit_checkpoint WHERE size = 8",
    ],
    ids=["an-entry-renumbered", "the-newest-checkpoint-gone"],
)
def test_a_log_with_a_hole_is_not_signed_again(statement: str) -> None:
    """No leaf is changed and none is missing: the tree alone would say that all is well."""
    sealed(5, 3)
    _spoil(statement)
    happen(1, YESTERDAY)
    before = notes_stored()
    with databases.as_worker(), pytest.raises(LogContradicted):
        sealing.publish_checkpoint(NOON)
    assert notes_stored() == before


def _lose(size: int) -> None:
    """The database comes back from a backup that had `size` entries."""
    _spoil(
        f"DELETE FROM audit_logentry WHERE index >= {size}",
        f"DELETE FROM audit_checkpoint WHERE size > {size}",
    )


def _spoil(*statements: str) -> None:
    """What the owner could do."""
    with databases.raw("owner") as owner:
        for table in ("audit_logentry", "audit_checkpoint"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            assert owner.execute(statement).rowcount > 0
        for table in ("audit_logentry", "audit_checkpoint"):
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_after_a_real_loss_people_resume_the_log_under_a_new_name_and_the_loss_stays_visible() -> None:
    older, newer = sealed(5, 5)
    old_name = keys.signing_key().origin
    _lose(5)
    happen(2, YESTERDAY)
    with databases.as_worker():
        with pytest.raises(LogContradicted):
            sealing.publish_checkpoint(NOON)
        checkpoint = sealing.start_log(NOON)
        assert (checkpoint.origin, checkpoint.size) == (f"{old_name}~2", 8)
        words = {(body["event"], body["subject_kind"]) for body in _bodies()[5:]}
    assert ("origin_opened", sha256(newer.encode()).hexdigest()[:40]) in words
    assert keys.signing_key().origin == f"{old_name}~2"
    happen(1, YESTERDAY)
    with databases.as_worker():
        assert sealing.publish_checkpoint(NOON) is not None
    assert verify(older).clean
    assert {finding.kind for finding in verify(newer).findings} == {Kind.SHORTENED}
    happen(4, YESTERDAY)
    with databases.as_worker():
        assert sealing.publish_checkpoint(NOON) is not None
    assert {finding.kind for finding in verify(newer).findings} == {Kind.FORKED}


def test_a_lost_key_starts_no_second_history_by_itself() -> None:
    [note] = sealed(3)
    old_key = keys.signing_key().verifier
    (Path(settings.AUDIT_KEY_DIR) / keys.KEY_FILE).unlink()
    (Path(settings.AUDIT_KEY_DIR) / keys.LAST_FILE).unlink()
    happen(1, YESTERDAY)
    with databases.as_worker():
        with pytest.raises(LogContradicted):
            sealing.publish_checkpoint(NOON)
        sealing.start_log(NOON)
        new_key = keys.signing_key().verifier
        assert new_key.public != old_key.public
        report = log_reader.verify("default", [note], [old_key, new_key], NOON.date())
        assert report.clean, report.findings
        alone = log_reader.verify("default", [note], [new_key], NOON.date())
    assert {finding.kind for finding in alone.findings} == {Kind.BAD_CHECKPOINT}


def test_another_key_and_an_emptied_log_start_no_second_history_either() -> None:
    [note] = sealed(3)
    for name in (keys.KEY_FILE, keys.LAST_FILE):
        (Path(settings.AUDIT_KEY_DIR) / name).unlink()
    assert keys.signing_key().origin not in note
    _spoil("DELETE FROM audit_logentry")
    happen(1, YESTERDAY)
    with databases.as_worker(), pytest.raises(LogContradicted):
        sealing.publish_checkpoint(NOON)
    assert notes_stored() == [note]


def test_an_entry_smuggled_in_after_the_checkpoint_stops_the_seal() -> None:
    sealed(2)
    with databases.raw("owner") as owner:
        owner.execute(
            "INSERT INTO audit_logentry (index, entry_id, day, expires_on, commitment, leaf_hash)"
            " SELECT 2, gen_random_uuid(), day, expires_on, commitment, leaf_hash FROM audit_logentry WHERE index = 1"
        )
    happen(1, YESTERDAY)
    with databases.as_worker(), pytest.raises(LogContradicted):
        sealing.publish_checkpoint(NOON)


def test_the_key_is_made_once_and_for_the_owner_of_the_server_only() -> None:
    path = Path(settings.AUDIT_KEY_DIR) / keys.KEY_FILE
    path.unlink(missing_ok=True)
    first = keys.signing_key()
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.signing_key() == first
    assert first.seed.hex() not in repr(first)
    assert first.origin.startswith("maraudes.local/audit/")
    assert [file.name for file in path.parent.glob(f"{keys.KEY_FILE}*")] == [keys.KEY_FILE]


def test_an_origin_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "AUDIT_ORIGIN", "maraudes.example/journal", raising=False)
    assert keys.signing_key().origin == "maraudes.example/journal"


def test_bodies_expire_on_a_monday_within_twelve_months() -> None:
    from privacy.audit.entry_keys import body_expires_on

    for back in range(0, 800, 7):
        day = date(2026, 11, 22) - timedelta(days=back)
        assert body_expires_on(day).weekday() == 0
        assert timedelta(days=183) <= body_expires_on(day) - day <= timedelta(days=365)
