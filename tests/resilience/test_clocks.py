"""Clocks: put back a week, put forward, changed at night, and Redis gone for a week; what is over stays over.

Short: on the tests' own database, where the effective day is put ahead of the real one. Long: a whole service on a clock
that really moves, PostgreSQL's included.
"""

from collections import Counter
from collections.abc import Iterator
from copy import copy
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import crontab
from django.test import override_settings

from config.celery import BEAT, app
from config.heartbeat import Scheduler
from outreach.closing import services as closing
from outreach.closing.tasks import close_forgotten
from outreach.records.tally import Counts
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy.core.retention import RetentionClass, expires_on, night_of
from privacy.retention import services as retention
from tests import databases, factories, totals
from tests.factories import Tenant
from tests.resilience import expired, nights, weeks
from tests.resilience.conftest import Drill
from tests.resilience.fake_clock import WEEK, Moved, MovedStack
from tests.resilience.stack import until


def shown(lanterne: Tenant, by: date) -> int:
    with databases.raw("owner") as owner, databases.raw("web") as web:
        return expired.shown(
            owner, web, str(lanterne.association.id), [str(lanterne.teams["north"].id)], by
        ).total()


@pytest.mark.database
def test_a_clock_put_back_a_week_shows_nothing_that_was_over(lanterne: Tenant, drill: Drill) -> None:
    """The service has seen next week; its clock, the database's too, says today. Nothing was purged yet."""
    today = factories.NIGHT
    records = weeks.fill(lanterne, today)
    by = today + timedelta(days=WEEK)
    with databases.raw("owner") as owner:
        assert expired.unguarded(owner) == []
        before, living = shown(lanterne, by), weeks.opened(lanterne)
        assert before == expired.present(owner, by) > 2 * weeks.RECORDS
        assert len(living) == records
        with databases.as_worker():
            retention.raise_high_water(by)
        assert expired.present(owner, by) == before, (
            "the rows are there still, so hiding them shows something"
        )
        assert shown(lanterne, by) == 0
        assert len(weeks.opened(lanterne)) == records - weeks.RECORDS
        # A close is not refused: what still has a day ahead is taken.
        with factories.tenant_transaction(lanterne.scope("north")):
            late = factories.open_round(lanterne, night=today + timedelta(days=1))
            receipt = closing.close_round(
                late.id,
                phone=uuid4(),
                counts=Counts(),
                now=factories.NOW,
                drafts=[factories.sealed(late, factories.yes())],
            )
            assert len(receipt.stored) == 1
        expired.without_high_water(owner)
        control = shown(lanterne, by)
        assert control >= before, (
            "without the high-water mark the clock put back shows them: the check can fail"
        )
        with databases.as_worker():
            retention.raise_high_water(by)
            retention.purge(datetime.combine(today, factories.NOW.timetz()), wet=True)
        assert expired.present(owner, by) == 0, "the purge works by the mark, not by the clock put back"
        # The way back from a clock that was ahead (docs/operations/running.md): after a whole purge the mark hides nothing.
        expired.without_high_water(owner)
        assert shown(lanterne, by) == 0
    assert len(weeks.opened(lanterne)) == records - weeks.RECORDS + 1
    drill.say(
        f"clock a week back, mark kept: 0 of {before} expired rows shown; mark taken away (control): {control};"
        f" {records - weeks.RECORDS} living records open before and after the purge"
    )


@pytest.mark.database
def test_a_policy_that_lets_write_what_is_over_is_told() -> None:
    with databases.raw("owner") as owner, owner.transaction(force_rollback=True):
        owner.execute(
            "CREATE POLICY loose ON outreach_tally FOR UPDATE TO maraudes_web"
            " USING (expires_on > app_today()) WITH CHECK (true)"
        )
        assert expired.unguarded(owner) == ["outreach_tally"]


def test_beat_does_not_wait_for_a_week_that_was_taken_back(tmp_path: Path, drill: Drill) -> None:
    def waits(kind: type[PersistentScheduler]) -> timedelta:
        """The longest that an hourly task waits after the clock went back a week."""
        beat = kind(app, schedule_filename=str(tmp_path / kind.__name__))
        for entry in beat.schedule.values():
            entry.last_run_at = app.now() + timedelta(days=WEEK)
        if isinstance(beat, Scheduler):
            beat.forget_the_future()
        longest = max(beat.schedule[name].is_due().next for name in ("heartbeat", "purge", "close-forgotten"))
        beat.close()
        return timedelta(seconds=longest)

    ours, celerys = waits(Scheduler), waits(PersistentScheduler)
    assert ours <= timedelta(hours=1)
    assert celerys > timedelta(days=WEEK), "Celery's own scheduler waits the week: the check can fail"
    drill.say(
        f"beat after a clock put back a week: next purge within {ours}; Celery's own scheduler: {celerys}"
    )


def sent(schedule: crontab, celery: Celery, night: nights.Night) -> int:
    """How often a beat that looks every minute of a night finds `schedule` due."""
    when = copy(schedule)
    when._app = celery
    at, last, due = night.noon, night.noon - timedelta(minutes=1), 0
    while at < night.end:
        when.nowfun = partial(_same, at)
        if when.is_due(last).is_due:
            due, last = due + 1, at
        at += timedelta(minutes=1)
    return due


def _same(at: datetime) -> datetime:
    return at


def test_no_hour_of_a_dst_night_misses_its_purge(drill: Drill) -> None:
    walked = [night for zone in nights.ZONES for night in nights.changes(zone, factories.NIGHT)]
    for night in walked:
        assert sent(BEAT["purge"][1], app, night) == night.hours
        assert sent(BEAT["seal-day"][1], app, night) == 1
    local = Celery("control")
    local.conf.timezone = "Europe/Paris"
    long = max((night for night in walked if night.zone == "Europe/Paris"), key=lambda night: night.hours)
    missed = long.hours - sent(BEAT["purge"][1], local, long)
    assert missed == 1, "a beat on local time must lose the hour that comes twice"
    hours = sorted(night.hours for night in walked)
    drill.say(
        f"beat in nights of {hours} hours: a purge in every hour, one seal; on local time (control): {missed} hour without"
    )


@pytest.mark.database
@pytest.mark.parametrize("zone", nights.ZONES)
def test_a_dst_night_is_one_night(lanterne: Tenant, drill: Drill, zone: str) -> None:
    with databases.raw("owner") as owner:
        owner.execute("UPDATE outreach_association SET timezone = %s", [zone])
        with factories.tenant_transaction(lanterne.scope("north")):
            lanterne.association.refresh_from_db()
        walked = nights.changes(zone, factories.NIGHT)
        for night in walked:
            assert night.hours in (23, 25)
            assert nights.misplaced(night, night_of) == []
            assert nights.misplaced(night, nights.by_elapsed_hours), "the control must go wrong on this night"
            for hour in (1, 2, 3):  # before, inside and after the hour that is missing or comes twice
                _walk(lanterne, night, hour)
            _forget(lanterne, night)
        with factories.tenant_transaction(lanterne.scope("north")):
            counted = {month: one["people_count"] for month, one in totals.months().items()}
    expected = Counter(night.date.replace(day=1) for night in walked)
    assert counted == {month: 9 * number for month, number in expected.items()}
    drill.say(
        f"{zone}: nights of 23 and 25 hours, 6 rounds over the change and 2 left open: planned, closed, expiring and counted as"
        f" any other; by elapsed hours (control): wrong on both"
    )


def _planned(lanterne: Tenant, night: nights.Night, at: datetime, shift: str) -> Round:
    round_ = rounds.plan_round(
        association_id=lanterne.association.id,
        team_id=lanterne.teams["north"].id,
        night=night_of(at, night.tz),
        sector_ids=[lanterne.sectors["east"].id],
        shift=shift,
    )
    assert round_.night == night.date
    assert round_.expires_on == expires_on(RetentionClass.ITINERARY, night.date, lanterne.association.policy)
    return rounds.start_round(round_.id, now=at, crew_count=2)


def _walk(lanterne: Tenant, night: nights.Night, hour: int) -> None:
    """A round of one hour that starts at `hour` local time of the morning."""
    start = datetime.combine(night.date + timedelta(days=1), time(hour), night.tz).astimezone(UTC)
    with factories.tenant_transaction(lanterne.scope("north")):
        round_ = _planned(lanterne, night, start, f"h{hour}")
        receipt = closing.close_round(
            round_.id,
            phone=uuid4(),
            counts=Counts(people_count=3),
            now=start + timedelta(hours=1),
            drafts=[factories.sealed(round_, factories.yes(2))],
        )
        round_.refresh_from_db()
    assert len(receipt.stored) == 1
    assert round_.closed_on == night.date
    assert round_.started_hour == start.astimezone(night.tz).hour


def _forget(lanterne: Tenant, night: nights.Night) -> None:
    """A round that nobody closes closes by itself at noon, and not a minute before."""
    with factories.tenant_transaction(lanterne.scope("north")):
        round_ = _planned(lanterne, night, night.noon + timedelta(hours=9), "left")
    for at, closed in ((night.end - timedelta(minutes=1), 0), (night.end + timedelta(minutes=1), 1)):
        ahead = (at - datetime.now(UTC)) / timedelta(days=1)
        with override_settings(CLOCK_OFFSET_DAYS=ahead), databases.as_worker():
            assert close_forgotten() == closed
    with databases.as_worker():
        assert Round.objects.get(id=round_.id).closed_on == night.date + timedelta(days=1)


class Lived(NamedTuple):
    """A green service; how many of its records live on, how many of its rows are over within a week."""

    stack: MovedStack
    out: Moved
    living: int
    before: int


@pytest.fixture
def lived() -> Iterator[Lived]:
    with MovedStack.lent() as stack:
        out = Moved(stack)
        assert stack.manage("purge", "--wet-run").returncode == 0
        out.green()
        yield Lived(stack, out, out.records - weeks.RECORDS, out.present())


@pytest.mark.long
def test_a_whole_service_whose_clock_goes_forward_and_back(lived: Lived, drill: Drill) -> None:
    stack, out, living, before = lived
    assert out.shown() == before > 2 * weeks.RECORDS and out.opened() == out.records

    # A week and a day forward, before anything was purged: somebody else holds the purge, which has only raised the mark.
    stack.stop("beat", "worker")
    with stack.raw("owner") as hand:
        hand.execute("SELECT pg_advisory_lock(%s)", [retention.PURGE_LOCK])
        out.move(WEEK + 1)
        assert (out.present(), out.shown(), out.opened()) == (before, 0, living)
        assert "rows overdue" in out.status() and "Overdue: run" in out.status()
        assert "earlier day" in stack.health()["retention"]
        stack.manage("purge", "--wet-run")
        assert out.present() == before
        # And back: the rows are there still, and nobody is shown them.
        out.move(0)
        assert (out.present(), out.shown(), out.opened()) == (before, 0, living)
        assert "the clock is behind" in stack.health()["clock"] and "the clock is behind" in out.status()
        with stack.raw("owner") as owner:
            mark = owner.execute("SELECT day FROM retention_highwater").fetchone()
            expired.without_high_water(owner)
            control = out.shown()
            assert control == before, "without the mark the clock put back shows them: the check can fail"
            assert mark is not None
            owner.execute("INSERT INTO retention_highwater (id, day) VALUES (1, %s)", list(mark))
        assert out.shown() == 0
    # Beat and worker come back on a clock behind the mark: by themselves, at once, not in a week.
    stack.start("worker", "beat")
    out.green(but=frozenset({"clock"}))
    assert stack.manage("purge", "--wet-run").returncode == 0
    assert (out.present(), out.shown(), out.opened()) == (0, 0, living)
    # A clock that goes a week back under a running beat: its pulses come again within minutes.
    out.move(-WEEK)
    out.green(but=frozenset({"clock"}))
    assert out.opened() == living
    # Forward again, beyond the mark: the purge catches up by itself (beat, broker, worker), and the service is green.
    out.move(2 * WEEK)
    out.green()
    assert out.opened() == living and "Nothing is overdue" in out.status()
    drill.say(
        f"whole service, PostgreSQL's clock included: {before} rows over after a week; shown forward, back, purged: 0, 0, 0;"
        f" without the mark (control): {control}; {living} of {living} living records open throughout"
    )


@pytest.mark.long
def test_redis_gone_for_a_week(lived: Lived, drill: Drill) -> None:
    stack, out, living, before = lived
    phone, tonight = out.phone, out.phone.round(1)
    body = phone.drafts(tonight, 2)
    stack.stop("broker")
    assert phone.send(tonight, body[0])[0] == 200, "a round goes on without Redis"
    starts = stack.kept["worker"].starts
    # Nobody closes the round, and its drafts live three days: the second clock closes it when its night is over.
    out.move(3)
    assert "1 round closed" in stack.manage("close_forgotten").stdout
    before, living = out.present(), living + 1
    out.move(WEEK + 1)
    assert (out.present(), out.shown(), out.opened()) == (before, 0, living)
    health = stack.health()
    assert {part for part, said in health.items() if said != "ok"} >= {
        "broker",
        "worker",
        "beat",
        "retention",
    }
    assert "Redis does not answer" in health["broker"] and "purge --wet-run" in health["retention"]
    assert "Overdue: run" in out.status()
    # The second clock needs no Redis.
    assert stack.manage("purge", "--wet-run").returncode == 0
    assert (out.present(), out.shown(), out.opened()) == (0, 0, living)
    assert "Nothing is overdue" in out.status()
    stack.start("broker")
    # What beat could not send at noon it sends now or at the next one; until then the health page says how not to wait.
    until(lambda: out.failing() <= {"audit"}, "worker and beat come back by themselves", 4000, pause=2)
    said = stack.health()["audit"]
    assert said == "ok" or "manage.py audit_seal" in said
    assert stack.manage("audit_seal").returncode == stack.manage("audit_verify").returncode == 0
    out.green()
    assert stack.kept["worker"].starts == starts, "the worker waited and did not have to be started again"
    assert out.opened() == living
    drill.say(
        f"Redis gone for a week: {before} rows over, 0 shown; purge by the second clock: 0 left; worker and beat back by"
        f" themselves, worker started again 0 times; {living} of {living} living records open"
    )
