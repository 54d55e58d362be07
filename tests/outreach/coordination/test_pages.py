"""Coordination through HTTP: the agenda plans and cancels, the dashboard says what is missing, coverage tells the plan."""

import re
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest

from outreach.access import ActingMembership
from outreach.closing import freezing
from outreach.closing import services as closing
from outreach.coordination import services
from outreach.places.models import Sector
from outreach.records.models import TallyMonth
from outreach.records.tally import Counts
from outreach.roles import Role
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy.db.scope import Scope, tenant_transaction
from tests import databases, factories
from tests.factories import NIGHT, NOW, Tenant
from tests.markup import bare
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database


def plan(lanterne: Tenant, **changed: object) -> dict[str, object]:
    sectors = [str(lanterne.sectors["east"].id)]
    night = (NIGHT + timedelta(days=3)).isoformat()
    return {
        "team": str(lanterne.teams["north"].id),
        "night": night,
        "transport": "foot",
        "sectors": sectors,
    } | changed


def claire_acting(lanterne: Tenant) -> ActingMembership:
    claire = lanterne.people["claire"]
    roles = frozenset({Role.COORDINATOR})
    return ActingMembership(
        claire.id, claire.membership.id, lanterne.association.id, "", "Europe/Paris", roles, frozenset()
    )


def test_a_coordinator_plans_and_cancels_a_round(lanterne: Tenant) -> None:
    client = strong(lanterne.people["claire"])
    answer = client.post("/coordination/agenda/", plan(lanterne), follow=True)
    assert "La tournée est dans l’agenda" in answer.content.decode()
    with databases.as_owner():
        round_ = Round.objects.get()
        assert [line.sector.name for line in round_.plan.all()] == ["Secteur Est"]
    again = client.post("/coordination/agenda/", plan(lanterne))
    assert again.status_code == 422
    assert "déjà une tournée" in again.content.decode()
    client.post(f"/coordination/agenda/{round_.id}/annuler/")
    with databases.as_owner():
        assert Round.objects.get().status == Round.Status.CANCELLED
    client.post("/coordination/agenda/", plan(lanterne))
    with databases.as_owner():
        assert Round.objects.get().status == Round.Status.PLANNED


def test_a_lead_finds_the_form_first_in_the_dark_with_the_team_chosen(lanterne: Tenant) -> None:
    page = signed_in(lanterne.people["nadia"]).get("/coordination/agenda/").content.decode()
    assert 'data-theme="dark"' in page
    assert page.index('id="plan"') < page.index('id="nights"')
    assert f'<option value="{lanterne.teams["north"].id}" selected>' in page
    office = strong(lanterne.people["claire"]).get("/coordination/agenda/").content.decode()
    assert 'data-theme="dark"' not in office


def test_what_is_planned_beyond_two_weeks_is_listed(lanterne: Tenant) -> None:
    """It was taken for any night of the year, and shown for two weeks: planned, and nowhere to be seen."""
    client = strong(lanterne.people["claire"])
    answer = client.post(
        "/coordination/agenda/", plan(lanterne, night=(NIGHT + timedelta(days=40)).isoformat()), follow=True
    )
    with databases.as_owner():
        round_ = Round.objects.get()
    assert f"/coordination/agenda/{round_.id}/annuler/" in answer.content.decode()


def test_a_night_of_the_past_is_refused_with_a_sentence(lanterne: Tenant) -> None:
    client = strong(lanterne.people["claire"])
    answer = client.post("/coordination/agenda/", plan(lanterne, night="2020-01-01"))
    assert answer.status_code == 422
    assert "nuit à venir" in answer.content.decode()


def test_a_lead_plans_for_the_own_team_only(lanterne: Tenant) -> None:
    client = signed_in(lanterne.people["nadia"])
    assert client.post("/coordination/agenda/", plan(lanterne)).status_code == 302
    answer = client.post("/coordination/agenda/", plan(lanterne, team=str(lanterne.teams["south"].id)))
    assert answer.status_code == 422
    with databases.as_owner():
        assert Round.objects.count() == 1


def test_a_round_of_another_association_cannot_be_cancelled(lanterne: Tenant, passerelle: Tenant) -> None:
    with tenant_transaction(passerelle.scope("quay")):
        foreign = rounds.plan_round(
            association_id=passerelle.association.id,
            team_id=passerelle.teams["quay"].id,
            night=NIGHT,
            sector_ids=[],
        )
    answer = strong(lanterne.people["claire"]).post(f"/coordination/agenda/{foreign.id}/annuler/")
    assert answer.status_code == 404
    with databases.as_owner():
        assert Round.objects.get(id=foreign.id).status == Round.Status.PLANNED


def test_the_desk_names_gaps_and_forgotten_rounds(lanterne: Tenant) -> None:
    client = strong(lanterne.people["claire"])
    assert "Secteur Est : jamais prévu" in " ".join(
        bare(client.get("/coordination/").content.decode()).split()
    )
    with tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne, night=NIGHT - timedelta(days=2), sectors=("east",))
    page = " ".join(bare(client.get("/coordination/").content.decode()).split())
    assert "Secteur Est" not in page
    assert "Secteur Ouest : jamais prévu" in page
    assert "restée ouverte" in page


def test_without_sectors_nobody_is_told_that_none_is_missing(lanterne: Tenant) -> None:
    with databases.as_owner():
        Sector.objects.filter(association=lanterne.association).update(active=False)
    client = strong(lanterne.people["claire"])
    page = client.get("/coordination/").content.decode()
    assert 'data-missing="sectors"' in page and "Tous les secteurs" not in page
    assert 'data-missing="sectors"' in client.get("/coordination/couverture/").content.decode()
    lead = signed_in(lanterne.people["nadia"]).get("/maraude/cette-nuit/?toutes=1").content.decode()
    assert "Aucun secteur encore" in lead


def test_coverage_counts_plans_and_not_encounters(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, sectors=("east",))
        drafts = [factories.sealed(round_, factories.yes(9)) for _ in range(4)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    page = bare(strong(lanterne.people["claire"]).get("/coordination/couverture/").content.decode())
    assert '<th scope="row">Secteur Est</th><td class="num">1</td>' in page
    assert '<th scope="row">Secteur Ouest</th><td class="num">0</td>' in page


def test_a_month_is_shown_once_no_phone_can_add_to_it(lanterne: Tenant) -> None:
    """A late phone brings counts for 72 h; two readings of a month must not differ by one phone."""
    first = NIGHT.replace(day=1)
    night = first - timedelta(days=1)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=night)
        now = datetime.combine(night, NOW.timetz())
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(people_count=30), now=now)
    acting = claire_acting(lanterne)
    for day, shown in ((1, 0), (4, 0), (5, 1)):
        evening = datetime.combine(first.replace(day=day), NOW.timetz())
        with databases.as_worker(), tenant_transaction(Scope()):
            freezing.freeze(evening, quiet=timedelta(0))
        with tenant_transaction(lanterne.scope()):
            assert len(services.months(acting)) == shown, day


def test_where_sectors_are_few_a_month_is_shown_in_tens(lanterne: Tenant) -> None:
    """Two sectors and 35 people say more of each place than ten sectors do."""
    with databases.as_owner():
        TallyMonth.objects.create(
            association=lanterne.association,
            month=NIGHT.replace(day=1) - timedelta(days=1),
            totals={"people_count": 35, "distributions.meal": 15},
            frozen=True,
        )
    claire = strong(lanterne.people["claire"])

    def shown() -> list[str]:
        page = bare(claire.get("/coordination/").content.decode())
        return re.findall(r'<td class="num">(\d+)</td>', page.split("Comptages de toutes les équipes", 1)[1])

    assert {"30", "10"} <= set(shown())
    assert not {"35", "15"} & set(shown())
    with databases.as_owner():
        for name in ("Nord", "Sud", "Centre"):
            outline = lanterne.sectors["east"].outline
            Sector.objects.create(association=lanterne.association, code=name[0], name=name, outline=outline)
    assert {"35", "15"} <= set(shown())


def test_what_disappears_does_not_say_whether_anybody_was_met(lanterne: Tenant, passerelle: Tenant) -> None:
    """A line of the book is there when somebody was: with nothing on the map that week, it would say "1 to 4"."""
    night, told = NIGHT - timedelta(days=25), []
    for tenant, team, met in ((lanterne, "north", []), (passerelle, "quay", [factories.yes(3)])):
        with tenant_transaction(tenant.scope(team)):
            round_ = factories.open_round(tenant, team, night)
            drafts = [factories.sealed(round_, one) for one in met]
            now = datetime.combine(night, NOW.timetz())
            closing.close_round(
                round_.id, phone=uuid4(), counts=Counts(people_count=3 if met else 0), now=now, drafts=drafts
            )
        person = tenant.people["claire" if tenant is lanterne else "irene"]
        page = strong(person).get("/coordination/").content.decode()
        told.append(page[page.index('id="gone"') : page.index("</section>", page.index('id="gone"'))])
    assert "note" in told[0]
    assert told[0] == told[1]


def test_what_disappears_begins_today(lanterne: Tenant) -> None:
    """In the morning the night is still yesterday's: what went away yesterday is not "this week" any more."""
    morning = datetime.combine(NIGHT + timedelta(days=1), time(9), NOW.tzinfo)
    with tenant_transaction(lanterne.scope("north")):
        for days in range(27, 34):
            night = NIGHT - timedelta(days=days)
            round_ = factories.open_round(lanterne, "north", night)
            closing.close_round(
                round_.id, phone=uuid4(), counts=Counts(), now=datetime.combine(night, NOW.timetz())
            )
    acting = claire_acting(lanterne)
    with tenant_transaction(lanterne.scope()):
        listed = services.dashboard(acting, now=morning).disappears
        after_noon = services.dashboard(acting, now=morning + timedelta(hours=4)).disappears
    assert listed
    assert min(day for day, _kind in listed) == morning.date()
    assert listed == after_noon
