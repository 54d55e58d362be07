"""The demonstration goes through the real services, tops itself up, and shows each role its account."""

import io
import json
import re
import stat
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command

from demo import accounts, past, phone
from demo.associations import BEGINS, DemoTenant
from demo.management.commands import seed_demo
from demo.nights import AHEAD, tonight_of
from outreach.associations.models import Association
from outreach.management.commands.import_territory import BUNDLED
from outreach.members.models import Account, Membership, Team, TeamMembership
from outreach.notes import checking
from outreach.places.models import Sector
from outreach.records.models import Draft, Handover, Quarantine, Record, RunningQuarter, Tally, Tombstone
from outreach.records.selectors import open_rows
from outreach.roles import STRONG, Role
from outreach.rounds.models import Round
from privacy import clock, sealed_sums
from privacy.audit.events import READS, Event
from privacy.audit.models import PendingEvent
from privacy.compat import TOTP
from privacy.db.scope import Scope, tenant_transaction
from privacy.retention.models import LedgerEntry
from tension import city
from tension.city import vocabulary as words
from tension.city.moving import Whereabouts
from tests import databases, factories

NIGHTS = 3
NIGHT = date(2026, 2, 2)


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> Path:
    """The settings of a demonstration, and where it keeps its keys."""
    settings.DEMO = True
    settings.DEMO_KEYS = tmp_path / "var" / "demo-accounts"
    return tmp_path / "var" / "demo-accounts"


def seed(nights: int = NIGHTS) -> str:
    out = io.StringIO()
    with databases.as_worker():
        call_command("seed_demo", "--small", nights=nights, stdout=out, stderr=out)
    return out.getvalue()


def small_city() -> city.City:
    params = seed_demo.small(city.DEFAULT)
    return city.build(seed_demo.SEED, params, city.Territory.from_geojson(json.loads(BUNDLED.read_text())))


@pytest.mark.parametrize("command", ["seed_demo", "demo_accounts"])
def test_the_commands_refuse_outside_a_demonstration(command: str) -> None:
    with pytest.raises(CommandError, match="DEMO"):
        call_command(command)


@pytest.mark.database
def test_a_seed_sends_the_citys_nights_and_nothing_of_its_truth(demo: Path) -> None:
    seed()
    tonight = tonight_of_paris()
    sent = [
        one
        for one in city.nights(small_city(), tonight - timedelta(days=NIGHTS), NIGHTS)
        if not one.cancelled
    ]
    yes = [met for one in sent for met in one.encounters if met.answer is city.Answer.YES]
    assert len(yes) > 20
    with databases.as_owner():
        closed = Round.objects.filter(status=Round.Status.CLOSED)
        assert closed.count() == len(sent)
        assert Tally.objects.count() == sum(bool(one.encounters) for one in sent)
        assert Record.objects.count() == len(yes)
        assert Handover.objects.count() == sum(bool(one.handover_note) for one in sent)
        assert Quarantine.objects.count() == Draft.objects.count() == 0
        refused = sum(bool(met.refusal_reason) for one in sent for met in one.encounters)
        nights = Counter(Round.objects.filter(night__gt=tonight).values_list("status", flat=True))
        assert set(nights) == {"planned"}
        assert Round.objects.filter(night__gt=tonight + timedelta(days=AHEAD)).count() == 0
        opened = Round.objects.get(status=Round.Status.OPEN)
        assert (opened.night, opened.team.name) == (tonight, "Équipe Nord")
        assert opened.plan.exists()
        records = list(Record.objects.select_related("round"))
    with databases.as_worker(), tenant_transaction(Scope()):
        quarters = sealed_sums.read(list(RunningQuarter.objects.all()))
        assert sum(body["refused"] for _start, body in quarters) == refused
        found = [one.encounter for one in open_rows(records)]
    assert len(found) == len(yes)
    assert {one.cell.size for one in found if one.cell} == {500}
    assert sum(one.people for one in found) == sum(met.agreeing for met in yes)
    text = dump()
    for met in yes[:50]:
        assert f"{met.spot.lon:.4f}" not in text
        assert f"{met.spot.lat:.5f}" not in text


@pytest.mark.database
def test_a_second_seed_changes_nothing_and_a_later_one_tops_up(demo: Path, settings: Any) -> None:
    seed()
    with databases.as_owner():
        before = set(Record.objects.values_list("id", flat=True))
        rounds = set(Round.objects.values_list("id", "status"))
    seed()
    with databases.as_owner():
        assert set(Record.objects.values_list("id", flat=True)) == before
        assert set(Round.objects.values_list("id", "status")) == rounds
    tonight = tonight_of_paris()
    settings.CLOCK_OFFSET_DAYS = 2
    seed()
    with databases.as_owner():
        assert set(Record.objects.values_list("id", flat=True)) > before
        opened = Round.objects.get(status=Round.Status.OPEN)
        assert opened.night == tonight + timedelta(days=2)
        assert (
            not Round.objects.filter(night__lt=opened.night)
            .exclude(status__in=["closed", "cancelled"])
            .exists()
        )
        assert Tombstone.objects.exists()


@pytest.mark.database
def test_nights_that_are_there_are_not_lived_through_again(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived: list[date] = []
    real = Whereabouts.on

    def counted(self: Whereabouts, night: date, level: int | None = None) -> Any:
        lived.append(night)
        return real(self, night, level)

    monkeypatch.setattr(Whereabouts, "on", counted)
    seed()
    assert lived
    lived.clear()
    told = seed()
    assert lived == [] and re.search(r"déjà là\s: [1-9]", told), told


@pytest.mark.database
def test_every_role_has_an_account_and_the_strong_ones_a_second_factor(demo: Path) -> None:
    seed(1)
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600
    keys = accounts.keys()
    with databases.as_owner():
        assert Account.objects.count() == len(accounts.DEMO_ACCOUNTS)
        roles = {role for one in Membership.objects.all() for role in one.roles}
        assert roles == {role.value for role in Role}
        for account in Account.objects.all():
            assert account.email.endswith("@demo.maraudes.invalid")
            assert check_password(keys.password, account.password)
            strong = {role.value for role in STRONG} & set(Membership.objects.get(account=account).roles)
            assert Authenticator.objects.filter(user=account).exists() == bool(strong)
        totp = TOTP(Authenticator.objects.filter(type="totp")[0])
        assert totp.validate_code(keys.code(time.time()))
        assert not totp.validate_code("000000") or keys.code(time.time()) == "000000"
        assert (
            TeamMembership.objects.count()
            == sum(len(demo_account.teams) for demo_account in accounts.DEMO_ACCOUNTS)
            > 3
        )
        sectors = Counter(Sector.objects.values_list("association_id", flat=True))
        assert sorted(sectors.values()) == [5, 6, 12]
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    for demo_account in accounts.DEMO_ACCOUNTS:
        assert demo_account.email in out.getvalue()
    assert keys.password in out.getvalue()
    seed(1)
    assert accounts.keys() == keys
    with databases.as_owner():
        assert Account.objects.count() == len(accounts.DEMO_ACCOUNTS)


@pytest.mark.database
def test_the_auditor_of_the_demonstration_has_something_to_read(demo: Path) -> None:
    """Openings by role, a door that stayed shut, something that was destroyed; and no more of it at a second start."""
    seed()
    with databases.as_owner():
        lines = Counter(PendingEvent.objects.values_list("event", flat=True))
        assert (
            lines[Event.RECORD_REVEALED.value] >= Round.objects.filter(status=Round.Status.CLOSED).count() > 0
        )
    seed()
    with databases.as_owner():
        assert Counter(PendingEvent.objects.values_list("event", flat=True)) == lines
    told = {line.event for ahead in range(60) for line in past._lines(NIGHT + timedelta(days=ahead))}
    assert told == {*READS, Event.LOGIN, Event.LOGIN_REFUSED, Event.DENIED}


@pytest.mark.database
def test_what_was_over_before_the_demonstration_began_is_in_the_book_as_destroyed(
    lanterne: factories.Tenant,
) -> None:
    """Its notes were never stored; the book of a service that had run through those nights has their line all the same."""
    with databases.as_worker(), tenant_transaction(lanterne.scope("north")):
        for ago in (45, 10):
            round_ = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=ago))
            past.book(round_, 4, told=True, today=factories.NIGHT)
            past.book(round_, 3, told=False, today=factories.NIGHT)
    with databases.as_owner():
        lines = {
            (one.retention_class, one.stored, one.erased, one.erased_on) for one in LedgerEntry.objects.all()
        }
    on = factories.NIGHT - timedelta(days=15)
    assert lines == {("note", 7, 7, on), ("handover", 1, 1, on)}


@pytest.mark.database
def test_every_association_of_the_demonstration_is_in_the_switcher_and_one_begins(demo: Path) -> None:
    """The third one could not be looked at, and no page of an empty one either."""
    seed(1)
    with databases.as_owner():
        assert {one.slug for one in Association.objects.all()} == {
            demo_account.association for demo_account in accounts.DEMO_ACCOUNTS
        }
        begins = Association.objects.get(slug=BEGINS.slug)
        assert not Sector.objects.filter(association=begins).exists()
        assert not Team.objects.filter(association=begins).exists()
        assert not Round.objects.filter(association=begins).exists()
    assert (
        len({met.note for one in city.nights(small_city(), NIGHT, 20) for met in one.encounters if met.note})
        > 30
    )


def test_what_the_city_writes_raises_no_warning() -> None:
    """Notes, words and transmissions of the demonstration are such as the check of notes lets pass."""
    for text in (*words.NOTES, *words.QUOTES, *words.HANDOVERS):
        assert not checking.check(text), text


def test_before_the_first_seed_there_is_no_account_to_print(demo: Path) -> None:
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    assert "seed_demo" in out.getvalue()
    assert not demo.exists()


def test_keys_never_show_in_a_representation(tmp_path: Path) -> None:
    keys = accounts.keys(tmp_path / "keys")
    assert keys.password not in repr(keys)
    assert keys.totp_secret not in repr(keys)


def test_counts_hold_everybody_once_and_each_refusal() -> None:
    made = small_city()
    one = max(
        city.nights(made, made.params.counts.reference_night, 14), key=lambda found: len(found.encounters)
    )
    counts = phone.counts(one.encounters)
    assert counts.people_count == one.people_count
    assert counts.encounters == len(one.encounters)
    assert counts.refused == sum(counts.refusal_reasons.values()) > 0
    adults = (counts.men_count or 0) + (counts.women_count or 0)
    assert adults + (counts.minors_count or 0) == counts.people_count


def test_a_small_city_is_small() -> None:
    made = small_city()
    assert sum(1 for _one in Whereabouts(made).on(made.params.counts.reference_night, level=0)) < 600


def tonight_of_paris() -> Any:
    return tonight_of([DemoTenant(Association(timezone="Europe/Paris"), {}, {})], clock.now())


IN_CLEAR = frozenset({"outreach_sector", "django_migrations"})
"""The territory is in clear; and 22.36597 seconds after a minute, when a migration ran, is no longitude."""


def dump() -> str:
    """Every row of both databases as text."""
    return "\n".join(rows for _table, rows in databases.contents(IN_CLEAR))


def test_whoever_walks_has_somebody_who_leads() -> None:
    """An association of nine weeks of rounds was told that it still lacks somebody who leads a team."""
    walking = {
        demo_account.association for demo_account in accounts.DEMO_ACCOUNTS for team in demo_account.teams
    }
    leading = {
        demo_account.association for demo_account in accounts.DEMO_ACCOUNTS if Role.LEAD in demo_account.roles
    }
    assert walking == leading == {"lanternes", "soupe", "veilleurs"}
