"""The hands and eyes inside a service that is being killed: a process of it that does what it is told, line by line.

`python -m tests.resilience.rpc_worker made` (as owner) makes the association; `… serve` waits for orders on its input, one
JSON object a line, and answers each with one. As the worker it purges, rotates, rebuilds, seals; as the web it reads what a
team can read. Every order begins like a fresh command: on new connections, at the day it is told.
"""

import json
import sys
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import django

CHOICE = {"record_days": 11, "note_days": 5, "tally_days": 11, "handover_days": 5}
"""A short memory, so that each step of the drill's clock gives the purge something to destroy."""
CLASSES = ("record", "note", "tally", "handover")


class Undone(Exception):
    """Rolls a trial back."""


def made() -> dict[str, Any]:
    from outreach.members.models import TeamMembership
    from tests import factories

    lanterne = factories.make_lanterne()
    lanterne.association.policy_choice = CHOICE
    lanterne.association.save()
    TeamMembership.objects.create(
        association=lanterne.association,
        team=lanterne.teams["south"],
        membership=lanterne.people["nadia"].membership,
    )
    return {
        "association": str(lanterne.association.id),
        "teams": [str(lanterne.teams[name].id) for name in ("north", "south")],
        "email": lanterne.people["nadia"].email,
        "sectors": {str(lanterne.sectors[name].id): name for name in ("east", "west")},
    }


def _evening(days_back: int) -> tuple[datetime, date]:
    """Now on the drill's clock, and a night of the association `days_back` before the one that runs."""
    from privacy import clock
    from privacy.core.retention import night_of

    now = clock.now()
    return now, night_of(now, ZoneInfo("Europe/Paris")) - timedelta(days=days_back)


def plan(association: str, team: str, sectors: list[str], back: int, shift: str) -> dict[str, Any]:
    """A round, planned and started; with what a phone must know to seal for it, and the day each kind ends."""
    from outreach.field import counter_cookie
    from outreach.rounds import services
    from privacy.core.retention import RetentionClass, expires_on
    from privacy.keystore import services as keystore

    now, night = _evening(back)
    number = uuid4()
    round_ = services.plan_round(
        association_id=UUID(association),
        team_id=UUID(team),
        night=night,
        sector_ids=[UUID(one) for one in sectors],
        shift=shift,
    )
    services.start_round(round_.id, now=now, crew_count=2)
    key, policy = keystore.ingress_key(night), round_.association.policy
    week = keystore.monday(night)
    ends = {one: expires_on(RetentionClass(one), night, policy).isoformat() for one in CLASSES}
    return {
        "id": str(round_.id),
        "night": night.isoformat(),
        "pseudonym": str(round_.pseudonym),
        "phone": str(number),
        "seen": counter_cookie._prover(round_).sign(number.hex),
        "key": str(key.id),
        "public": bytes(key.public_key).hex(),
        "draft": expires_on(RetentionClass.DRAFT, night, policy).isoformat(),
        "week": week.isoformat(),
        "ends": ends | {"summary": expires_on(RetentionClass.SUMMARY, week, policy).isoformat()},
    }


def past(association: str, team: str, sectors: list[str], many: int) -> dict[str, Any]:
    """A night that ended before the drill: so many records, written by the real services at the clock of that night."""
    from outreach.closing import services
    from outreach.records.tally import Counts
    from outreach.rounds.models import Round
    from tests import factories

    told = plan(association, team, sectors, 0, "night")
    round_ = Round.objects.select_related("association").get(id=told["id"])
    drafts = [factories.sealed(round_, factories.yes(1 + at % 9, note="duvet")) for at in range(many)]
    counts = Counts(people_count=many, refused=1)
    services.close_round(
        round_.id, phone=uuid4(), counts=counts, now=_evening(0)[0], drafts=drafts, handover="rien"
    )
    told["people"] = [1 + at % 9 for at in range(many)]
    return told


def purge() -> dict[str, Any]:
    from privacy import clock
    from privacy.retention import services

    report = services.purge(clock.now(), wet=True)
    return {"rows": report.total, "keys": report.keys, "elsewhere": report.running_elsewhere}


def rotate() -> dict[str, Any]:
    from privacy import clock
    from privacy.keystore import epochs

    return {"removed": epochs.rotate(clock.today())}


def rebuild() -> dict[str, Any]:
    from django.core.management import call_command

    call_command("rebuild_summaries", "--all", stdout=sys.stderr)
    return {}


def reap() -> dict[str, Any]:
    from privacy.keystore.orphans import delete_orphans

    return {"reaped": delete_orphans()}


def day() -> dict[str, Any]:
    """The day begins: the service has seen it, whether or not a purge came through yet."""
    from privacy import clock
    from privacy.retention.services import raise_high_water

    return {"today": raise_high_water(clock.today()).isoformat()}


def seal(kept: list[str]) -> dict[str, Any]:
    """Seal the log, verify all of it against every checkpoint kept so far; gives the new one."""
    from privacy import clock
    from privacy.audit import keys, log_reader
    from privacy.audit.models import LogEntry, PendingEvent
    from privacy.audit.sealing import publish_checkpoint

    publish_checkpoint(clock.now(), today_too=True)
    report = log_reader.verify(
        "default", kept, [keys.signing_key().verifier], clock.today(), lambda _seen: None
    )
    events: dict[str, int] = {}
    for body in LogEntry.objects.exclude(body=None).values_list("body", flat=True):
        word = json.loads(body or "{}")["event"]
        events[word] = events.get(word, 0) + 1
    return {
        "findings": [finding.text for finding in report.findings],
        "note": keys.last_note(),
        "events": events,
        "pending": PendingEvent.objects.count(),
    }


def _flat(encounter: Any, note: str) -> list[Any]:
    cell = encounter.cell.id if encounter.cell else ""
    return [encounter.people, cell, sorted(encounter.needs), note]


def state(association: str, teams: list[str]) -> dict[str, Any]:
    """All that the teams can read now, round by round, each thing really opened, and the sums beside what they should be."""
    from outreach.access import ActingMembership
    from outreach.records import selectors, tally
    from outreach.records.models import Draft, Record, Tally
    from outreach.roles import Role
    from outreach.rounds.models import Round
    from privacy import clock
    from privacy.db.scope import Scope, tenant_transaction
    from tests import totals

    mine = frozenset(UUID(team) for team in teams)
    rounds: dict[str, Any] = {}
    with tenant_transaction(Scope(UUID(association), mine)):
        acting = ActingMembership(
            uuid4(), uuid4(), UUID(association), "", "Europe/Paris", frozenset({Role.LEAD}), mine
        )
        revealed = selectors.open_for_team(acting, selectors.Reason.TEAM_MAP, now=clock.now())
        for round_ in Round.objects.select_related("association"):
            rows = list(Record.objects.filter(round=round_).select_related("round"))
            opened = selectors.open_rows(rows, notes=True)
            tallies = tally.read(list(Tally.objects.filter(round=round_)))
            rounds[str(round_.id)] = {
                "status": round_.status,
                "rows": len(rows),
                "records": [_flat(one.encounter, one.note) for one in opened],
                "drafts": [
                    str(one) for one in Draft.objects.filter(round=round_).values_list("id", flat=True)
                ],
                "tallies": sorted([one.people_count or 0, one.refused] for one in tallies),
                "handovers": _handovers(round_),
            }
        months = {str(start): body for start, body in totals.months().items()}
        quarters = list(totals.quarters().values())
        given = [sum(one[key] for one in quarters) for key in ("given", "refused")] if quarters else []
    return {
        "rounds": rounds,
        "revealed": len(revealed),
        "months": months,
        "given": given,
        **_sums(UUID(association), mine),
    }


def _handovers(round_: Any) -> list[str]:
    from outreach.records import handovers
    from outreach.records.models import Handover

    return sorted(text for _row, text in handovers.decrypt(Handover.objects.filter(round=round_)))


def _sums(association: UUID, teams: frozenset[UUID]) -> dict[str, Any]:
    """The weeks as they are and as they would be made again (rolled back), and the months by sector."""
    from django.db import transaction

    from maps import rebuild
    from maps.models import MonthlyAccumulator, WeeklySummary
    from privacy import sealed_sums
    from privacy.db.scope import Scope, tenant_transaction

    def weeks() -> dict[str, Any]:
        return {str(start): body for start, body in sealed_sums.read(list(WeeklySummary.objects.all()))}

    with tenant_transaction(Scope(association, teams)):
        as_they_are, again = weeks(), {}
        with suppress(Undone), transaction.atomic():
            for _tenant, week in list(rebuild.weeks(stale_only=False)):
                rebuild.rebuild(association, week)
            again = weeks()
            raise Undone
        sectors = {
            str(start): body for start, body in sealed_sums.read(list(MonthlyAccumulator.objects.all()))
        }
        rows = WeeklySummary.objects.count()
    return {"weeks": as_they_are, "again": again, "sectors": sectors, "unread": rows - len(as_they_are)}


def withdraw(association: str, teams: list[str]) -> list[Any] | None:
    """Any one record the teams can read is taken back; gives what it said, or None when there was none to take."""
    from outreach.closing import withdrawal
    from outreach.records import selectors
    from outreach.records.models import Record
    from privacy import clock
    from privacy.db.scope import Scope, tenant_transaction, use_tenant
    from tests.factories import ACTOR

    scope = Scope(UUID(association), frozenset(UUID(team) for team in teams))
    with tenant_transaction(scope):
        rows = list(Record.objects.select_related("round").order_by("?")[:1])
        opened = selectors.open_rows(rows, notes=True)
    with use_tenant(scope):
        if not opened or not withdrawal.withdraw(opened[0].id, actor=ACTOR, now=clock.now()):
            return None
    return _flat(opened[0].encounter, opened[0].note)


ORDERS = {one.__name__: one for one in (plan, past, purge, rotate, rebuild, reap, day, seal, state, withdraw)}


def serve() -> None:
    """Do what each line says and answer with one line: {"said": …} or {"error": the kind of it}."""
    from django.conf import settings
    from django.db import connections

    print(json.dumps({"said": "ready"}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        settings.CLOCK_OFFSET_DAYS = order.pop("days")
        name = order.pop("do")
        try:
            answer: dict[str, Any] = {"said": ORDERS[name](**order)}
        except Exception as failure:
            answer = {"error": f"{type(failure).__name__}: {failure}"[:300]}
        connections.close_all()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "made":
        print(json.dumps(made()))
    else:
        serve()
