"""Bringing a file in: the same way in as a phone's drafts, batch by batch, each remembered in its own transaction.

    examine -> read each line -> ids -> known? -> seal to the ingress key -> receive -> counts -> remember -> commit

Rule of the room: a batch and the place where the next one starts commit together, so an interruption loses
nothing and repeats nothing. Dry by default. A night that the team already noted here is left alone: its people
would be counted twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from outreach.associations.locks import hold_association
from outreach.associations.models import Association
from outreach.importing import moments, sources
from outreach.importing.errors import COUNTED, Reason
from outreach.importing.identity import PEPPER, Names
from outreach.importing.mapping import Mapping
from outreach.importing.models import ImportedRow, ImportJob, ImportLine
from outreach.importing.rows import Counted, Kept, Outcome, Reader, SetAside
from outreach.importing.tidying import fold
from outreach.members.models import Team
from outreach.places.models import Sector
from outreach.records import encounter, receiving
from outreach.records.receiving import SealedDraft
from outreach.rounds import services as rounds
from outreach.rounds import tally
from outreach.rounds.locks import hold_books, hold_rounds, hold_secrets
from outreach.rounds.models import Round
from outreach.rounds.tally import Counts
from privacy.audit import services as audit
from privacy.audit.actors import OPERATOR
from privacy.audit.events import Event
from privacy.core import ingress
from privacy.core.retention import RetentionClass, expires_on, night_of
from privacy.db import conflicts
from privacy.db.scope import Scope, acting
from privacy.keystore import services as keystore
from privacy.keystore.models import Pepper

BATCH = 500
"""Lines a transaction."""

Tick = Callable[[], object]
Named = tuple[UUID | None, Outcome]


@dataclass(slots=True)
class Report:
    """What a run did, or would do when dry. `reasons` holds every line that is not a record, by reason."""

    lines: int = 0
    kept: int = 0
    counted: int = 0
    known: int = 0
    set_aside: int = 0
    left_out: int = 0
    notes_left_out: int = 0
    after_frozen: int = 0
    """Lines of a month whose totals were shown already: taken as the others, and in no total."""
    resumed_at: int = 0
    done_before: bool = False
    reasons: Counter[Reason] = field(default_factory=Counter)
    where: dict[Reason, list[int]] = field(default_factory=dict)
    nights: set[date] = field(default_factory=set)
    """The first and last night read: a wrong column or pattern shows in them before anything is written."""

    def span(self, nights: Iterable[date]) -> None:
        """Widen `nights` to these."""
        found = self.nights.union(nights)
        self.nights = {min(found), max(found)} if found else found

    def note(self, reason: Reason, line: int) -> None:
        """Count one line under its reason and remember its number."""
        self.reasons[reason] += 1
        if reason in COUNTED:
            self.counted += 1
            return
        self.set_aside += 1
        self.where.setdefault(reason, []).append(line)


@dataclass(frozen=True, slots=True)
class Import:
    """One file for one team, on one day. `run` is the whole of it."""

    path: Path
    mapping: Mapping
    association: Association
    team: Team
    now: datetime

    def run(
        self, source: sources.Source, *, wet: bool, tick: Tick = lambda: None, batch: int = BATCH
    ) -> Report:
        """Read the file and, when `wet`, store it. A second wet run of a finished file changes nothing."""
        report = Report()
        with acting(Scope(self.association.id, frozenset({self.team.id}))):
            names = Names(self._pepper(wet=wet), self.association.id, self.team.id)
            job = self._job(source) if wet else None
            if job is not None and job.finished:
                report.done_before = True
                return report
            report.resumed_at = job.next_line if job is not None else 0
            reader = self._reader(source)
            lines = (self._named(reader.read(row), names, tick) for row in source.rows())
            while chunk := list(islice(lines, batch)):
                if job is None:
                    self._tell(chunk, report)
                else:
                    self._store(job.pk, chunk, report)
            if job is not None:
                self._finish(job.pk)
        return report

    def _named(self, outcome: Outcome, names: Names, tick: Tick) -> Named:
        tick()
        return (None if isinstance(outcome, SetAside) else names.of(outcome)), outcome

    def _pepper(self, *, wet: bool) -> bytes:
        if wet or Pepper.objects.filter(name=PEPPER).exists():
            return keystore.pepper(PEPPER)
        return bytes(32)  # a dry run before any import: nothing is known, and nothing is made

    def _reader(self, source: sources.Source) -> Reader:
        timezone = ZoneInfo(self.association.timezone)
        with transaction.atomic():
            sectors = list(Sector.objects.filter(association=self.association, active=True))
        by_word = {fold(sector.name): sector.pk for sector in sectors}
        by_word |= {fold(sector.code): sector.pk for sector in sectors}
        return Reader(
            mapping=self.mapping,
            policy=self.association.policy,
            timezone=timezone,
            tonight=night_of(self.now, timezone),
            today=self.now.astimezone(UTC).date(),
            sectors=by_word,
            hours=moments.has_hours(source.rows(), self.mapping.night, timezone),
        )

    def _job(self, source: sources.Source) -> ImportJob:
        today = self.now.astimezone(UTC).date()
        with transaction.atomic():
            job, made = ImportJob.objects.get_or_create(
                association=self.association,
                team=self.team,
                file_digest=source.digest,
                mapping_digest=self.mapping.digest,
                defaults={"expires_on": expires_on(RetentionClass.IMPORT, today, self.association.policy)},
            )
            if made:
                self._log("started", None)
        return job

    def _log(self, outcome: str, count: int | None) -> None:
        audit.record(
            Event.IMPORT_RUN,
            association_id=self.association.id,
            actor=OPERATOR,
            subject_kind="record",
            count=count,
            outcome=outcome,
            now=self.now,
        )

    def _finish(self, job_id: UUID) -> None:
        with transaction.atomic():
            job = ImportJob.objects.select_for_update().get(pk=job_id)
            job.finished = True
            job.save(update_fields=["finished"])
            self._log("done", job.records)

    def _tell(self, chunk: list[Named], report: Report) -> None:
        with transaction.atomic():
            fresh = self._sorted_out(chunk, report)
        report.kept += sum(isinstance(outcome, Kept) for _id, outcome in fresh)

    def _store(self, job_id: UUID, chunk: list[Named], report: Report) -> None:
        _add(report, self._stored(job_id, chunk))

    @conflicts.atomic
    def _stored(self, job_id: UUID, chunk: list[Named]) -> Report:
        """One batch: what it stores and where the next one starts, in one transaction."""
        told = Report()
        # Two imports at once would both miss what the other is about to remember.
        held = hold_association(self.association.pk)
        self.association.policy_choice = held.policy_choice  # shortened meanwhile, perhaps
        job = ImportJob.objects.select_for_update().get(pk=job_id)
        chunk = [(id_, outcome) for id_, outcome in chunk if outcome.line >= job.next_line]
        if not chunk:
            return told
        fresh = self._sorted_out(chunk, told)
        self._receive(fresh, told)
        self._remember(job, fresh, chunk, told)
        job.next_line = chunk[-1][1].line + 1
        job.records += told.kept
        job.tallied += told.counted
        job.known += told.known
        job.save()
        return told

    def _sorted_out(self, chunk: list[Named], report: Report) -> list[tuple[UUID, Kept | Counted]]:
        """The lines of the batch that are new and usable; the others go into the report."""
        ids = [id_ for id_, _outcome in chunk if id_ is not None]
        known = set(ImportedRow.objects.filter(id__in=ids).values_list("id", flat=True))
        nights = {outcome.night for _id, outcome in chunk if not isinstance(outcome, SetAside)}
        report.span(nights)
        noted = self._nights_noted_here(nights)
        fresh = []
        for id_, outcome in chunk:
            report.lines += 1
            if isinstance(outcome, SetAside):
                report.note(outcome.reason, outcome.line)
            elif id_ is None or id_ in known:
                report.known += 1
            elif outcome.night in noted:
                report.note(Reason.HAS_ROUND, outcome.line)
            else:
                fresh.append((id_, outcome))
                if isinstance(outcome, Counted):
                    report.note(outcome.reason, outcome.line)
                else:
                    report.left_out += outcome.left_out
                    report.notes_left_out += outcome.note_left_out
        return fresh

    def _nights_noted_here(self, nights: set[date]) -> set[date]:
        """Nights whose round was planned or walked with this tool. A round made by an import never started."""
        rows = Round.objects.filter(team=self.team, night__in=nights).exclude(status=Round.Status.CANCELLED)
        return set(
            rows.exclude(status=Round.Status.CLOSED, started_hour=None).values_list("night", flat=True)
        )

    def _receive(self, fresh: list[tuple[UUID, Kept | Counted]], report: Report) -> None:
        old: list[Counted] = []
        by_night: dict[date, list[tuple[UUID, Kept | Counted]]] = {}
        for id_, outcome in fresh:
            if isinstance(outcome, Counted) and outcome.reason is Reason.TOO_OLD:
                old.append(outcome)
            else:
                by_night.setdefault(outcome.night, []).append((id_, outcome))
        found = self._rounds(by_night)
        hold_secrets()
        if old:
            hold_books(self.association.pk)
        for outcome in old:
            # Older than anything may be kept: what remains is a number in its month.
            counts = Counts(people_count=outcome.people, encounters=1)
            report.after_frozen += not tally.add_to_month(self.association, outcome.night, counts)
        for night in sorted(by_night):
            self._receive_night(found[night], by_night[night], report)

    def _rounds(self, nights: Iterable[date]) -> dict[date, Round]:
        """The closed round of each night, or a new one that is yet to be closed; all of them held before anything is written."""
        closed = {
            one.night: one for one in hold_rounds(self.team.id, nights) if one.status == Round.Status.CLOSED
        }
        return {
            night: closed.get(night)
            or rounds.plan_round(
                association_id=self.association.id, team_id=self.team.id, night=night, sector_ids=[]
            )
            for night in sorted(nights)
        }

    def _receive_night(self, round_: Round, lines: list[tuple[UUID, Kept | Counted]], report: Report) -> None:
        policy = self.association.policy
        closing = round_.status != Round.Status.CLOSED
        round_.association = self.association
        kept = {id_: outcome for id_, outcome in lines if isinstance(outcome, Kept)}
        receipt = receiving.receive(
            round_, list(self._sealed(round_, kept)), policy=policy, now=self.now, closing=closing
        )
        report.kept += len(receipt.stored)
        for id_ in receipt.quarantined:
            report.note(Reason.REFUSED, kept[id_].line)
        people = sum(
            outcome.people if isinstance(outcome, Counted) else int(outcome.body["people"])
            for _id, outcome in lines
        )
        tally.send(round_, uuid4(), Counts(people_count=people, encounters=len(lines)), policy)
        if tally.is_frozen(self.association, round_.night):
            report.after_frozen += len(lines)
        if closing:
            round_.status = Round.Status.CLOSED
            round_.closed_on = night_of(self.now, ZoneInfo(self.association.timezone))
            round_.save(update_fields=["status", "closed_on"])

    def _sealed(self, round_: Round, kept: dict[UUID, Kept]) -> Iterator[SealedDraft]:
        """Each line as a phone would send it: sealed to this week's ingress key, under its own id."""
        key = keystore.ingress_key(self.now.astimezone(UTC).date())
        day = expires_on(RetentionClass.DRAFT, round_.night, self.association.policy)
        for id_, outcome in kept.items():
            entry = encounter.build({**outcome.body, "cell": outcome.cell, "sector_id": outcome.sector_id})
            info = receiving.draft_info(round_, id_, key.id, day)
            yield SealedDraft(
                id_, key.id, day, ingress.seal_draft(bytes(key.public_key), info, id_, entry.to_json())
            )

    def _remember(
        self, job: ImportJob, fresh: list[tuple[UUID, Kept | Counted]], chunk: list[Named], report: Report
    ) -> None:
        """Ids of what came in, and line numbers with reasons of what did not."""
        refused = set(report.where.get(Reason.REFUSED, ()))
        dies = expires_on(RetentionClass.RECORD, self.now.astimezone(UTC).date(), self.association.policy)
        ImportedRow.objects.bulk_create(
            ImportedRow(id=id_, association=self.association, expires_on=dies)
            for id_, outcome in sorted(fresh, key=lambda pair: pair[0])
            if outcome.line not in refused
        )
        aside = {outcome.line: outcome.reason for _id, outcome in chunk if isinstance(outcome, SetAside)}
        for reason in (Reason.HAS_ROUND, Reason.REFUSED):
            aside |= dict.fromkeys(report.where.get(reason, ()), reason)
        ImportLine.objects.bulk_create(
            ImportLine(association=self.association, job=job, line=line, reason=reason.value)
            for line, reason in sorted(aside.items())
        )


def _add(report: Report, told: Report) -> None:
    report.lines += told.lines
    report.kept += told.kept
    report.counted += told.counted
    report.known += told.known
    report.set_aside += told.set_aside
    report.left_out += told.left_out
    report.notes_left_out += told.notes_left_out
    report.after_frozen += told.after_frozen
    report.span(told.nights)
    report.reasons += told.reasons
    for reason, lines in told.where.items():
        report.where.setdefault(reason, []).extend(lines)
