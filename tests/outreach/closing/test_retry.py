"""The way out of the quarantine: counted without content, tried again by the same way, stored when the way is free."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from maps.models import WeeklySummary
from outreach.closing import retry
from outreach.closing import services as closing
from outreach.records import quarantine
from outreach.records.encounter import Encounter
from outreach.records.models import Quarantine, Record, Tombstone
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused
from privacy import clock, sealed_sums
from privacy.audit.models import PendingEvent
from privacy.db.scope import tenant_transaction
from privacy.keystore.models import BucketKey, IngressKey
from privacy.retention.models import LedgerEntry
from tests import databases, factories, sums, totals
from tests.factories import NIGHT, Tenant

pytestmark = pytest.mark.database

WORD = "aiguillemouillee"


@contextmanager
def key_out_of_reach() -> Iterator[None]:
    """The week's ingress key is not there for a while: a keystore that came back from a copy without it."""
    with databases.as_owner():
        kept = list(IngressKey.objects.all())
        IngressKey.objects.all().delete()
    yield
    with databases.as_owner():
        IngressKey.objects.bulk_create(kept)


def closed_without_key(lanterne: Tenant, *encounters: Encounter, team: str = "north") -> Round:
    """A closed round whose drafts were all set aside."""
    with tenant_transaction(lanterne.scope(team)):
        round_ = factories.open_round(lanterne, team)
        drafts = [factories.sealed(round_, one) for one in encounters]
    with key_out_of_reach(), tenant_transaction(lanterne.scope(team)):
        receipt = closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(), now=clock.now(), drafts=drafts
        )
        assert set(receipt.quarantined.values()) == {"key-gone"}
    return round_


def said(*arguments: str) -> str:
    out = StringIO()
    with databases.as_worker():
        call_command("quarantine", *arguments, stdout=out)
    return out.getvalue()


def booked() -> int:
    return sum(LedgerEntry.objects.filter(retention_class="quarantine").values_list("stored", flat=True))


def test_the_list_counts_and_shows_nothing_of_a_draft(lanterne: Tenant) -> None:
    assert "Nothing is set aside" in said()
    round_ = closed_without_key(lanterne, factories.yes(2, note=WORD), factories.yes(1))
    text = said()
    [line] = [line for line in text.splitlines() if str(round_.id) in line]
    assert line.split()[1:5] == [NIGHT.isoformat(), "lanterne", "key-gone", "2"]
    with databases.as_owner():
        for row in Quarantine.objects.all():
            assert str(row.id) not in text
    assert WORD not in text


def test_a_dump_does_not_tell_who_was_set_aside_for_a_no(lanterne: Tenant) -> None:
    """Three drafts for three reasons of three lengths: the operator reads them, the rows look alike, no table says the word."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        refusal, broken = (
            factories.sealed(round_, one) for one in (replace(factories.yes(), zone=False), factories.yes())
        )
        broken = replace(broken, blob=bytes(len(broken.blob)))
        unknown = replace(factories.sealed(round_, factories.yes()), key_id=uuid4())
        drafts = [refusal, broken, unknown]
        receipt = closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(), now=clock.now(), drafts=drafts
        )
    words = {"no-consent", "does-not-open", "key-gone"}
    assert set(receipt.quarantined.values()) == words
    assert {word for word in words if word in said()} == words
    with databases.as_owner():
        assert {len(row.sealed_reason) for row in Quarantine.objects.all()} == {quarantine.LENGTH}
    for table, rows in databases.contents():
        assert not [word for word in words if word in rows or word.encode().hex() in rows], table
    with databases.as_owner():
        days = set(Quarantine.objects.values_list("expires_on", flat=True))
        BucketKey.objects.filter(retention_class="quarantine", expires_on__in=days).delete()
    assert [line.split()[3] for line in said().splitlines() if str(round_.id) in line] == ["?"]


def test_while_the_days_key_is_damaged_a_round_closes_and_is_listed(lanterne: Tenant) -> None:
    closed_without_key(lanterne, factories.yes())
    with databases.as_owner():
        assert BucketKey.objects.filter(retention_class="quarantine").update(wrapped=bytes(60)) == 1
    round_ = closed_without_key(lanterne, factories.yes(2), factories.yes(3), team="south")
    lines = [line.split()[3:5] for line in said().splitlines() if " lanterne " in line]
    assert lines == [["?", "1"], ["?", "2"]] or lines == [["?", "2"], ["?", "1"]]
    assert "2 would be taken" in said("--retry", str(round_.id)), "the drafts themselves have lost nothing"


def test_a_reason_of_one_row_does_not_open_in_another(lanterne: Tenant) -> None:
    round_ = closed_without_key(lanterne, factories.yes(), factories.yes(2))
    with databases.as_owner():
        one, other = Quarantine.objects.filter(round=round_)
        one.sealed_reason, other.sealed_reason = other.sealed_reason, one.sealed_reason
        assert set(quarantine.reasons([one, other])) == {(round_.id, "?", one.expires_on)}


def test_a_dry_run_changes_nothing_and_a_wet_one_takes_what_opens(lanterne: Tenant) -> None:
    round_ = closed_without_key(
        lanterne, factories.yes(2), factories.yes(1, note=WORD), replace(factories.yes(), zone=False)
    )
    text = said("--retry", str(round_.id))
    assert "2 would be taken" in text and "1 would stay set aside: no-consent" in text
    with databases.as_owner():
        assert (Record.objects.count(), Quarantine.objects.count(), booked()) == (0, 3, 3)
        assert not PendingEvent.objects.filter(event="quarantine_retried").exists()
    text = said("--retry", str(round_.id), "--wet-run")
    assert "2 taken" in text and "1 stay set aside: no-consent" in text
    with databases.as_owner():
        [left] = Quarantine.objects.all()
        assert (Record.objects.count(), booked()) == (2, 1)
        assert Tombstone.objects.count() == 3
        [quarter] = totals.quarters().values()
        assert quarter["given"] == 2
        event = PendingEvent.objects.get(event="quarantine_retried")
        assert (event.actor, event.subject_kind, event.count) == ("operator", "round", None)
        with tenant_transaction(lanterne.scope("north")):
            [(_week, week)] = sealed_sums.read(list(WeeklySummary.objects.all()))
        assert (sums.cells(week).total(), week["rounds"]) == (3, 1)
        kept_until = left.expires_on
    assert WORD not in text
    # Again: nothing more is taken, nothing lives longer.
    assert "0 taken" in said("--retry", str(round_.id), "--wet-run")
    with databases.as_owner():
        assert (Record.objects.count(), booked()) == (2, 1)
        assert Quarantine.objects.get().expires_on == kept_until


def test_a_draft_that_came_with_an_earlier_day_opens_too(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft = factories.sealed(round_, factories.yes())
        earlier = factories.sealed(round_, factories.yes(3), days=-1)
    with key_out_of_reach(), tenant_transaction(lanterne.scope("north")):
        closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(), now=clock.now(), drafts=[draft, earlier]
        )
    with databases.as_worker():
        assert retry.retry(round_.id, now=clock.now(), wet=True).taken == 2


def test_after_the_week_is_shown_nothing_is_added_to_it(lanterne: Tenant) -> None:
    round_ = closed_without_key(lanterne, factories.yes())
    with databases.as_worker(), pytest.raises(RoundRefused) as refused:
        retry.retry(round_.id, now=clock.now() + timedelta(days=11), wet=True)
    assert refused.value.reason == "too-late"
    with databases.as_owner():
        assert (Record.objects.count(), Quarantine.objects.count()) == (0, 1)


def test_an_open_round_and_an_unknown_one_are_refused_with_what_to_do(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
    for arguments, sentence in (
        (["--retry", str(round_.id)], "close it first"),
        (["--retry", str(uuid4())], "no such round"),
        (["--retry", f"{WORD}\x00"], "no such round"),
        (["--wet-run"], "--retry ROUND"),
    ):
        with pytest.raises(CommandError) as refused:
            said(*arguments)
        assert sentence in str(refused.value) and WORD not in str(refused.value)


def test_a_draft_set_aside_twice_is_booked_once(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft = factories.sealed(round_, replace(factories.yes(), zone=False))
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=clock.now(), drafts=[draft])
    with databases.as_owner():
        Tombstone.objects.all().delete()  # as after four days
    with tenant_transaction(lanterne.scope("north")):
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=clock.now(), drafts=[draft])
    with databases.as_owner():
        assert (Quarantine.objects.count(), booked()) == (1, 1)


def test_a_draft_whose_day_has_come_is_not_taken(lanterne: Tenant) -> None:
    """Row security shows the worker what is expired, as it is who destroys it: the retry looks at the day itself."""
    round_ = closed_without_key(lanterne, factories.yes(), factories.yes(2))
    with databases.as_owner():
        late = Quarantine.objects.order_by("id").first()
        assert late
        Quarantine.objects.filter(id=late.id).update(expires_on=clock.today())
    with databases.as_worker():
        assert retry.retry(round_.id, now=clock.now(), wet=True).taken == 1
    with databases.as_owner():
        assert (Record.objects.count(), list(Quarantine.objects.values_list("id", flat=True))) == (
            1,
            [late.id],
        )
