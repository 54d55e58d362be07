"""A session lasts while it is used on a night, ends at a noon, and says when."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from outreach.members.session_store import end_after
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database

PARIS = ZoneInfo("Europe/Paris")
PAGE = "/cartes/equipe/"


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment of 2026 in Paris."""
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("used", "end"),
    [
        (at(27, 13), at(28, 12)),
        (at(27, 23, 59), at(28, 12)),
        (at(28, 1), at(28, 12)),
        (at(28, 8), at(28, 12)),
        (at(28, 8, 1), at(29, 12)),  # a day's work that goes on in the evening
        (at(28, 12), at(29, 12)),
        (at(24, 20, month=10), at(25, 12, month=10)),  # the night of 25 hours
        (at(28, 22, month=3), at(29, 12, month=3)),  # and the one of 23
    ],
)
def test_it_ends_at_the_noon_that_ends_the_night(used: datetime, end: datetime) -> None:
    assert end_after(used, PARIS) == end
    assert end_after(used.astimezone(UTC), PARIS) == end


def test_where_noon_is_no_full_hour_of_the_world_it_is_rounded_up() -> None:
    delhi = ZoneInfo("Asia/Kolkata")
    end = end_after(datetime(2026, 11, 27, 20, tzinfo=delhi), delhi)
    assert end == datetime(2026, 11, 28, 12, 30, tzinfo=delhi)
    assert end.astimezone(UTC).minute == 0


class Clock:
    """What Django and the service take for now."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = at(27, 13)
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now.astimezone(UTC))
        monkeypatch.setattr("privacy.clock.now", lambda: self.now.astimezone(UTC))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def opens(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def ends() -> set[datetime]:
    with databases.as_owner():
        return set(Session.objects.values_list("expire_date", flat=True))


def test_signed_in_at_one_in_the_afternoon_it_lasts_through_the_night(lanterne: Tenant, clock: Clock) -> None:
    omar, unused = (signed_in(lanterne.people["omar"]) for _ in range(2))
    for moment in (at(27, 13, 5), at(27, 20), at(28, 1, 30), at(28, 6)):
        clock.now = moment
        assert opens(omar), moment
    clock.now = at(28, 12, 1)
    assert not opens(unused)


def test_used_every_night_it_lasts_until_its_term_which_ends_at_a_noon_too(
    lanterne: Tenant, clock: Clock
) -> None:
    omar = signed_in(lanterne.people["omar"])
    began = clock.now
    for night in range(29):
        clock.now = began + timedelta(days=night)
        assert opens(omar), night
        clock.now += timedelta(hours=13)  # two in the morning
        assert opens(omar), night
        clock.now += timedelta(hours=8)  # ten: it was used in the morning, too
        assert opens(omar), night
    assert "Votre session dure jusqu’au" in omar.get(PAGE).content.decode()
    clock.now = began + timedelta(days=29)
    assert not opens(omar)


def test_no_session_says_when_in_the_night_somebody_worked(lanterne: Tenant, clock: Clock) -> None:
    omar = signed_in(lanterne.people["omar"])
    for moment in (at(27, 20), at(28, 1, 30), at(28, 7, 59)):
        clock.now = moment
        assert opens(omar)
        assert ends() == {at(28, 12)}, moment


def test_the_page_says_how_long_one_stays_signed_in(lanterne: Tenant, clock: Clock) -> None:
    omar = signed_in(lanterne.people["omar"])
    clock.now = at(27, 20)
    assert "Votre session dure jusqu’au samedi 28 novembre, 12 h." in omar.get(PAGE).content.decode()


@override_settings(CLOCK_OFFSET_DAYS=150)
def test_its_end_is_told_by_the_clock_that_the_pages_go_by(
    lanterne: Tenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a demonstration 150 days ahead, in summer, the page said a noon of last November."""
    monkeypatch.setattr("privacy.clock.now", lambda: clock.now.astimezone(UTC) + timedelta(days=150))
    clock.now = at(27, 22)
    omar = signed_in(lanterne.people["omar"])
    assert "Votre session dure jusqu’au mardi 27 avril, 12 h." in omar.get(PAGE).content.decode()
    assert ends() == {at(28, 12)}, "the row goes by the machine's own clock"
