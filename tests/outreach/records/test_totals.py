"""What is kept for good: written once, by the worker, out of sealed running sums; over raw connections as the web's role."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from outreach.associations.models import Association
from outreach.closing import freezing
from outreach.closing import services as closing
from outreach.records import tally
from outreach.records.counting import count_consent, quarter_of
from outreach.records.models import ConsentCounter, RunningMonth, RunningQuarter, Tally, TallyMonth
from outreach.records.tally import Counts
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.db.scope import Scope, tenant_transaction
from privacy.keystore import services as keystore
from privacy.keystore.models import BucketKey, RecordSecret
from privacy.retention import services as retention
from tests import databases, factories, totals
from tests.factories import NIGHT, NOW, Tenant

pytestmark = pytest.mark.database

QUARTER = quarter_of(NIGHT)
LINE = (
    "INSERT INTO retention_ledgerentry (id, association_id, retention_class, expires_on, stored, withdrawn, erased, erased_on)"
    f" VALUES (%s, %s, 'record', '{NIGHT + timedelta(days=60)}', 5, 0, %s, %s)"
)
PAST = NIGHT.replace(day=1) - timedelta(days=1)
"""The last night of the month before, whatever day it is."""


def web(tenant: Tenant) -> psycopg.Connection[tuple[object, ...]]:
    connection = databases.raw("web")
    connection.execute("SELECT set_config('app.association_id', %s, false)", [str(tenant.association.id)])
    return connection


def test_a_request_writes_no_clear_total(lanterne: Tenant) -> None:
    association = lanterne.association.id
    with web(lanterne) as connection:
        for statement in (
            "UPDATE outreach_consentcounter SET given = 0",
            "UPDATE outreach_tallymonth SET totals = '{}'",
            "DELETE FROM outreach_tallymonth",
            "INSERT INTO outreach_tallymonth (association_id, month, totals, frozen)"
            f" VALUES ('{association}', '2026-01-01', '{{}}', true)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_worker_writes_a_clear_line_once_and_only_in_bands(lanterne: Tenant) -> None:
    association = lanterne.association.id
    with databases.raw("worker") as worker:
        worker.execute(
            "INSERT INTO outreach_tallymonth (association_id, month, totals, frozen) VALUES (%s, '2026-01-01', '{}', true)",
            [association],
        )
        for statement in (
            "UPDATE outreach_tallymonth SET totals = '{\"refused\": 5}'",
            "UPDATE outreach_consentcounter SET given = 20",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.execute(statement)
        assert worker.execute("DELETE FROM outreach_tallymonth").rowcount == 0
        for constraint, values in (
            ("a_finished_quarter_is_in_bands", "20, 3, 0, 0, false, NULL, true"),
            ("a_share_of_fifty_answers_or_more", "20, 0, 20, 0, false, 9, true"),
            ("a_share_of_fifty_answers_or_more", "50, 0, 50, 0, false, 10, true"),
        ):
            with pytest.raises(psycopg.errors.CheckViolation, match=constraint):
                worker.execute(
                    "INSERT INTO outreach_consentcounter (association_id, quarter, purpose,"
                    " asked, given, refused, withdrawn, always_yes, refused_tenth, frozen)"
                    f" VALUES (%s, '2026-01-01', 'zone', {values})",
                    [association],
                )


def test_a_request_opens_a_line_of_the_book_and_settles_none(lanterne: Tenant) -> None:
    with web(lanterne) as connection:
        for erased, day in ((5, NIGHT), (5, None), (0, NIGHT)):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(LINE, [uuid4(), lanterne.association.id, erased, day])
        connection.execute(LINE, [uuid4(), lanterne.association.id, 0, None])
        lines = connection.execute("SELECT stored, erased, erased_on FROM retention_ledgerentry").fetchall()
    assert lines == [(5, 0, None)]


def _closed(lanterne: Tenant, night: date, counts: Counts) -> Round:
    round_ = factories.open_round(lanterne, night=night)
    now = datetime.combine(night, NOW.timetz())
    closing.close_round(round_.id, phone=uuid4(), counts=counts, now=now)
    return round_


def _freeze(now: datetime) -> int:
    with databases.as_worker(), tenant_transaction(Scope()):
        return freezing.freeze(now, quiet=timedelta(0))


def test_a_month_freezes_when_no_phone_can_add_to_it_and_rounds_down(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        _closed(lanterne, PAST, Counts(people_count=33, refused=4, distributions={"meal": 12}))
    settled = datetime.combine(PAST + timedelta(days=5), NOW.timetz())
    assert _freeze(settled - timedelta(days=1)) == 0
    with databases.as_owner():
        assert not TallyMonth.objects.exists()
    assert _freeze(settled) == 1
    assert _freeze(settled) == 0
    with databases.as_owner():
        line = TallyMonth.objects.get()
        assert (line.month, line.totals) == (
            PAST.replace(day=1),
            {"people_count": 30, "distributions.meal": 10},
        )
        assert not RunningMonth.objects.exists()
        assert not RecordSecret.objects.filter(retention_class="running_month").exists()


def test_a_month_with_an_open_round_waits_and_so_does_one_that_still_fills(lanterne: Tenant) -> None:
    later = datetime.combine(PAST + timedelta(days=20), NOW.timetz())
    with tenant_transaction(lanterne.scope("north")):
        _closed(lanterne, PAST, Counts(people_count=33))
        factories.open_round(lanterne, night=PAST - timedelta(days=1))
    assert _freeze(later) == 0
    with databases.as_owner():
        Round.objects.update(status=Round.Status.CLOSED)
    with databases.as_worker(), tenant_transaction(Scope()):
        assert freezing.freeze(later) == 0  # something came today: an import may still be at work
    assert _freeze(later) == 1


def test_what_comes_into_a_frozen_month_is_kept_and_counted_nowhere(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        _closed(lanterne, PAST, Counts(people_count=33))
    _freeze(datetime.combine(PAST + timedelta(days=20), NOW.timetz()))
    with tenant_transaction(lanterne.scope("north")):
        association = lanterne.association
        assert not tally.add_to_month(association, PAST, Counts(people_count=50))
        assert tally.add_to_month(association, NIGHT, Counts(people_count=50))
        assert set(totals.months()) == {NIGHT.replace(day=1)}
        assert TallyMonth.objects.get().totals == {"people_count": 30}


@pytest.mark.parametrize(
    ("given", "refused", "bands", "always", "tenth"),
    [
        (19, 0, (0, 0, 0), False, None),
        (19, 1, (20, 0, 0), False, None),
        (9, 40, (20, 0, 20), False, None),  # 49 answers: no share, however many refused
        (49, 1, (50, 20, 0), True, 0),
        (60, 20, (50, 50, 20), False, 2),
        (40, 10, (50, 20, 0), False, 2),
        (0, 50, (50, 0, 50), False, 9),
    ],
)
def test_a_quarter_freezes_in_bands(
    lanterne: Tenant,
    given: int,
    refused: int,
    bands: tuple[int, ...],
    always: bool,
    tenth: int | None,
) -> None:
    before = QUARTER - timedelta(days=2)
    with tenant_transaction(lanterne.scope("north")):
        assert count_consent(lanterne.association, before, given=given, refused=refused, withdrawn=21)
    last = datetime.combine(QUARTER - timedelta(days=1), NOW.timetz())
    assert _freeze(last + timedelta(days=9)) == 0
    assert _freeze(last + timedelta(days=11)) == 1
    with databases.as_owner():
        line = ConsentCounter.objects.get()
        assert (line.asked, line.given, line.refused) == bands
        assert line.withdrawn == 20
        assert line.always_yes is always
        assert line.refused_tenth == tenth
        assert not RunningQuarter.objects.exists()
    with tenant_transaction(lanterne.scope("north")):
        assert not count_consent(lanterne.association, before, given=1)


def test_clear_lines_of_before_are_sealed_and_then_frozen(lanterne: Tenant) -> None:
    running, over = NIGHT.replace(day=1), (PAST.replace(day=1) - timedelta(days=400)).replace(day=1)
    with databases.as_owner():
        for month in (running, over):
            TallyMonth.objects.create(
                association=lanterne.association,
                month=month,
                totals={"people_count": 33, "refused": 3},
                frozen=False,
            )
        ConsentCounter.objects.create(
            association=lanterne.association, quarter=over, purpose="zone", given=33, refused=3, frozen=False
        )
    assert _freeze(NOW) == 2
    with databases.as_owner():
        assert [(row.month, row.totals) for row in TallyMonth.objects.all()] == [(over, {"people_count": 30})]
        line = ConsentCounter.objects.get()
        assert (line.asked, line.given, line.refused, line.frozen) == (20, 20, 0, True)
    with tenant_transaction(lanterne.scope("north")):
        assert totals.months() == {running: {"people_count": 33, "refused": 3}}


def test_a_clear_line_stays_while_its_sealed_total_takes_nothing_more(lanterne: Tenant) -> None:
    month = NIGHT.replace(day=1)
    with tenant_transaction(lanterne.scope("north")):
        tally.add_to_month(lanterne.association, NIGHT, Counts(people_count=3))
    with databases.as_owner():
        RunningMonth.objects.update(expires_on=NIGHT - timedelta(days=1))
        TallyMonth.objects.create(
            association=lanterne.association, month=month, totals={"people_count": 33}, frozen=False
        )
    _freeze(NOW)
    with databases.as_owner():
        assert TallyMonth.objects.get().totals == {"people_count": 33}


def test_no_number_is_too_large_for_a_close(lanterne: Tenant) -> None:
    """A total beyond what 32 bits hold failed every close of the month; a sealed one has no such end."""
    with tenant_transaction(lanterne.scope("north")):
        for _time in range(3):
            tally.add_to_month(lanterne.association, NIGHT, Counts(people_count=2**31 - 1))
            count_consent(lanterne.association, NIGHT, refused=2**31 - 1)
        _closed(lanterne, NIGHT, Counts(people_count=3, refused=1))
        assert totals.months()[NIGHT.replace(day=1)]["people_count"] == 3 * (2**31 - 1) + 3


def test_a_damaged_key_of_one_association_keeps_no_other_from_its_totals(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    with tenant_transaction(lanterne.scope("north")):
        _closed(lanterne, PAST, Counts(people_count=33))
    with tenant_transaction(passerelle.scope("quay")):
        tally.add_to_month(passerelle.association, PAST, Counts(people_count=44))
    first, second = sorted((lanterne, passerelle), key=lambda one: one.association.id)
    bucket = BucketKey.objects.get(association_id=first.association.id, retention_class="running_month")
    right = bytes(bucket.wrapped)
    BucketKey.objects.filter(id=bucket.id).update(wrapped=bytes(len(right)))
    settled = datetime.combine(PAST + timedelta(days=20), NOW.timetz())
    assert _freeze(settled) == 1
    with databases.as_owner():
        assert TallyMonth.objects.get().association_id == second.association.id
    BucketKey.objects.filter(id=bucket.id).update(wrapped=right)
    assert _freeze(settled) == 1


def test_a_total_that_began_again_half_way_is_never_written_as_the_whole(lanterne: Tenant) -> None:
    """Its key was damaged and dropped: what was counted before is gone, and half a month must not stand as the month."""
    with tenant_transaction(lanterne.scope("north")):
        _closed(lanterne, PAST - timedelta(days=1), Counts(people_count=100))
        keystore.destroy_subject(
            sealed_sums.subject(RunningMonth, lanterne.association.id, PAST.replace(day=1))
        )
        _closed(lanterne, PAST, Counts(people_count=33))
    assert _freeze(datetime.combine(PAST + timedelta(days=20), NOW.timetz())) == 0
    with databases.as_owner():
        assert not TallyMonth.objects.exists()


def test_a_round_found_open_after_the_terms_of_its_counts_closes_and_is_counted(lanterne: Tenant) -> None:
    """A service that was off for weeks: no row may be written that is over already, and no number is lost for it."""
    night = NIGHT - timedelta(days=20)
    with databases.as_owner():
        Association.objects.update(policy_choice={"tally_days": 11, "handover_days": 5, "record_days": 11})
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=night)
        receipt = closing.close_round(
            round_.id,
            phone=uuid4(),
            counts=Counts(people_count=33, refused=2),
            now=NOW,
            drafts=[factories.sealed(round_, factories.yes())],
            handover="la clé est au local",
        )
        assert list(receipt.quarantined.values()) == ["over"]
        assert totals.months()[night.replace(day=1)]["people_count"] == 33
        assert totals.quarters()[quarter_of(night)]["refused"] == 2
        assert not Tally.objects.exists()


def test_where_no_counts_can_be_kept_late_ones_do_not_count_again_and_again(lanterne: Tenant) -> None:
    """The clock was set ahead by a hundred days, and back: rows of tonight are over before they are written."""
    with databases.as_worker():
        retention.raise_high_water(NIGHT + timedelta(days=100))
    with tenant_transaction(lanterne.scope("north")):
        round_ = _closed(lanterne, NIGHT, Counts(people_count=3))
        for _time in range(2):
            with pytest.raises(rounds.RoundRefused) as refused:
                closing.close_round(round_.id, phone=uuid4(), counts=Counts(people_count=500), now=NOW)
            assert refused.value.reason == "too-late"
        assert totals.months()[NIGHT.replace(day=1)]["people_count"] == 3
