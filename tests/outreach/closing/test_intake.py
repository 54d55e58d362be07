"""One way in: what a batch of sealed drafts becomes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.access import ActingMembership
from outreach.closing import intake
from outreach.closing import services as closing
from outreach.closing.withdrawal import withdraw
from outreach.field import drafts as field
from outreach.records import selectors
from outreach.records.models import ConsentEvent, Draft, Quarantine, Record, SealedPart
from outreach.records.tally import Counts
from outreach.roles import Role
from privacy import sealed_sums
from privacy.audit.models import PendingEvent
from privacy.core.retention import RetentionClass, expires_on
from privacy.db.scope import tenant_transaction
from privacy.keystore import services as keystore
from tests import databases, factories, sums, totals
from tests.factories import NOW, Tenant

pytestmark = pytest.mark.database


def acting(lanterne: Tenant, first: str, *teams: str) -> ActingMembership:
    person = lanterne.people[first]
    return ActingMembership(
        person.id,
        person.membership.id,
        lanterne.association.id,
        lanterne.association.name,
        "Europe/Paris",
        frozenset(Role(role) for role in person.membership.roles),
        frozenset(lanterne.teams[team].id for team in teams),
    )


def test_a_round_of_three_becomes_three_records_and_its_sums(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        encounters = [
            factories.yes(2, needs=("meal",)),
            factories.yes(1, note="passer après 22 h"),
            factories.yes(3, None),
        ]
        drafts = [factories.sealed(round_, one) for one in encounters]
        receipt = closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(people_count=9, refused=2), now=NOW, drafts=drafts
        )
        assert sorted(receipt.stored) == sorted(draft.id for draft in drafts)
        assert receipt.quarantined == {}
        assert Record.objects.count() == 3
        assert SealedPart.objects.count() == 3
        assert ConsentEvent.objects.count() == 3
        opened = selectors.open_for_team(
            acting(lanterne, "omar", "north"), selectors.Reason.TEAM_MAP, now=NOW, notes=True
        )
        assert sorted(one.encounter.people for one in opened) == [1, 2, 3]
        assert [one.note for one in opened if one.note] == ["passer après 22 h"]
        [(_week, week)] = sealed_sums.read(list(WeeklySummary.objects.all()))
        assert sums.cells(week).total() == 3
        assert sums.elsewhere(week) == 3
        assert week["rounds"] == 1
        [(_month, month)] = sealed_sums.read(list(MonthlyAccumulator.objects.all()))
        assert month[str(lanterne.sectors["east"].id)] == {"n": 1, "s": 3}
        assert month[str(lanterne.sectors["west"].id)] == {"n": 1, "s": 0}


def test_sending_again_changes_nothing_and_other_bytes_are_refused(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft = factories.sealed(round_, factories.yes())
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[draft])
        again = closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[draft])
        assert (again.stored, again.known) == ([], [draft.id])
        other = factories.sealed(round_, factories.yes(5), draft.id)
        refused = closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[other])
        assert refused.quarantined == {draft.id: "other-bytes"}
        assert Record.objects.count() == 1


def test_what_the_server_held_and_what_the_phone_brings_come_in_as_one(lanterne: Tenant) -> None:
    """The keystore commits once a batch: two batches would say which half of the night an encounter belongs to."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        early = [factories.sealed(round_, factories.yes()) for _ in range(3)]
        late = [factories.sealed(round_, factories.yes()) for _ in range(3)]
        field.keep(round_.id, early, factories.sender(lanterne, "nadia"), now=NOW)
        other = factories.sealed(round_, factories.yes(5), early[0].id)
        brought = [*late, early[1], other, factories.sealed(round_, factories.yes(6), late[0].id)]
        receipt = closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=brought)
    assert sorted(receipt.stored) == sorted(draft.id for draft in [*early, *late])
    assert receipt.quarantined == {early[0].id: "other-bytes", late[0].id: "other-bytes"}
    with databases.raw("owner", "keystore") as connection:
        rows = connection.execute("SELECT subject_id, xmin::text FROM keystore_recordsecret").fetchall()
    with databases.as_owner():
        stored = set(Record.objects.values_list("id", flat=True))
    commits = [xmin for subject, xmin in rows if subject in stored]
    assert len(commits) >= 6
    assert len(set(commits)) == 1


def test_without_consent_nothing_is_stored_and_nothing_is_lost(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        no = factories.sealed(round_, replace(factories.yes(), zone=False))
        minor = factories.sealed(round_, factories.yes(age_band="minor"))
        garbled = replace(factories.sealed(round_, factories.yes()), blob=b"\x01" + b"x" * 4144)
        receipt = closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[no, minor, garbled]
        )
        assert receipt.quarantined == {
            no.id: "no-consent",
            minor.id: "no-consent",
            garbled.id: "does-not-open",
        }
        assert Record.objects.count() == 0
        assert Quarantine.objects.count() == 3
        assert Draft.objects.count() == 0


def test_on_the_day_of_its_record_a_draft_is_over_and_not_without_consent(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft, policy = factories.sealed(round_, factories.yes()), round_.association.policy
        dies = expires_on(RetentionClass.RECORD, round_.night, policy)
        for day, said in ((dies - timedelta(days=1), {}), (dies, {draft.id: "over"})):
            now = datetime.combine(day, time(1), UTC)
            assert intake.dry_run(round_, [draft], policy=policy, now=now) == said


def records() -> list[Record]:
    return list(Record.objects.select_related("round"))


def test_no_id_of_a_record_was_ever_the_id_of_a_draft(lanterne: Tenant) -> None:
    """Drafts lie on the server in order of arrival: a dump taken during the round would lend that order to the records."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes()) for _ in range(20)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        sent = {draft.id for draft in drafts}
        assert Record.objects.count() == 20
        assert sent.isdisjoint(Record.objects.values_list("id", flat=True))
        assert sent.isdisjoint(ConsentEvent.objects.values_list("subject", flat=True))
        assert sent.isdisjoint(SealedPart.objects.values_list("record_id", flat=True))


def test_a_reading_opens_the_own_teams_only(lanterne: Tenant) -> None:
    """Also where row security would show more: a service of the service may hold both teams' scope."""
    for team, people in (("north", 2), ("south", 3)):
        with tenant_transaction(lanterne.scope(team)):
            round_ = factories.open_round(lanterne, team)
            drafts = [factories.sealed(round_, factories.yes(people, note=team))]
            closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    omar = acting(lanterne, "omar", "north")
    with tenant_transaction(lanterne.scope("north", "south")):
        assert Record.objects.count() == 2
        opened = selectors.open_for_team(omar, selectors.Reason.TEAM_MAP, now=NOW, notes=True)
        leaf = selectors.leaf(omar, selectors.Reason.PREPARE_ROUND, lambda _one: True, now=NOW)
    assert [one.note for one in opened] == [one.note for one in leaf.opened] == ["north"]


def test_a_note_is_sealed_apart_from_its_record(lanterne: Tenant) -> None:
    """A note has a shorter term: in the record's own blob it would outlive it."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(note="passer après 22 h"))]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        [one] = selectors.open_rows(records(), notes=True)
    assert (one.note, one.encounter.note) == ("passer après 22 h", "")


@pytest.mark.parametrize(
    ("size", "kept"), [(500, "CRS3035RES500mN2889500E3761500"), (1000, "CRS3035RES1000mN2889000E3761000")]
)
def test_a_finer_square_than_the_teams_is_moved_up(lanterne: Tenant, size: int, kept: str) -> None:
    """Whatever a phone sends: the server says how fine a place may be."""
    with databases.raw("owner") as owner:
        owner.execute("UPDATE outreach_association SET policy_choice = %s", [f'{{"team_cell": {size}}}'])
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [
            factories.sealed(round_, factories.yes(1, "CRS3035RES250mN2889750E3761500")),
            factories.sealed(round_, factories.yes(2, "CRS3035RES1000mN2889000E3761000")),
        ]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        cells = {one.encounter.people: one.encounter.cell for one in selectors.open_rows(records())}
    assert {people: cell and cell.id for people, cell in cells.items()} == {
        1: kept,
        2: "CRS3035RES1000mN2889000E3761000",
    }


@pytest.mark.parametrize("table", ["record", "consentevent", "tombstone", "quarantine"])
def test_rows_lie_in_the_order_of_their_random_ids(new_files: None, lanterne: Tenant, table: str) -> None:
    """As they lie in the file: the order of a walk, or of the drafts that a backup may hold, is nowhere."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes()) for _ in range(12)]
        drafts += [factories.sealed(round_, replace(factories.yes(), zone=False)) for _ in range(12)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    with databases.raw("owner") as owner:
        ids = [row[0] for row in owner.execute(f"SELECT id FROM outreach_{table} ORDER BY ctid").fetchall()]
    assert len(ids) >= 12
    assert ids == sorted(ids)


def test_parts_are_written_in_the_order_of_their_random_ids(lanterne: Tenant) -> None:
    """Those that do not fit into a page may lie elsewhere in the file than in the order in which they were written."""
    written: list[UUID] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "outreach_sealedpart"'):
            columns = sql[sql.index("(") + 1 : sql.index(")")].split(", ")
            found = params[columns.index('"id"')]
            written.extend(
                found if isinstance(found, list) else params[columns.index('"id"') :: len(columns)]
            )
        return execute(sql, params, many, context)

    with tenant_transaction(lanterne.scope("north")), connection.execute_wrapper(listen):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes()) for _ in range(12)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    assert len(written) == 12
    assert written == sorted(written)


def test_withdrawal_takes_the_record_and_its_share_of_the_sums(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(2)), factories.sealed(round_, factories.yes(4))]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        by_people = {one.encounter.people: one.id for one in selectors.open_rows(records())}
        assert not withdraw(drafts[1].id, actor=factories.ACTOR, now=NOW)  # a draft's id names no record
        assert withdraw(by_people[4], actor=factories.ACTOR, now=NOW)
        assert not withdraw(by_people[4], actor=factories.ACTOR, now=NOW)
        assert [row.id for row in Record.objects.all()] == [by_people[2]]
        [(_week, week)] = sealed_sums.read(list(WeeklySummary.objects.all()))
        assert sums.cells(week).total() == 2
        again = closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[drafts[1]])
        assert again.known == [drafts[1].id]
        assert Record.objects.count() == 1


def test_a_withdrawal_is_the_last_word_takes_the_keys_and_is_in_the_log(lanterne: Tenant) -> None:
    """Whatever brings the record back later (a backup, an old draft) meets a withdrawal; its destruction has one entry."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        closing.close_round(
            round_.id,
            phone=uuid4(),
            counts=Counts(),
            now=NOW,
            drafts=[factories.sealed(round_, factories.yes())],
        )
        [record] = records()
        assert keystore.fetch_secrets([record.id], list(RetentionClass)) != {}
        assert withdraw(record.id, actor=factories.ACTOR, now=NOW)
        said = ConsentEvent.objects.filter(subject=record.id).order_by("sequence")
        assert list(said.values_list("decision", "sequence")) == [("given", 1), ("withdrawn", 2)]
        assert keystore.fetch_secrets([record.id], list(RetentionClass)) == {}
    with databases.as_owner():
        erased = PendingEvent.objects.filter(event="record_erased")
        assert list(erased.values_list("outcome", "count", "subject_kind")) == [("withdrawn", 1, "record")]


@pytest.mark.parametrize(("records", "logged"), [(1, 0), (3, 0), (21, 20)])
def test_the_log_keeps_no_exact_count_of_what_was_opened(lanterne: Tenant, records: int, logged: int) -> None:
    """Bodies of the log outlive the records by months; one count a night, subtracted, is a diary of the team."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes()) for _ in range(records)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        opened = selectors.open_for_team(
            acting(lanterne, "omar", "north"), selectors.Reason.TEAM_MAP, now=NOW
        )
        assert len(opened) == records
    with databases.as_owner():
        assert PendingEvent.objects.get(event="record_revealed").count == logged


def test_a_withdrawal_counts_in_the_quarter_in_which_it_happens(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft = factories.sealed(round_, factories.yes())
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[draft])
        later = NOW + timedelta(days=95)
        assert withdraw(records()[0].id, actor=factories.ACTOR, now=later)
        found = [(one["given"], one["withdrawn"]) for _day, one in sorted(totals.quarters().items())]
        assert found == [(1, 0), (0, 1)]
