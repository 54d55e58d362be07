"""A session ends with the shortest term of its owner's associations, at its last noon and not with the purge."""

from datetime import timedelta

import pytest

from outreach.associations.models import Association
from outreach.members.models import Membership
from tests import databases
from tests.factories import NOW, Tenant
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database


def choose(lanterne: Tenant, days: int) -> None:
    with databases.as_owner():
        Association.objects.filter(id=lanterne.association.id).update(policy_choice={"session_days": days})


@pytest.mark.parametrize(("days", "open_"), [(5, True), (6, False)])
def test_a_session_ends_with_its_associations_term(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch, days: int, open_: bool
) -> None:
    omar = signed_in(lanterne.people["omar"])
    assert omar.get("/cartes/equipe/").status_code == 200
    choose(lanterne, 7)
    monkeypatch.setattr("privacy.clock.now", lambda: NOW + timedelta(days=days))
    assert (omar.get("/cartes/equipe/").status_code == 200) is open_
    if not open_:
        monkeypatch.undo()
        assert omar.get("/cartes/equipe/").status_code == 302, "signed out, not only turned away"


def test_the_shorter_term_of_two_associations_decides(
    lanterne: Tenant, passerelle: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = lanterne.people["omar"]
    omar = signed_in(person)
    monkeypatch.setattr("privacy.clock.now", lambda: NOW + timedelta(days=8))
    assert omar.get("/cartes/equipe/").status_code == 200
    choose(passerelle, 7)
    assert omar.get("/cartes/equipe/").status_code == 200, "not a member there"
    with databases.as_owner():
        Membership.objects.create(
            association=passerelle.association, account=person.account, roles=["worker"]
        )
    assert omar.get("/cartes/equipe/").status_code != 200


def test_the_shortest_term_is_a_whole_night(lanterne: Tenant) -> None:
    """One day ended at midnight UTC, in the middle of a round: who had chosen it has two, the evening and the noon after it."""
    with databases.before("outreach", "0031_departure_to_the_minute") as today:
        choose(lanterne, 1)
        today()
    with databases.as_owner():
        assert Association.objects.get(id=lanterne.association.id).policy.session_days == 2
    omar = signed_in(lanterne.people["omar"])
    with pytest.MonkeyPatch.context() as patch:
        for hours, open_ in ((5, True), (9, True), (24, False)):
            patch.setattr("privacy.clock.now", lambda hours=hours: NOW + timedelta(hours=hours))
            assert (omar.get("/cartes/equipe/").status_code == 200) is open_, hours
