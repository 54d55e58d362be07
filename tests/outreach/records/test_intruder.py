"""Somebody takes the whole disk after an erasure: heap, write-ahead log, keystore and key files; the erased encounter stays shut.

The intruder has every version of every row (they are in the log, which the test looks up) and every key file that is still
there, and tries each of them with each. Before the epoch rotates the same hands open it: that is the control.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from outreach.closing import held_drafts, retry
from outreach.closing.intake import SealedDraft, draft_info
from outreach.closing.services import close_round
from outreach.closing.withdrawal import withdraw
from outreach.field import drafts
from outreach.records import covering, quarantine
from outreach.records.encounter import Encounter, parse
from outreach.records.models import Record
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy import clock
from privacy.core import envelope, ingress
from privacy.core.errors import BadDraft, Unreadable
from privacy.core.puncture import Tree
from privacy.core.retention import RetentionClass
from privacy.db.scope import tenant_transaction
from privacy.keystore import epochs, punctured, services
from privacy.keystore.kek import FileKEK
from privacy.keystore.models import BucketKey, IngressKey, RecordSecret
from tests import databases, factories, leak_places
from tests.factories import NOW, Tenant

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("new_files")]
NOTE = "sous le troisième porche, chien gris"


@dataclass
class Intruder:
    """What was copied from the disk, each time it was looked at."""

    round: Round
    draft: SealedDraft
    blobs: set[bytes] = field(default_factory=set)
    buckets: dict[bytes, BucketKey] = field(default_factory=dict)
    secrets: dict[bytes, RecordSecret] = field(default_factory=dict)
    ingress: dict[bytes, IngressKey] = field(default_factory=dict)

    def look(self) -> None:
        """Copy the rows as they are now; later the same bytes are found in the log."""
        with databases.raw("owner") as eye:
            for table in ("outreach_draft", "outreach_quarantine"):
                for (blob,) in eye.execute(f"SELECT blob FROM {table}").fetchall():
                    self.blobs.add(bytes(blob))
        with databases.as_owner():
            self.buckets |= {bytes(row.wrapped): row for row in BucketKey.objects.all()}
            self.secrets |= {bytes(row.wrapped): row for row in RecordSecret.objects.all()}
            self.ingress |= {bytes(row.wrapped): row for row in IngressKey.objects.all()}

    def opens(self) -> Encounter | None:
        """The encounter, if any key file that is still there leads to it."""
        keks = [path.read_bytes() for path in Path(settings.KEK_DIR).glob("epoch-*.key")]
        assert keks
        privates = list(_tried(keks, self.ingress, epochs.ingress_context))
        keys = list(_tried(keks, self.buckets, epochs.bucket_context))
        opened = list(
            _tried(
                keys, self.secrets, lambda row: services._secret_context(row.subject_id, row.retention_class)
            )
        )
        id_ = self.draft.id
        covers = set(opened)
        for one in opened:
            with suppress(Unreadable):
                covers.add(Tree.from_bytes(one).secret(id_))
        candidates = set(self.blobs)
        for blob in self.blobs:
            for secret in covers:
                for table in (held_drafts.TABLE, quarantine.TABLE):
                    with suppress(Unreadable):
                        candidates.add(covering.uncover(blob, secret, table, id_))
        info = draft_info(self.round, id_, self.draft.key_id, self.draft.expires_on)
        for blob in candidates:
            for private in privates:
                with suppress(BadDraft):
                    return parse(ingress.open_draft(private, info, id_, blob))
        return None


def _tried(keys, rows, bound) -> Iterator[bytes]:  # type: ignore[no-untyped-def]
    """What any of `keys` opens of the wrapped `rows`."""
    for wrapped, row in rows.items():
        for key in keys:
            with suppress(Unreadable):
                yield envelope.unwrap(key, wrapped, bound(row))


@contextmanager
def written(what: "Intruder") -> Iterator[leak_places.Watch]:
    """In the end everything that was copied is shown to lie in the write-ahead log, and the phone's own bytes not."""
    with leak_places.watching() as watch:
        yield watch
        journal = [text for _place, text in watch.journal()]

    def there(text: bytes) -> bool:
        return any(text in one for one in journal)

    assert all(there(blob[:1000]) for blob in what.blobs), "the covered drafts are in the log"
    assert all(there(wrapped[:1000]) for wrapped in [*what.secrets, *what.buckets]), (
        "so are all versions of the keys"
    )
    assert not there(what.draft.blob[100:400]), "the phone's own bytes never were"


def rotated() -> None:
    epochs.rotate(clock.today())


def planted(lanterne: Tenant) -> tuple[Round, SealedDraft]:
    round_ = factories.open_round(lanterne)
    return round_, factories.sealed(round_, factories.yes(1, note=NOTE))


def test_an_erased_encounter_opens_for_nobody_after_the_next_rotation(lanterne: Tenant) -> None:
    phone = uuid4()
    with tenant_transaction(lanterne.scope("north")):
        round_, draft = planted(lanterne)
        other = factories.sealed(round_, factories.yes(2))
    intruder = Intruder(round_, draft)
    with written(intruder):
        with tenant_transaction(lanterne.scope("north")):
            drafts.keep(round_.id, [draft, other], factories.sender(lanterne, "omar", phone=phone), now=NOW)
        intruder.look()
        found = intruder.opens()
        assert found and found.note == NOTE, "the same hands open it while it is held"
        with tenant_transaction(lanterne.scope("north")):
            assert drafts.erase(round_, draft.id, phone)
        intruder.look()
        assert intruder.opens(), "until the epoch rotates its old key file leads there"
        rotated()
        intruder.look()
        assert intruder.opens() is None
    with tenant_transaction(
        lanterne.scope("north")
    ):  # nobody else lost anything, and what was erased does not come back
        again = drafts.keep(
            round_.id, [draft, other], factories.sender(lanterne, "omar", phone=phone), now=NOW
        )
        assert (again.refused, again.known) == ([draft.id], [other.id])
        receipt = close_round(round_.id, phone=phone, counts=Counts(), now=NOW)
        assert (receipt.stored, receipt.quarantined) == ([other.id], {})


def test_a_withdrawn_record_is_not_read_from_its_draft_either(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_, draft = planted(lanterne)
    intruder = Intruder(round_, draft)
    with written(intruder):
        with tenant_transaction(lanterne.scope("north")):
            drafts.keep(round_.id, [draft], factories.sender(lanterne, "omar", phone=uuid4()), now=NOW)
        intruder.look()
        assert intruder.opens()
        with tenant_transaction(lanterne.scope("north")):
            close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW)
        with tenant_transaction(lanterne.scope("north")):
            assert withdraw(Record.objects.get().id, actor=factories.ACTOR, now=NOW)
        rotated()
        intruder.look()
        assert intruder.opens() is None


def test_nor_from_what_was_set_aside_and_then_taken(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent late, never held: the quarantine is the only place where it was written."""
    with tenant_transaction(lanterne.scope("north")):
        round_, draft = planted(lanterne)
        close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW)
    intruder = Intruder(round_, draft)
    with written(intruder):
        with monkeypatch.context() as trouble, tenant_transaction(lanterne.scope("north")):
            trouble.setattr("outreach.closing.intake.keystore.ingress_private", lambda _ids: {})
            receipt = close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[draft])
            assert receipt.quarantined == {draft.id: "key-gone"}
        intruder.look()
        assert intruder.opens()
        with databases.as_worker():
            assert retry.retry(round_.id, now=NOW, wet=True).taken == 1
        with tenant_transaction(lanterne.scope("north")):
            assert withdraw(Record.objects.get().id, actor=factories.ACTOR, now=NOW)
        rotated()
        intruder.look()
        assert intruder.opens() is None


def test_a_commit_that_never_came_leaves_what_was_erased_shut_and_the_close_clears_it(
    lanterne: Tenant,
) -> None:
    phone = uuid4()
    with tenant_transaction(lanterne.scope("north")):
        round_, draft = planted(lanterne)
        other = factories.sealed(round_, replace(factories.yes(2)))
        drafts.keep(round_.id, [draft, other], factories.sender(lanterne, "omar", phone=phone), now=NOW)
    with suppress(ZeroDivisionError), tenant_transaction(lanterne.scope("north")):
        assert drafts.erase(round_, draft.id, phone)
        raise ZeroDivisionError
    with tenant_transaction(lanterne.scope("north")):
        assert drafts.mine(round_, phone) == {draft.id, other.id}, "the row came back"
        receipt = close_round(round_.id, phone=phone, counts=Counts(), now=NOW)
        assert (receipt.stored, receipt.quarantined) == ([other.id], {})
        late = close_round(round_.id, phone=phone, counts=Counts(), now=NOW, drafts=[draft])
        assert (late.known, late.stored, late.quarantined) == ([draft.id], [], {})


def test_keys_whose_round_closed_in_a_crash_are_taken_by_the_reaper(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from privacy.keystore import orphans

    with tenant_transaction(lanterne.scope("north")):
        round_, draft = planted(lanterne)
        drafts.keep(round_.id, [draft], factories.sender(lanterne, "omar", phone=uuid4()), now=NOW)

    def held_keys() -> list[UUID]:
        with databases.as_owner():
            rows = RecordSecret.objects.filter(retention_class=RetentionClass.DRAFT.value)
            return list(rows.values_list("subject_id", flat=True))

    with databases.as_worker():
        orphans.delete_orphans()
    assert held_keys() == [round_.id], "an open round keeps its own"
    with monkeypatch.context() as crash, tenant_transaction(lanterne.scope("north")):
        crash.setattr("outreach.closing.batches.keystore.destroy_subject", lambda _id: 1 / 0)
        close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW)
    assert held_keys() == [round_.id]
    with databases.as_worker():
        orphans.delete_orphans()
    assert held_keys() == []


def test_a_key_folder_that_is_away_for_a_moment_costs_no_draft(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cover's key cannot be read just when the round closes: that is no proof that it is gone for good."""
    phone, away = uuid4(), [True] * punctured.TRIES
    with tenant_transaction(lanterne.scope("north")):
        round_, draft = planted(lanterne)
        drafts.keep(round_.id, [draft], factories.sender(lanterne, "omar", phone=phone), now=NOW)
    right = FileKEK.read

    def flaky(files: FileKEK, number: int) -> bytes:
        if away:
            away.pop()
            raise Unreadable
        return right(files, number)

    monkeypatch.setattr(FileKEK, "read", flaky)
    with tenant_transaction(lanterne.scope("north")):
        receipt = close_round(round_.id, phone=phone, counts=Counts(), now=NOW)
    assert (receipt.stored, receipt.quarantined, away) == ([draft.id], {}, [])
