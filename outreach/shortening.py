"""A shorter rule applied to what is stored: what hangs on a round, round by round, and what is booked by association.

    policy saved -> keys of everything that is kept too long -> each round under its lock: keys again, book, rows

Rule of the module: never longer, by nobody (the database refuses it). Keys first: a crash leaves rows that say a later day than
their key has, and the next run writes them. Drafts and tombstones have one term that no association chooses; sessions,
members and accounts are measured against the rules of the day by their erasers.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from outreach.importing.identity import subject_of
from outreach.importing.models import ImportedRow, ImportJob
from outreach.members.models import Invitation, RoleNotice
from outreach.records import quarantine
from outreach.records.models import ConsentEvent, Handover, Quarantine, Record, SealedPart, Tally
from outreach.rounds.locks import hold_books, hold_round
from outreach.rounds.models import Round
from privacy.core.policy import LATE_DAYS
from privacy.core.retention import RetentionClass, expires_on
from privacy.db import conflicts
from privacy.keystore import shortening as keys
from privacy.keystore.services import Wanted
from privacy.retention import ledger
from privacy.retention.shortening import Found, Rule, Shortener, register

KINDS = RetentionClass


@dataclass(frozen=True, slots=True)
class Late:
    """Rows of one kind and round that are kept too long, and the day they are to go. `cls`: where they are booked and keyed."""

    name: str
    rows: QuerySet[Any]
    day: date
    cls: RetentionClass | None = None
    subject: str = "id"

    def wanted(self) -> list[Wanted]:
        """Their keys: a subject of the keystore, its class, its new day."""
        if self.cls is None:
            return []
        if self.cls is KINDS.QUARANTINE:  # a row of before shares one with its round
            named = quarantine.subjects(self.rows.only("id", "round_id", "born_to"))
            return [(name, self.cls, self.day) for name in named]
        return [(id_, self.cls, self.day) for id_ in self.rows.values_list(self.subject, flat=True)]


def _late(round_: Round, rule: Rule) -> Iterator[Late]:
    """Everything that hangs on the round. Records before their consents: no record outlives its own."""

    def day(cls: RetentionClass) -> date:
        return rule.day(expires_on(cls, round_.night, rule.policy))

    def later(model: type[Model], end: date, **more: Any) -> QuerySet[Any]:
        return model._default_manager.filter(expires_on__gt=end, **more)

    record = day(KINDS.RECORD)
    yield Late("records", later(Record, record, round=round_), record, KINDS.RECORD)
    note = day(KINDS.NOTE)
    parts = later(SealedPart, note, record__round=round_, retention_class=KINDS.NOTE.value)
    yield Late("notes", parts, note, KINDS.NOTE, "record_id")
    consents = later(ConsentEvent, record, actor=round_.pseudonym, association_id=round_.association_id)
    yield Late("consent events", consents, record)
    yield Late("tallies", later(Tally, day(KINDS.TALLY), round=round_), day(KINDS.TALLY), KINDS.TALLY)
    handover = day(KINDS.HANDOVER)
    yield Late("handover notes", later(Handover, handover, round=round_), handover, KINDS.HANDOVER)
    # When it was set aside is not kept: it stays no longer than if that were today, nor than the record it might have become.
    aside = min(record, expires_on(KINDS.QUARANTINE, rule.today, rule.policy))
    yield Late("quarantine", later(Quarantine, aside, round=round_), aside, KINDS.QUARANTINE)
    plan = day(KINDS.ITINERARY)
    yield Late("itineraries", later(Round, plan, pk=round_.pk), plan)


def _rounds(rule: Rule) -> QuerySet[Round]:
    """Rounds of the association with anything left on them. What hangs on a round goes before it, but for a consent withdrawn."""
    return Round.objects.filter(association_id=rule.association_id, expires_on__gt=rule.today).order_by("id")


def find_of_rounds(rule: Rule) -> Found:
    found: Found = Counter()
    for round_ in _rounds(rule):
        for late in _late(round_, rule):
            found[late.name, late.day <= rule.today] += late.rows.count()
    return +found


def shorten_rounds(rule: Rule) -> None:
    """Twice: what a round that closed meanwhile stored under the rule of a moment ago is found the second time."""
    keys.shorten(rule.association_id, [one for round_ in _rounds(rule) for one in _keys(round_, rule)])
    writable = Q(status=Round.Status.OPEN) | Q(night__gte=rule.today - timedelta(days=LATE_DAYS + 7))
    for again in (Q(), writable):
        for round_id in list(_rounds(rule).filter(again).values_list("id", flat=True)):
            _shorten_round(round_id, rule)


def _keys(round_: Round, rule: Rule) -> list[Wanted]:
    # The key that names the imported lines of this night dies with its records.
    lines = subject_of(round_.team_id, round_.night)
    record = rule.day(expires_on(KINDS.RECORD, round_.night, rule.policy))
    return [(lines, KINDS.IMPORT, record), *(one for late in _late(round_, rule) for one in late.wanted())]


@conflicts.atomic
def _shorten_round(round_id: Any, rule: Rule) -> None:
    round_ = hold_round(round_id)
    keys.shorten(rule.association_id, _keys(round_, rule))
    hold_books(rule.association_id)
    for late in _late(round_, rule):
        if late.cls is not None:
            days = Counter(late.rows.values_list("expires_on", flat=True))
            ledger.moved(
                rule.association_id, {(late.cls, old, late.day): count for old, count in days.items()}
            )
        late.rows.update(expires_on=late.day)


def _others(rule: Rule) -> Iterator[Late]:
    """What is of no round. When it came is not kept: it stays no longer than if it came today."""
    today = rule.today
    for name, model, cls in (
        ("imports", ImportJob, KINDS.IMPORT),
        ("imported lines", ImportedRow, KINDS.RECORD),
        ("invitations", Invitation, KINDS.INVITATION),
    ):
        end = expires_on(cls, today, rule.policy)
        rows = model._default_manager.filter(association_id=rule.association_id, expires_on__gt=end)
        yield Late(name, rows, end)
    # What an administrator gave with nobody to agree. A request has one term that no association chooses.
    given = RoleNotice.objects.filter(association_id=rule.association_id, own=False)
    for asked_on in given.order_by("asked_on").values_list("asked_on", flat=True).distinct():
        end = rule.day(expires_on(KINDS.ACCOUNT, asked_on, rule.policy))
        yield Late("role notices", given.filter(asked_on=asked_on, expires_on__gt=end), end)
    # Consents of rounds whose row is gone already: their own night is the day of the round, or of a later withdrawal.
    no_round = ~Exists(Round.objects.filter(pseudonym=OuterRef("actor")))
    alone = ConsentEvent.objects.filter(no_round, association_id=rule.association_id)
    for night in alone.values_list("night", flat=True).distinct():
        end = rule.day(expires_on(KINDS.CONSENT, night, rule.policy))
        yield Late("consent events", alone.filter(night=night, expires_on__gt=end), end)


def find_others(rule: Rule) -> Found:
    found: Found = Counter()
    for late in _others(rule):
        found[late.name, late.day <= rule.today] += late.rows.count()
    return +found


@conflicts.atomic
def shorten_others(rule: Rule) -> None:
    for late in _others(rule):
        late.rows.update(expires_on=late.day)


def register_all() -> None:
    """Called once, when the application is ready."""
    on_rounds = (Record, SealedPart, ConsentEvent, Tally, Handover, Quarantine, Round)
    others = (ImportJob, ImportedRow, Invitation, RoleNotice, ConsentEvent)
    for name, models, find, shorten in (
        ("rounds", on_rounds, find_of_rounds, shorten_rounds),
        ("others", others, find_others, shorten_others),
    ):
        register(Shortener(name, frozenset(model._meta.db_table for model in models), find, shorten))
