"""A round closed too early: opened again by the phone that closed it, and nothing that came with the close comes apart."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from maps import rebuild
from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.closing.services import close_round, reopen_round
from outreach.field import reopening
from outreach.field.views import closing
from outreach.records import covering
from outreach.records.models import Draft, Record, Tally, Tombstone
from outreach.records.tally import Counts
from outreach.rounds import limits
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.audit.events import Event
from privacy.audit.models import PendingEvent
from privacy.db.scope import Scope, tenant_transaction
from tests import databases, factories, totals
from tests.factories import ACTOR, CELL, NOW, Tenant
from tests.outreach.field.conftest import Phone, phone_of, text_of

pytestmark = pytest.mark.database


def close(phone: Phone) -> str:
    return text_of(phone.client.post(phone.url("clore/"), {"handover": ""}, follow=True))


def reopen(phone: Phone) -> str:
    return text_of(phone.client.post(phone.url("rouvrir/"), follow=True))


def status(round_: Round) -> str:
    with databases.as_owner():
        return Round.objects.get(id=round_.id).status


def test_what_is_added_after_reopening_joins_what_was_sent(
    lanterne: Tenant, nadia: Phone, omar: Phone
) -> None:
    nadia.count(people="3")
    nadia.note(zone="yes", people=1, place=CELL)
    omar.count(people="2")
    page = close(nadia)
    assert "Rouvrir la tournée" in page
    assert "La tournée est rouverte" in reopen(nadia)
    assert status(nadia.round) == Round.Status.OPEN
    nadia.count(people="5")
    nadia.note(zone="yes", people=2, place=CELL)
    omar.count(people="4")
    close(nadia)
    close(omar)
    with tenant_transaction(lanterne.scope("north")):
        assert Record.objects.count() == 2
        assert Tally.objects.count() == 2  # Nadia's phone sent twice, each part once
        [month] = totals.months().values()
        [(_monday, week)] = sealed_sums.read(list(WeeklySummary.objects.all()))
        [(_first, plans)] = sealed_sums.read(list(MonthlyAccumulator.objects.all()))
    assert (month["people_count"], month["encounters"]) == (4 + 7 + 6, 6)
    assert week["rounds"] == 1
    assert [line["n"] for line in plans.values()] == [1] * len(plans)


def test_only_the_phone_that_closed_it_for_fifteen_minutes(
    lanterne: Tenant, nadia: Phone, omar: Phone
) -> None:
    close(nadia)
    assert omar.client.post(omar.url("rouvrir/")).status_code == 403
    other = phone_of(lanterne.people["nadia"], nadia.round)
    assert "Rouvrir la tournée" not in other.get()
    assert "ne peut plus être rouverte" in reopen(other)
    assert status(nadia.round) == Round.Status.CLOSED
    with databases.as_owner():
        closed = Round.objects.select_related("association").get(id=nadia.round.id)
    response, request = HttpResponse(), RequestFactory().get("/")
    reopening.offer(response, closed, NOW)
    request.COOKIES = {name: one.value for name, one in response.cookies.items()}
    assert reopening.is_offered(request, closed, NOW + timedelta(minutes=15))
    assert not reopening.is_offered(request, closed, NOW + timedelta(minutes=15, seconds=1))
    closed.night -= timedelta(days=1)
    assert not reopening.is_offered(request, closed, NOW)  # its night is over
    closed.night += timedelta(days=1)
    request.COOKIES = {name: f"9{value}" for name, value in request.COOKIES.items()}
    assert not reopening.is_offered(request, closed, NOW)


def test_a_round_is_reopened_once(nadia: Phone) -> None:
    """Each close makes the others' drafts records that its lead reads: a second one would show what came in between."""
    assert "Rouvrir la tournée" in close(nadia)
    assert "La tournée est rouverte" in reopen(nadia)
    page = close(nadia)
    assert "C’est envoyé" in page
    assert "Rouvrir la tournée" not in page
    assert "ne peut plus être rouverte" in reopen(nadia)
    assert status(nadia.round) == Round.Status.CLOSED


@pytest.mark.parametrize("handover", [None, "Clef chez le gardien"])
def test_sending_late_does_not_close_a_round_that_was_reopened(
    lanterne: Tenant, nadia: Phone, handover: str | None
) -> None:
    """The lead's other phone still showed the closed round: what it sends from there closes nothing for everybody."""
    other = phone_of(lanterne.people["nadia"], nadia.round)
    other.count(people="2")
    close(nadia)
    card, form = other.get(), other.get("clore/")
    assert 'name="late" value="1"' in card and 'name="late" value="1"' in form
    reopen(nadia)
    assert 'name="late"' not in other.get("clore/")
    typed = {} if handover is None else {"handover": handover}
    page = text_of(other.client.post(other.url("clore/"), {**typed, "late": "1"}, follow=True))
    assert status(nadia.round) == Round.Status.OPEN
    assert (handover or "La tournée est rouverte") in page
    assert "C’est envoyé" in close(other)
    assert status(nadia.round) == Round.Status.CLOSED


@pytest.mark.parametrize("handover", ["", "Clef chez le gardien"])
def test_a_worker_who_sends_late_keeps_what_was_typed(nadia: Phone, omar: Phone, handover: str) -> None:
    close(nadia)
    assert 'name="late" value="1"' in omar.get("clore/")
    reopen(nadia)
    answer = omar.client.post(omar.url("clore/"), {"handover": handover, "late": "1"})
    assert status(nadia.round) == Round.Status.OPEN
    if not handover:
        assert answer.status_code == 302
        return
    page = answer.content.decode()
    assert answer.status_code == 422 and handover in page and 'name="late" value="1"' in page
    assert "réessayez quand elle sera close" in text_of(answer)
    assert close(nadia) and status(nadia.round) == Round.Status.CLOSED
    answer = omar.client.post(omar.url("clore/"), {"handover": handover, "late": "1"})
    assert answer.status_code == 302, "what waited on the page is sent"


def test_who_may_close_is_decided_under_the_lock(
    lanterne: Tenant, nadia: Phone, omar: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was asked while the round was closed; the lead reopens it before the sending has its lock."""
    close(nadia)
    real = close_round

    def reopened_first(*args: Any, **more: Any) -> Any:
        reopen(nadia)
        return real(*args, **more)

    monkeypatch.setattr(closing, "close_round", reopened_first)
    answer = omar.client.post(omar.url("clore/"), {"handover": "Clef chez le gardien"})
    assert answer.status_code == 422 and "Clef chez le gardien" in answer.content.decode()
    assert status(nadia.round) == Round.Status.OPEN, "a worker closed it for the whole team"


def test_not_once_its_night_is_over_nor_twice(lanterne: Tenant, walking: Round) -> None:
    with tenant_transaction(lanterne.scope("north")):
        close_round(walking.id, phone=None, counts=Counts(), now=NOW)
        with pytest.raises(rounds.RoundRefused, match="round-refused"):
            reopen_round(walking.id, actor=ACTOR, now=NOW + timedelta(days=1))
        assert reopen_round(walking.id, actor=ACTOR, now=NOW).status == Round.Status.OPEN
        with pytest.raises(rounds.RoundRefused):
            reopen_round(walking.id, actor=ACTOR, now=NOW)
    with databases.as_owner():
        [line] = PendingEvent.objects.filter(event=Event.ROUND_REOPENED)
        assert line.association_id == lanterne.association.id


def test_a_full_round_is_not_given_its_room_again(
    lanterne: Tenant, walking: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OF_ROUND", 2)
    with tenant_transaction(lanterne.scope("north")):
        drafts = [factories.sealed(walking, factories.yes()) for _ in range(2)]
        close_round(walking.id, phone=None, counts=Counts(), now=NOW, drafts=drafts)
        with pytest.raises(limits.TooMany):
            reopen_round(walking.id, actor=ACTOR, now=NOW)


def test_what_covered_the_drafts_is_gone_before_new_ones_are_held(
    lanterne: Tenant, nadia: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine stopped between the close and the death of its drafts' secrets: reopening must not keep them alive."""
    nadia.note(zone="yes", people=1, place=CELL)
    with monkeypatch.context() as crash:
        crash.setattr("outreach.closing.batches.keystore.destroy_subject", lambda _id: 0)
        close(nadia)
    assert covering.tree_of(nadia.round.id) is not None
    reopen(nadia)
    assert covering.tree_of(nadia.round.id) is None
    nadia.note(zone="yes", people=1, place=CELL)
    assert covering.tree_of(nadia.round.id) is not None


def test_a_week_made_again_meanwhile_keeps_what_came_with_the_close(lanterne: Tenant, nadia: Phone) -> None:
    nadia.note(zone="yes", people=2, place=CELL)
    close(nadia)
    reopen(nadia)
    with databases.as_worker(), tenant_transaction(Scope()):
        [row] = WeeklySummary.objects.all()
        assert rebuild.rebuild(lanterne.association.id, row.week) == 1
    close(nadia)
    with tenant_transaction(lanterne.scope("north")):
        [(_monday, week)] = sealed_sums.read(list(WeeklySummary.objects.all()))
    assert week["rounds"] == 1


def test_a_form_sent_again_after_reopening_is_not_told_to_be_erased(nadia: Phone) -> None:
    token = nadia.hidden("rencontre/", "token")
    nadia.note(zone="yes", people=1, place=CELL, token=token)
    close(nadia)
    reopen(nadia)
    assert "avait déjà été envoyé" in nadia.note(zone="yes", people=1, place=CELL, token=token).text
    with databases.as_owner():
        assert (Draft.objects.count(), Record.objects.count(), Tombstone.objects.count()) == (0, 1, 1)


def test_the_receipt_repeats_what_was_sent_and_says_who_has_not(nadia: Phone, omar: Phone) -> None:
    nadia.count(people="3")
    nadia.count(items=1, meal=12)
    omar.count(people="2")
    page = close(nadia)
    assert 'Personnes</th><td class="num">3' in page and 'Repas</th><td class="num">12' in page
    assert "1 autre téléphone a ouvert la tournée et n’a envoyé aucun comptage" in page
    assert "Comptages à envoyer" in omar.get()
    assert "autre téléphone" not in close(omar)  # a worker is not told about the others
    receipt = text_of(nadia.client.get(nadia.url("recu/")))
    assert "C’est envoyé" in receipt and "autre téléphone" not in receipt


def test_a_phone_that_sent_nothing_at_first_is_one_phone(nadia: Phone, omar: Phone) -> None:
    """Its empty close took no counts: what it sends after is its first sending, not one more phone."""
    omar.count(people="2")
    close(nadia)
    reopen(nadia)
    nadia.count(people="3")
    close(nadia)
    close(omar)
    receipt = text_of(nadia.client.get(nadia.url("recu/")))
    assert "C’est envoyé" in receipt and "autre téléphone" not in receipt


def test_counts_of_last_night_come_first_on_tonight_s_round(lanterne: Tenant, omar: Phone) -> None:
    """An open round opens by itself: what waits of another one was on a page that nobody saw any more."""
    omar.count(people="2")
    with tenant_transaction(lanterne.scope("north")):
        close_round(omar.round.id, phone=uuid4(), counts=Counts(), now=NOW)
        tonight = factories.open_round(lanterne, night=factories.NIGHT + timedelta(days=1))
    answer = omar.client.get("/maraude/cette-nuit/", follow=True)
    page = text_of(answer)
    assert answer.redirect_chain[-1][0] == f"/maraude/tournee/{tonight.id}/"
    assert page.index("Comptages à envoyer") < page.index('class="action button primary"')
