"""Bringing a file in: the same way in as a phone's drafts, batch by batch, each remembered in its own transaction.

    open -> read each line -> ids -> known? -> seal to the ingress key -> receive -> counts -> remember -> commit

Rule of the module: a batch and the place where the next one starts commit together, so an interruption loses
nothing and repeats nothing; of a file that came in, what was set aside may come later. Dry by default. A night that the team
already noted here is left alone: its people would be counted twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from outreach.associations.locks import hold_association
from outreach.associations.models import Association
from outreach.closing import intake
from outreach.closing.intake import SealedDraft
from outreach.importing import memory, moments
from outreach.importing import nights as nights_of_team
from outreach.importing.errors import Reason
from outreach.importing.ground import ground_of
from outreach.importing.identity import Names
from outreach.importing.mapping import Mapping
from outreach.importing.models import ImportJob, ImportLine
from outreach.importing.report import Report
from outreach.importing.rows import Counted, Kept, Outcome, Reader, SetAside
from outreach.importing.table import Source
from outreach.members.models import Team
from outreach.names import natural
from outreach.records import encounter, tally
from outreach.records.tally import Counts
from outreach.rounds.locks import hold_books, hold_secrets
from outreach.rounds.models import Round
from privacy.audit import services as audit
from privacy.audit.actors import OPERATOR
from privacy.audit.events import Event
from privacy.bands import floor
from privacy.core import ingress
from privacy.core.retention import RetentionClass, expires_on, night_of
from privacy.db import conflicts
from privacy.db.scope import Scope, use_tenant
from privacy.keystore import services as keystore

BATCH = 500
"""Lines a transaction."""

Tick = Callable[[], object]
Named = tuple[Outcome, tuple[UUID, ...]]
"""What a line means, its id, and the one the version before gave it; none for a line set aside."""


@dataclass(frozen=True, slots=True)
class Import:
    """One file for one team, on one day. `run` is the whole of it.

    another_page: lines that are alike in other files are other encounters.
    """

    path: Path
    mapping: Mapping
    association: Association
    team: Team
    now: datetime
    another_page: bool = False

    def run(self, source: Source, *, wet: bool, tick: Tick = lambda: None, batch: int = BATCH) -> Report:
        """Read the file and, when `wet`, store it. Of a file that came in, only what was set aside is tried again."""
        report = Report()
        with use_tenant(Scope(self.association.id, frozenset({self.team.id}))):
            job = self._job(source, wet=wet)
            with transaction.atomic():
                came = memory.Came.of(job, another_page=self.another_page)
                report.other_teams = self._other_teams(source)
            report.done_before = came.whole
            if job is not None and job.finished and came.alike:
                report.where[Reason.ALIKE] = list(came.alike)
            if came.whole:
                return report
            keys = memory.night_keys(self.association, self.team, wet=wet)
            names = Names(memory.pepper(wet=wet), self.association.id, self.team.id, keys)
            reader = self._reader(source)
            if job is not None and job.next_line:
                # What came in keeps its names: a twin that was set aside is not one of them.
                came_in = (names.all_of(reader.read(row)) for row in source.rows() if came.holds(row.line))
                done = sum(map(bool, came_in))
                report.known = done if job.finished else 0
                report.resumed_at = 0 if job.finished else job.next_line
            waiting = (row for row in source.rows() if not came.holds(row.line))
            lines = (self._named(reader.read(row), names, tick) for row in waiting)
            while chunk := list(islice(lines, batch)):
                if job is None or not wet:
                    self._tell(chunk, names, report)
                else:
                    self._store(job.pk, chunk, names, report)
            if job is not None and wet:
                self._finish(job.pk, report)
        return report

    def _named(self, outcome: Outcome, names: Names, tick: Tick) -> Named:
        tick()
        return outcome, names.all_of(outcome)

    def _reader(self, source: Source) -> Reader:
        timezone = ZoneInfo(self.association.timezone)
        with transaction.atomic():
            ground = ground_of(self.association.id)
        return Reader(
            mapping=self.mapping,
            policy=self.association.policy,
            timezone=timezone,
            tonight=self._tonight,
            today=self.now.astimezone(UTC).date(),
            sectors=ground.sectors,
            hours=moments.has_hours(source.rows(), self.mapping.night, timezone),
            is_near=ground.is_near,
        )

    @property
    def _tonight(self) -> date:
        return night_of(self.now, ZoneInfo(self.association.timezone))

    def _job(self, source: Source, *, wet: bool) -> ImportJob | None:
        """How far this file came for this team; a dry run begins none."""
        which = {"association": self.association, "team": self.team, "file_digest": source.digest}
        today = self.now.astimezone(UTC).date()
        with transaction.atomic():
            if not wet:
                return ImportJob.objects.filter(**which).first()
            dies = expires_on(RetentionClass.IMPORT, today, self.association.policy)
            job, made = ImportJob.objects.get_or_create(**which, defaults={"expires_on": dies})
            if made:
                self._log("started", None)
        return job

    def _other_teams(self, source: Source) -> list[str]:
        """Teams of the association that this very file came in for: perhaps it is not this team's."""
        others = ImportJob.objects.filter(association=self.association, file_digest=source.digest)
        return sorted(others.exclude(team=self.team).values_list("team__name", flat=True), key=natural)

    def _log(self, outcome: str, count: int | None) -> None:
        audit.record(
            Event.IMPORT_RUN,
            association_id=self.association.id,
            actor=OPERATOR,
            subject_kind="record",
            count=None if count is None else floor(count),  # a file can be one night
            outcome=outcome,
            now=self.now,
        )

    def _finish(self, job_id: UUID, report: Report) -> None:
        with transaction.atomic():
            job = ImportJob.objects.select_for_update().get(pk=job_id)
            if not job.finished:
                job.finished = True
                job.save(update_fields=["finished"])
                self._log("done", job.records)
            elif report.kept or report.counted:
                self._log("done", report.kept)

    def _tell(self, chunk: list[Named], names: Names, report: Report) -> None:
        with transaction.atomic():
            fresh = self._sorted_out(chunk, names, report)
        report.kept += sum(isinstance(outcome, Kept) for _id, outcome in fresh)

    def _store(self, job_id: UUID, chunk: list[Named], names: Names, report: Report) -> None:
        report.add(self._stored(job_id, chunk, names))

    @conflicts.atomic
    def _stored(self, job_id: UUID, chunk: list[Named], names: Names) -> Report:
        """One batch: what it stores and where the next one starts, in one transaction."""
        told = Report()
        # Two imports at once would both miss what the other is about to remember.
        held = hold_association(self.association.pk)
        self.association.policy_choice = held.policy_choice  # shortened meanwhile, perhaps
        job = ImportJob.objects.select_for_update().get(pk=job_id)
        came = memory.Came.of(job, another_page=self.another_page)
        waiting = [(outcome, ids) for outcome, ids in chunk if not came.holds(outcome.line)]
        if waiting:
            self._take_in(job, waiting, names, told)
        # The others came in meanwhile, by another run of this file: told as what is known, not left unsaid.
        told.lines += len(chunk) - len(waiting)
        told.known += len(chunk) - len(waiting)
        return told

    def _take_in(self, job: ImportJob, chunk: list[Named], names: Names, told: Report) -> None:
        fresh = self._sorted_out(chunk, names, told)
        self._receive(fresh, told)
        self._remember(job, fresh, chunk, told)
        job.next_line = max(job.next_line, chunk[-1][0].line + 1)
        job.records += told.kept
        job.tallied += told.counted
        job.known += told.known
        job.save()

    def _sorted_out(
        self, chunk: list[Named], names: Names, report: Report
    ) -> list[tuple[UUID, Kept | Counted]]:
        """The lines of the batch that are new and usable; the others go into the report."""
        known = memory.known(id_ for _outcome, ids in chunk for id_ in ids)
        nights = {outcome.night for outcome, _ids in chunk if not isinstance(outcome, SetAside)}
        report.span(nights)
        taken = nights_of_team.taken(self.team, nights, self._tonight)
        fresh = []
        for outcome, ids in chunk:
            report.lines += 1
            if isinstance(outcome, SetAside):
                report.note(outcome.reason, outcome.line)
                continue
            id_ = ids[0]
            if known.intersection(ids):
                if not self.another_page:
                    report.know(outcome.line)
                    continue
                id_ = self._further(outcome, names)
            if outcome.night in taken:
                report.note(taken[outcome.night], outcome.line)
                continue
            fresh.append((id_, outcome))
            if isinstance(outcome, Counted):
                report.note(outcome.reason, outcome.line)
            else:
                report.left_out += outcome.left_out
                report.notes_left_out += outcome.note_left_out
        return fresh

    def _further(self, outcome: Kept | Counted, names: Names) -> UUID:
        """The first id of such a line that nothing has yet."""
        id_ = names.of(outcome)
        while memory.known([id_]):
            id_ = names.of(outcome)
        return id_

    def _receive(self, fresh: list[tuple[UUID, Kept | Counted]], report: Report) -> None:
        old: list[Counted] = []
        by_night: dict[date, list[tuple[UUID, Kept | Counted]]] = {}
        for id_, outcome in fresh:
            if isinstance(outcome, Counted) and outcome.reason is Reason.TOO_OLD:
                old.append(outcome)
            else:
                by_night.setdefault(outcome.night, []).append((id_, outcome))
        found = nights_of_team.rounds_for(self.association.id, self.team, by_night)
        hold_secrets()
        if old:
            hold_books(self.association.pk)
        for outcome in old:
            # Older than anything may be kept: what remains is a number in its month.
            counts = Counts(people_count=outcome.people, encounters=1)
            report.after_frozen += not tally.add_to_month(self.association, outcome.night, counts)
        for night in sorted(by_night):
            self._receive_night(found[night], by_night[night], report)

    def _receive_night(self, round_: Round, lines: list[tuple[UUID, Kept | Counted]], report: Report) -> None:
        policy = self.association.policy
        closing = round_.status != Round.Status.CLOSED
        round_.association = self.association
        kept = {id_: outcome for id_, outcome in lines if isinstance(outcome, Kept)}
        receipt = intake.store_drafts(
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
            round_.planned_start = None
            round_.save(update_fields=["status", "closed_on", "planned_start"])

    def _sealed(self, round_: Round, kept: dict[UUID, Kept]) -> Iterator[SealedDraft]:
        """Each line as a phone would send it: sealed to this week's ingress key, under its own id."""
        key = keystore.ingress_key(self.now.astimezone(UTC).date())
        day = expires_on(RetentionClass.DRAFT, round_.night, self.association.policy)
        for id_, outcome in kept.items():
            entry = encounter.build({**outcome.body, "cell": outcome.cell, "sector_id": outcome.sector_id})
            info = intake.draft_info(round_, id_, key.id, day)
            yield SealedDraft(
                id_, key.id, day, ingress.seal_draft(bytes(key.public_key), info, id_, entry.to_json())
            )

    def _remember(
        self, job: ImportJob, fresh: list[tuple[UUID, Kept | Counted]], chunk: list[Named], report: Report
    ) -> None:
        """Ids of what came in, and line numbers with reasons of what did not; what the reception refused was counted: both."""
        taken = [(id_, outcome, outcome.night) for id_, outcome in fresh]
        memory.remember(self.association, taken, self.now.astimezone(UTC).date())
        ImportLine.objects.filter(job=job, line__in=[outcome.line for outcome, _ids in chunk]).delete()
        aside = {line: reason for reason, lines in report.where.items() for line in lines}
        ImportLine.objects.bulk_create(
            ImportLine(association=self.association, job=job, line=line, reason=reason.value)
            for line, reason in sorted(aside.items())
        )
