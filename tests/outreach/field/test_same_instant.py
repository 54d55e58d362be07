"""Two people who press at the same instant: one state afterwards, nobody gets an error, and each is told what is so.

They meet at a row that the test holds, in a known order; the test lets go once PostgreSQL says that they wait.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from outreach.field import reopening
from outreach.rounds import services as rounds
from outreach.rounds.models import CALLED_OFF, Round, RoundSector
from privacy.audit.events import Event
from privacy.audit.models import PendingEvent
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.factories import NIGHT, NOW, Tenant
from tests.outreach.field.conftest import Phone, text_of
from tests.outreach.field.test_contention import hands, waiting
from tests.outreach.field.test_reopening import close
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database
TONIGHT = "/maraude/cette-nuit/"
PLAN = "/maraude/cette-nuit/prevoir/"
LEAVING = "Une tournée commencée ne s’annule pas"
CALLED_OFF_MEANWHILE = "Cette tournée a été annulée entre-temps"
TAKEN = "Cette équipe a déjà une tournée cette nuit-là."
REOPENED = "La tournée est rouverte"
Click = Callable[[], Any]


class LetGo(Exception):
    """Undoes what the test itself did to make others wait."""


@pytest.fixture(autouse=True)
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privacy.clock.now", lambda: NOW)


def one_after_the_other(holding: Any, *clicks: Click) -> list[Any]:
    """The clicks' results; all began while the test held what they need, and they get it in this order."""
    with hands(len(clicks)) as do:
        with holding:
            running = []
            for number, click in enumerate(clicks, 1):
                running.append(do(click))
                waiting(number)
        return [one.result(60) for one in running]


@contextmanager
def held(round_: Round) -> Iterator[None]:
    """The row of a round, as every service holds it."""
    with databases.raw("owner", autocommit=False) as owner:
        owner.execute("SELECT 1 FROM outreach_round WHERE id = %s FOR NO KEY UPDATE", [round_.id])
        yield
        owner.rollback()


@contextmanager
def night_held(lanterne: Tenant) -> Iterator[None]:
    """The night of the north team, in which no round stands yet: one that is not to be."""
    try:
        with tenant_transaction(lanterne.scope("north")):
            planned(lanterne)
            yield
            raise LetGo
    except LetGo:
        pass


def planned(lanterne: Tenant, days: int = 0, sector: str = "east") -> Round:
    return rounds.plan_round(
        association_id=lanterne.association.id,
        team_id=lanterne.teams["north"].id,
        night=NIGHT - timedelta(days=days),
        sector_ids=[lanterne.sectors[sector].id],
    )


def there(lanterne: Tenant, days: int = 0) -> Round:
    with tenant_transaction(lanterne.scope("north")):
        return planned(lanterne, days)


def lead(lanterne: Tenant) -> Client:
    """Nadia, on one more browser."""
    client = signed_in(lanterne.people["nadia"])
    client.raise_request_exception = False
    return client


def planning(client: Client, lanterne: Tenant, sector: str, **more: str) -> Click:
    form = {
        "team": str(lanterne.teams["north"].id),
        "night": f"{NIGHT}",
        "sectors": [str(lanterne.sectors[sector].id)],
        **more,
    }
    return lambda: client.post(PLAN, form)


def pressing(client: Client, round_: Round, page: str, **typed: object) -> Click:
    return lambda: client.post(f"/maraude/tournee/{round_.id}/{page}/", typed)


def told(client: Client, answer: Any) -> str:
    """What somebody reads who pressed: the page, or the one it leads to."""
    assert answer.status_code < 500, answer.status_code
    page = client.get(answer["Location"], follow=True) if answer.status_code == 302 else answer
    return text_of(page)


def only_round() -> Round:
    with databases.as_owner():
        [round_] = Round.objects.all()
    return round_


def sectors_of(round_: Round) -> list[str]:
    with databases.as_owner():
        return list(RoundSector.objects.filter(round=round_).values_list("sector__name", flat=True))


def both_plan(lanterne: Tenant, holding: Any, **first: str) -> str:
    """Nadia twice: east, then west. What the second one reads."""
    one, other = lead(lanterne), lead(lanterne)
    answers = one_after_the_other(
        holding, planning(one, lanterne, "east", **first), planning(other, lanterne, "west")
    )
    assert [answer.status_code for answer in answers] == [302, 409]
    return told(other, answers[1])


def test_two_who_plan_one_night(lanterne: Tenant) -> None:
    """They wait for a row that is not to be; which of them comes first, PostgreSQL does not say."""
    clients = {"east": lead(lanterne), "west": lead(lanterne)}
    clicks = [planning(client, lanterne, sector) for sector, client in clients.items()]
    answers = dict(zip(clients, one_after_the_other(night_held(lanterne), *clicks), strict=True))
    [first] = [sector for sector, answer in answers.items() if answer.status_code == 302]
    [second] = [sector for sector, answer in answers.items() if answer.status_code == 409]
    assert TAKEN in told(clients[second], answers[second])
    assert only_round().status == Round.Status.PLANNED
    assert sectors_of(only_round()) == [lanterne.sectors[first].name]


@pytest.mark.parametrize(
    ("first", "status"), [({}, Round.Status.PLANNED), ({"start": "1"}, Round.Status.OPEN)]
)
def test_two_who_plan_a_night_that_was_called_off(
    lanterne: Tenant, first: dict[str, str], status: str
) -> None:
    """The second plan took the first one's place, and made a round that had left one that had not."""
    round_ = there(lanterne)
    with tenant_transaction(lanterne.scope("north")):
        rounds.cancel_round(round_.id, now=NOW)
    said = both_plan(lanterne, held(round_), **first)
    assert TAKEN in said
    assert (only_round().id, only_round().status) == (round_.id, status)
    assert sectors_of(round_) == ["Secteur Est"]


def test_a_plan_put_back_while_somebody_plans_the_night_anew(lanterne: Tenant) -> None:
    round_ = there(lanterne)
    with tenant_transaction(lanterne.scope("north")):
        rounds.cancel_round(round_.id, now=NOW)
    claire, nadia = strong(lanterne.people["claire"]), lead(lanterne)
    answers = one_after_the_other(
        held(round_),
        lambda: claire.post(f"/coordination/agenda/{round_.id}/retablir/"),
        planning(nadia, lanterne, "west"),
    )
    assert "de nouveau prévue, avec les mêmes secteurs" in told(claire, answers[0])
    assert TAKEN in told(nadia, answers[1])
    assert sectors_of(only_round()) == ["Secteur Est"]


def test_a_plan_put_back_that_somebody_planned_anew(lanterne: Tenant) -> None:
    """It used to be said to have its sectors of before."""
    round_ = there(lanterne)
    with tenant_transaction(lanterne.scope("north")):
        rounds.cancel_round(round_.id, now=NOW)
    claire, nadia = strong(lanterne.people["claire"]), lead(lanterne)
    answers = one_after_the_other(
        held(round_),
        planning(nadia, lanterne, "west"),
        lambda: claire.post(f"/coordination/agenda/{round_.id}/retablir/"),
    )
    assert answers[0].status_code == 302
    said = told(claire, answers[1])
    assert "Cette tournée est déjà prévue." in said and "les mêmes secteurs" not in said
    assert sectors_of(only_round()) == ["Secteur Ouest"]


def test_two_who_leave_for_one_round(lanterne: Tenant) -> None:
    """The second one is told that what it typed of the crew is not what stands."""
    round_, one, other = there(lanterne), lead(lanterne), lead(lanterne)
    answers = one_after_the_other(
        held(round_),
        pressing(one, round_, "partir", crew_count=3, transport="vehicle"),
        pressing(other, round_, "partir", crew_count=5),
    )
    assert "Tournée en cours" in (first := told(one, answers[0]))
    assert "déjà partie" not in first
    second = told(other, answers[1])
    assert "Tournée en cours" in second and "déjà partie" in second
    stands = only_round()
    assert (stands.status, stands.crew_count, stands.transport) == (Round.Status.OPEN, 3, "vehicle")


@pytest.mark.parametrize("first", ["annuler", "partir"])
@pytest.mark.parametrize("who", ["lead", "coordinator"])
def test_one_calls_off_while_another_leaves(lanterne: Tenant, first: str, who: str) -> None:
    round_, leaving = there(lanterne), lead(lanterne)
    calling = lead(lanterne) if who == "lead" else strong(lanterne.people["claire"])
    call_off = f"/coordination/agenda/{round_.id}/annuler/"
    clicks = {
        "annuler": pressing(calling, round_, "annuler") if who == "lead" else lambda: calling.post(call_off),
        "partir": pressing(leaving, round_, "partir", crew_count=3),
    }
    second = next(name for name in clicks if name != first)
    answers = dict(
        zip(
            (first, second),
            one_after_the_other(held(round_), clicks[first], clicks[second]),
            strict=True,
        )
    )
    left, called = told(leaving, answers["partir"]), told(calling, answers["annuler"])
    if first == "partir":
        assert only_round().status == Round.Status.OPEN
        assert "Tournée en cours" in left and LEAVING in called
    else:
        assert only_round().status == Round.Status.CANCELLED
        assert "Tournée en cours" not in left and CALLED_OFF_MEANWHILE in left
        assert LEAVING not in called


@pytest.mark.parametrize("first", ["before noon", "after noon"])
def test_one_calls_off_at_the_end_of_a_night_while_another_says_not_walked(
    lanterne: Tenant, first: str
) -> None:
    """Two connections, each with the time at which it asked; who comes first decides, and both are told that."""
    round_ = there(lanterne, days=1)
    times = {"before noon": NOW - timedelta(days=1), "after noon": NOW}
    order = [first, next(name for name in times if name != first)]

    def call_off(name: str) -> Click:
        def click() -> str:
            with tenant_transaction(lanterne.scope("north")):
                return rounds.cancel_round(round_.id, now=times[name]).status

        return click

    said = one_after_the_other(held(round_), *map(call_off, order))
    wanted = Round.Status.CANCELLED if first == "before noon" else Round.Status.NOT_WALKED
    assert only_round().status == wanted and wanted in CALLED_OFF
    assert said == [wanted, wanted]


def same_phone(phone: Phone) -> Client:
    """A second tab: the same cookies, each answer its own."""
    other = Client(raise_request_exception=False)
    for name, morsel in phone.client.cookies.items():
        other.cookies[name] = morsel.value
    return other


def reopened() -> int:
    with databases.as_owner():
        return PendingEvent.objects.filter(event=Event.ROUND_REOPENED).count()


def test_one_who_reopens_twice(nadia: Phone) -> None:
    """The second tap used to say that the round could not be reopened, above a round that was."""
    assert "Rouvrir la tournée" in close(nadia)
    tab = same_phone(nadia)
    answers = one_after_the_other(
        held(nadia.round),
        pressing(nadia.client, nadia.round, "rouvrir"),
        pressing(tab, nadia.round, "rouvrir"),
    )
    for client, answer in zip((nadia.client, tab), answers, strict=True):
        assert REOPENED in told(client, answer)
    assert (only_round().status, reopened()) == (Round.Status.OPEN, 1)
    assert REOPENED in told(
        tab, pressing(tab, nadia.round, "rouvrir")()
    )  # a page that still showed it closed


def test_two_leads_who_close_get_one_reopening(lanterne: Tenant, nadia: Phone) -> None:
    """Each close shows what colleagues noted in between: a second phone that may reopen makes that twice."""
    other = lead(lanterne)
    other.get(nadia.url())
    answers = one_after_the_other(
        held(nadia.round),
        pressing(nadia.client, nadia.round, "clore", handover=""),
        pressing(other, nadia.round, "clore", handover=""),
    )
    name = reopening._name(nadia.round).rsplit("-", 1)[0]
    offered = [any(cookie.startswith(name) for cookie in answer.cookies) for answer in answers]
    assert offered == [True, False]
    assert "Rouvrir la tournée" in told(nadia.client, answers[0])
    second = told(other, answers[1])
    assert "C’est envoyé" in second and "Rouvrir la tournée" not in second
    assert only_round().status == Round.Status.CLOSED


@pytest.mark.parametrize("first", ["rouvrir", "clore"])
def test_one_reopens_while_another_closes(lanterne: Tenant, nadia: Phone, first: str) -> None:
    """The other one's page is of before the first close: it closes what it finds open, and else sends its counts."""
    other = lead(lanterne)
    other.get(nadia.url())
    close(nadia)
    clicks = {
        "rouvrir": (nadia.client, pressing(nadia.client, nadia.round, "rouvrir")),
        "clore": (other, pressing(other, nadia.round, "clore", handover="")),
    }
    order = [first, next(name for name in clicks if name != first)]
    answers = one_after_the_other(held(nadia.round), *(clicks[name][1] for name in order))
    said = {name: told(clicks[name][0], answer) for name, answer in zip(order, answers, strict=True)}
    assert reopened() == 1
    assert "C’est envoyé" in said["clore"]
    if first == "clore":
        assert only_round().status == Round.Status.OPEN and REOPENED in said["rouvrir"]
    else:
        assert only_round().status == Round.Status.CLOSED
        assert "La tournée est close" in said["rouvrir"] and REOPENED not in said["rouvrir"]
