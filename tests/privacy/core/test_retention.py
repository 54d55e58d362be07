"""When a thing goes: never later than promised, never before its night is over, in one place for all."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core.policy import DEFAULT, LIMITS, PERMISSIVE, STRICT, Policy
from privacy.core.retention import (
    RULES,
    Granularity,
    RetentionClass,
    expires_on,
    is_over,
    night_of,
)
from tests.privacy.core.test_policy import POLICIES, whole

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(
    [PARIS, UTC, *map(ZoneInfo, ("America/Toronto", "Europe/Lisbon", "Australia/Lord_Howe", "Pacific/Apia"))],
)
CLASSES = st.sampled_from(RetentionClass)
NIGHTS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DAY = timedelta(days=1)


class TestNight:
    @pytest.mark.parametrize(
        ("instant", "night"),
        [
            ("2026-11-21T11:59:59+01:00", "2026-11-20"),
            ("2026-11-21T12:00:00+01:00", "2026-11-21"),
            ("2026-11-21T23:30:00+01:00", "2026-11-21"),
            ("2026-11-22T00:30:00+01:00", "2026-11-21"),
            ("2026-11-22T11:59:59+01:00", "2026-11-21"),
            # Clocks forward, 29 March 2026: 01:59 is followed by 03:00.
            ("2026-03-28T22:00:00+01:00", "2026-03-28"),
            ("2026-03-29T01:59:00+01:00", "2026-03-28"),
            ("2026-03-29T03:01:00+02:00", "2026-03-28"),
            ("2026-03-29T11:59:00+02:00", "2026-03-28"),
            ("2026-03-29T12:00:00+02:00", "2026-03-29"),
            # Clocks back, 25 October 2026: 02:30 happens twice.
            ("2026-10-25T02:30:00+02:00", "2026-10-24"),
            ("2026-10-25T02:30:00+01:00", "2026-10-24"),
            ("2026-10-25T11:59:00+01:00", "2026-10-24"),
            ("2026-10-25T12:00:00+01:00", "2026-10-25"),
            # A new year, and an instant written in another zone.
            ("2027-01-01T04:00:00+01:00", "2026-12-31"),
            ("2026-11-21T10:59:59+00:00", "2026-11-20"),
            ("2026-11-21T06:00:00-05:00", "2026-11-21"),
        ],
    )
    def test_in_paris(self, instant: str, night: str) -> None:
        assert night_of(datetime.fromisoformat(instant), PARIS) == date.fromisoformat(night)

    @given(INSTANTS, ZONES)
    def test_a_night_runs_from_noon_to_noon(self, instant: datetime, zone: ZoneInfo) -> None:
        night = night_of(instant, zone)
        local = instant.astimezone(zone).replace(tzinfo=None)
        noon = datetime(night.year, night.month, night.day, 12)  # noqa: DTZ001
        assert noon <= local < noon + DAY

    @given(INSTANTS, ZONES, st.integers(-14, 14))
    def test_the_way_an_instant_is_written_does_not_matter(
        self,
        instant: datetime,
        zone: ZoneInfo,
        hours: int,
    ) -> None:
        written = instant.astimezone(timezone(timedelta(hours=hours)))
        assert night_of(written, zone) == night_of(instant, zone)

    @given(INSTANTS, INSTANTS, ZONES)
    def test_nights_follow_time(self, one: datetime, other: datetime, zone: ZoneInfo) -> None:
        first, second = sorted((one, other))
        assert night_of(first, zone) <= night_of(second, zone)

    @given(NIGHTS, st.integers(18, 30))
    def test_a_whole_round_is_one_night_even_when_clocks_change(self, night: date, hour: int) -> None:
        start = datetime(night.year, night.month, night.day, 18, tzinfo=PARIS).astimezone(UTC)
        at = start + timedelta(hours=hour - 18)
        assert night_of(at, PARIS) == night

    def test_a_naive_instant_is_refused(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            night_of(datetime(2026, 11, 21, 23), PARIS)  # noqa: DTZ001


class TestBuckets:
    @given(CLASSES, NIGHTS, POLICIES)
    def test_never_later_than_promised_and_never_before_the_night_is_over(
        self,
        cls: RetentionClass,
        night: date,
        policy: Policy,
    ) -> None:
        promised = night + timedelta(days=getattr(policy, RULES[cls].field))
        assert night + DAY <= expires_on(cls, night, policy) <= promised

    @given(CLASSES, NIGHTS, POLICIES, st.data())
    def test_a_shorter_policy_never_keeps_longer(
        self,
        cls: RetentionClass,
        night: date,
        policy: Policy,
        data: st.DataObject,
    ) -> None:
        shorter = policy.to_dict()
        for name in (name for name in shorter if name.endswith("_days")):
            shorter[name] = data.draw(st.integers(LIMITS[name].floor, shorter[name]), label=name)
        assert expires_on(cls, night, Policy.from_dict(whole(shorter))) <= expires_on(cls, night, policy)

    @given(CLASSES, NIGHTS, NIGHTS, POLICIES)
    def test_what_came_first_goes_first(
        self,
        cls: RetentionClass,
        one: date,
        other: date,
        policy: Policy,
    ) -> None:
        first, second = sorted((one, other))
        assert expires_on(cls, first, policy) <= expires_on(cls, second, policy)

    @given(NIGHTS, POLICIES)
    def test_weekly_classes_go_on_mondays_and_lose_less_than_a_week(
        self, night: date, policy: Policy
    ) -> None:
        end = expires_on(RetentionClass.RECORD, night, policy)
        assert end.weekday() == 0
        assert night + timedelta(days=policy.record_days) - end < timedelta(days=7)

    @given(NIGHTS)
    def test_a_week_of_records_shares_few_buckets(self, night: date) -> None:
        week = {expires_on(RetentionClass.RECORD, night + n * DAY, DEFAULT) for n in range(7)}
        assert len(week) <= 2

    @given(CLASSES, NIGHTS)
    def test_daily_classes_go_on_the_promised_day(self, cls: RetentionClass, night: date) -> None:
        if RULES[cls].granularity is Granularity.DAY:
            days = getattr(DEFAULT, RULES[cls].field)
            assert expires_on(cls, night, DEFAULT) == night + timedelta(days=days)

    @given(NIGHTS, POLICIES)
    def test_a_note_never_outlives_its_record(self, night: date, policy: Policy) -> None:
        record = expires_on(RetentionClass.RECORD, night, policy)
        assert expires_on(RetentionClass.NOTE, night, policy) <= record

    @given(NIGHTS, POLICIES)
    def test_consent_and_summaries_go_with_the_record(self, night: date, policy: Policy) -> None:
        record = expires_on(RetentionClass.RECORD, night, policy)
        for cls in (RetentionClass.CONSENT, RetentionClass.SUMMARY):
            assert expires_on(cls, night, policy) == record

    def test_examples_a_reader_can_check(self) -> None:
        night = date(2026, 11, 21)  # a Saturday
        assert expires_on(RetentionClass.RECORD, night, DEFAULT) == date(2027, 2, 15)  # 86 days, a Monday
        assert expires_on(RetentionClass.NOTE, night, DEFAULT) == date(2026, 12, 21)
        assert expires_on(RetentionClass.RECORD, night, Policy(record_days=11)) == date(2026, 11, 30)
        assert expires_on(RetentionClass.TOMBSTONE, night, DEFAULT) == date(2026, 11, 25)

    @given(
        st.sampled_from(
            [RetentionClass.RECORD, RetentionClass.NOTE, RetentionClass.TALLY, RetentionClass.HANDOVER]
        ),
        NIGHTS,
        POLICIES,
    )
    def test_nothing_of_a_round_is_over_while_a_late_phone_may_bring_it(
        self, cls: RetentionClass, night: date, policy: Policy
    ) -> None:
        """72 hours after the night, which ends at noon of the next day: the fourth day is the last."""
        last = datetime(night.year, night.month, night.day, 11, 59, tzinfo=PARIS) + timedelta(days=4)
        assert night_of(last, PARIS) == night + timedelta(hours=72)
        assert expires_on(cls, night, policy) > last.astimezone(UTC).date()

    @given(NIGHTS, POLICIES)
    def test_audit_bodies_live_six_to_twelve_months(self, night: date, policy: Policy) -> None:
        """CNIL: logs are kept six to twelve months; a week bucket must not eat into the six."""
        life = expires_on(RetentionClass.AUDIT_BODY, night, policy) - night
        assert timedelta(days=183) <= life <= timedelta(days=365)

    @given(NIGHTS, POLICIES)
    def test_an_accumulator_outlives_the_wait_for_its_release(self, night: date, policy: Policy) -> None:
        first = night.replace(day=1)
        release = first + timedelta(days=31 + 14)
        assert expires_on(RetentionClass.ACCUMULATOR, first, policy) > release
        quarter = first + timedelta(days=92 + 14)
        assert expires_on(RetentionClass.ACCUMULATOR, first, DEFAULT) > quarter

    def test_every_class_has_a_rule_and_every_duration_a_class(self) -> None:
        assert set(RULES) == set(RetentionClass)
        used = {rule.field for rule in RULES.values()}
        assert used == {name for name in LIMITS if name.endswith("_days")}

    def test_granularity_is_read_from_the_class(self) -> None:
        assert RetentionClass.RECORD.granularity is Granularity.WEEK
        assert RetentionClass.NOTE.granularity is Granularity.DAY


@given(NIGHTS, st.integers(-400, 400))
def test_unreadable_from_its_day_on(end: date, days: int) -> None:
    assert is_over(end, end + timedelta(days=days)) is (days >= 0)


def test_presets_in_order() -> None:
    night = date(2026, 11, 21)
    for cls in RetentionClass:
        ends = [expires_on(cls, night, policy) for policy in (STRICT, DEFAULT, PERMISSIVE)]
        assert ends == sorted(ends)
