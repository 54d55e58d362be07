"""People who left, doors nobody took and sessions that ended: there first, gone after their day, and not one day earlier."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from outreach.members.erasers import ERASERS
from outreach.members.models import Account, Invitation, Membership, TeamMembership
from privacy.erasers import Eraser, erasers
from tests import databases
from tests.factories import NIGHT, Tenant, invited
from tests.outreach.members.people import enrol, signed_in

pytestmark = pytest.mark.database


def named(name: str) -> Eraser:
    return next(eraser for eraser in ERASERS if eraser.name == name)


def run(name: str, today: date, batch: int = 100) -> int:
    """One eraser as the worker role: due must equal done, and nothing is due afterwards."""
    eraser = named(name)
    with databases.as_worker():
        due, done = eraser.count_due(today), 0
        while step := eraser.erase(today, batch):
            done += step
        assert eraser.count_due(today) == 0
    assert due == done
    return done


def count(model: type, **narrow: object) -> int:
    with databases.as_owner():
        return int(model.objects.filter(**narrow).count())  # type: ignore[attr-defined]


def test_the_purge_knows_them() -> None:
    assert set(ERASERS) <= set(erasers())
    order = [eraser.name for eraser in erasers()]
    assert order.index("sessions") < order.index("memberships") < order.index("accounts")


def test_an_invitation_goes_on_its_day(lanterne: Tenant) -> None:
    invited(lanterne)
    assert run("invitations", NIGHT + timedelta(days=6)) == 0
    assert count(Invitation) == 1
    assert run("invitations", NIGHT + timedelta(days=7)) == 1
    assert count(Invitation) == 0


def test_a_leaver_is_forgotten_after_ninety_days(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    enrol(signed_in(omar))
    with databases.as_owner():
        EmailAddress.objects.create(user=omar.account, email=omar.email, verified=True, primary=True)
        Membership.objects.filter(id=omar.membership.id).update(ended_on=NIGHT)
    before = NIGHT + timedelta(days=89)
    assert run("memberships", before) == 0
    assert run("accounts", before) == 0
    of_omar: list[Callable[[], int]] = [
        lambda: count(Account, id=omar.id),
        lambda: count(Membership, account_id=omar.id),
        lambda: count(TeamMembership, membership_id=omar.membership.id),
        lambda: count(EmailAddress, user_id=omar.id),
        lambda: count(Authenticator, user_id=omar.id),
        lambda: count(UserSession, user_id=omar.id),
    ]
    assert all(rows() > 0 for rows in of_omar)
    after = NIGHT + timedelta(days=90)
    assert run("sessions", after) == 1
    assert run("memberships", after) == 1
    assert run("accounts", after) == 1
    assert [rows() for rows in of_omar] == [0] * 6
    assert count(Account) == len(lanterne.people) - 1


def test_who_still_works_elsewhere_keeps_the_account(lanterne: Tenant, passerelle: Tenant) -> None:
    bruno = passerelle.people["bruno"]
    with databases.as_owner():
        Membership.objects.create(
            association=lanterne.association, account=bruno.account, roles=["worker"], ended_on=NIGHT
        )
    after = NIGHT + timedelta(days=90)
    assert run("memberships", after) == 1
    assert run("accounts", after) == 0
    assert count(Membership, account_id=bruno.id) == 1


def test_an_association_may_forget_leavers_sooner(lanterne: Tenant) -> None:
    with databases.as_owner():
        type(lanterne.association).objects.filter(id=lanterne.association.id).update(
            policy_choice={"account_days": 30}
        )
        Membership.objects.filter(id=lanterne.people["omar"].membership.id).update(ended_on=NIGHT)
    assert run("memberships", NIGHT + timedelta(days=29)) == 0
    assert run("memberships", NIGHT + timedelta(days=30)) == 1


def test_sessions_go_when_they_expire_or_after_thirty_days(lanterne: Tenant) -> None:
    omar, nadia = signed_in(lanterne.people["omar"]), signed_in(lanterne.people["nadia"])
    keys = {"omar": omar.session.session_key, "nadia": nadia.session.session_key}
    far = datetime.now(UTC) + timedelta(days=400)
    with databases.as_owner():
        Session.objects.update(expire_date=far)  # as if used every day
    assert run("sessions", NIGHT + timedelta(days=29)) == 0
    assert count(Session, session_key__in=keys.values()) == 2
    with databases.as_owner():
        Session.objects.filter(session_key=keys["omar"]).update(expire_date=datetime.now(UTC))
    assert run("sessions", NIGHT + timedelta(days=1)) == 1
    assert count(Session, session_key=keys["omar"]) == 0
    assert count(UserSession, session_key=keys["omar"]) == 0
    assert run("sessions", NIGHT + timedelta(days=30)) == 1
    assert count(Session, session_key=keys["nadia"]) == 0
    assert count(UserSession) == 0


def test_an_association_may_end_sessions_sooner(lanterne: Tenant) -> None:
    signed_in(lanterne.people["omar"])
    with databases.as_owner():
        Session.objects.update(expire_date=datetime.now(UTC) + timedelta(days=400))
        type(lanterne.association).objects.filter(id=lanterne.association.id).update(
            policy_choice={"session_days": 7}
        )
    assert run("sessions", NIGHT + timedelta(days=6)) == 0
    assert run("sessions", NIGHT + timedelta(days=7)) == 1


def test_a_batch_is_no_larger_than_asked(lanterne: Tenant) -> None:
    for n in range(5):
        invited(lanterne, f"n{n}@invitee.invalid")
    with databases.as_worker():
        assert named("invitations").erase(NIGHT + timedelta(days=7), 2) == 2
    assert count(Invitation) == 3
