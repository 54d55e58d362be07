"""What a round adds to the sums of maps: the week by kilometre square, the month by sector.

Weekly (for the coordinator): the shares of the teams, see `maps.weekly`.
Monthly (for a release to come): {sector: {"n": rounds that planned it, "s": consenting people met there, once a round}}.
n comes from the plan at close, never from what was found; records off the plan count in neither.
"""

from datetime import date, timedelta

from maps import weekly
from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.records import aggregates
from outreach.records.aggregates import Change
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.core.retention import RetentionClass, expires_on


def register() -> None:
    aggregates.register(add_week)
    aggregates.register(add_month)
    aggregates.register_stale_marker(mark_week_stale)


def mark_week_stale(round_: Round) -> None:
    """The round's week is made again by the worker (`tasks`). The month cannot be: its first records may be gone already."""
    WeeklySummary.objects.filter(association_id=round_.association_id, week=monday_of(round_)).update(
        version=sealed_sums.STALE
    )


def monday_of(round_: Round) -> date:
    return round_.night - timedelta(days=round_.night.weekday())


def add_week(change: Change) -> None:
    """Add the round to its week (Monday to Sunday). Squares go up to the coordinator's size; people met again count once."""
    round_ = change.round
    if not change.contributions and not change.closing:
        return
    policy = round_.association.policy
    week = monday_of(round_)
    day = None if change.sign < 0 else expires_on(RetentionClass.SUMMARY, week, policy)

    def edit(body: sealed_sums.Body) -> None:
        weekly.add(body, round_.team_id, change.contributions, policy, change.sign)
        if change.closing:
            body["rounds"] = int(body.get("rounds", 0)) + 1

    sealed_sums.change(WeeklySummary, round_.association_id, week, day, edit)


def add_month(change: Change) -> None:
    """Add the round to its month: its plan once, at close, and the people met in planned sectors."""
    round_ = change.round
    if not change.contributions and not change.closing:
        return
    month = round_.night.replace(day=1)
    policy = round_.association.policy
    day = None if change.sign < 0 else expires_on(RetentionClass.ACCUMULATOR, month, policy)

    def edit(body: sealed_sums.Body) -> None:
        def line(sector: object) -> dict[str, int]:
            return body.setdefault(str(sector), {"n": 0, "s": 0})  # type: ignore[no-any-return]

        if change.closing:
            for sector in change.planned:
                line(sector)["n"] += 1
        for one in change.contributions:
            if one.sector_id is not None and not one.again:
                line(one.sector_id)["s"] = max(0, line(one.sector_id)["s"] + change.sign * one.people)

    sealed_sums.change(MonthlyAccumulator, round_.association_id, month, day, edit)
