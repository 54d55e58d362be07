"""One phone in several hands: each account has counts of its own there, and none are lost with a session."""

from uuid import UUID

import pytest
from django.core.signing import Signer
from django.test import Client

from outreach.closing import services as closing
from outreach.members.sessions import WAITS
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.factories import NOW, PASSWORD, Person, Tenant
from tests.outreach.field.conftest import Phone
from tests.outreach.field.test_closing import counts_of
from tests.outreach.field.test_receipts import sum_on
from tests.outreach.members.people import LOGIN

pytestmark = pytest.mark.database


def hand_over(client: Client, person: Person) -> None:
    """Sign out and in as somebody else, in the same browser."""
    client.post("/compte/logout/")
    assert client.post(LOGIN, {"login": person.email, "password": PASSWORD}).status_code == 302


def people_on(phone: Phone) -> str:
    return phone.get("compter/").split("</strong> personne")[0].rpartition("<strong>")[2]


def counts_cookie(client: Client) -> str:
    """The name of the only cookie of counts."""
    [name] = [name for name in client.cookies if name.startswith("comptage-")]
    return name


def test_another_account_neither_reads_nor_adds_to_the_counts(lanterne: Tenant, omar: Phone) -> None:
    omar.count(people="3")
    assert people_on(omar) == "3"
    hand_over(omar.client, lanterne.people["nadia"])
    assert people_on(omar) == "0"
    omar.count(people="2")
    assert people_on(omar) == "2"
    hand_over(omar.client, lanterne.people["omar"])
    assert people_on(omar) == "3"


def test_counts_under_the_name_of_another_do_not_open(lanterne: Tenant, omar: Phone) -> None:
    omar.count(people="3")
    stolen = omar.client.cookies[counts_cookie(omar.client)].value
    hand_over(omar.client, lanterne.people["nadia"])
    del omar.client.cookies[counts_cookie(omar.client)]
    omar.count(people="2")
    name = counts_cookie(omar.client)
    assert people_on(omar) == "2"
    omar.client.cookies[name] = stolen
    assert people_on(omar) == "0"


def test_a_session_that_ended_takes_no_count_along(lanterne: Tenant, omar: Phone) -> None:
    omar.count(people="3")
    omar.note(zone="yes", people=2)
    with databases.raw("owner") as owner:
        owner.execute("DELETE FROM django_session")
    assert omar.client.get(omar.url()).status_code == 302
    assert (
        omar.client.post(LOGIN, {"login": lanterne.people["omar"].email, "password": PASSWORD}).status_code
        == 302
    )
    assert people_on(omar) == "5"
    assert "Effacer" in omar.get()  # the encounter too is still this phone's to erase


def test_counts_of_the_version_before_are_for_the_session_that_made_them(
    lanterne: Tenant, omar: Phone
) -> None:
    omar.count(people="3")
    name = counts_cookie(omar.client)
    round_: Round = omar.round
    assert name.startswith(f"comptage-{round_.id.hex[:16]}-")
    value = omar.client.cookies[name].value
    body = Signer(salt=salt_of(omar, lanterne)).unsign_object(value)
    old = Signer(salt=f"outreach.field.counter:{round_.id.hex}").sign_object(body, compress=True)
    del omar.client.cookies[name]
    omar.client.cookies[f"comptage-{round_.id.hex[:16]}"] = old
    assert people_on(omar) == "3"
    hand_over(omar.client, lanterne.people["nadia"])
    assert people_on(omar) == "0"


def test_a_phone_that_sent_before_the_service_was_renewed_sends_the_rest(
    lanterne: Tenant, omar: Phone
) -> None:
    """The version before went on under the number that it had sent under; neither its row nor its cookie has turns."""
    omar.count(people="3")
    name = counts_cookie(omar.client)
    body = Signer(salt=salt_of(omar, lanterne)).unsign_object(omar.client.cookies[name].value)
    with tenant_transaction(lanterne.scope("north")):
        counts = Counts(people_count=2)
        closing.close_round(omar.round.id, phone=UUID(body["p"]), counts=counts, now=NOW)
    del body["w"]
    former = Signer(salt=salt_of(omar, lanterne)).sign_object({**body, "k": 1}, compress=True)
    for _time in range(2):
        omar.client.cookies[name] = former  # the answer to the first sending was lost
        page = omar.client.post(omar.url("clore/"), {"handover": ""}, follow=True).content.decode()
        assert sum_on(page, "Personnes") == "5"
    assert [one.people_count for one in counts_of(lanterne)] == [5]


def salt_of(phone: Phone, lanterne: Tenant) -> str:
    from django.utils.crypto import salted_hmac

    tag = salted_hmac(
        f"outreach.field.owner:{phone.round.id.hex}", lanterne.people["omar"].id.hex, algorithm="sha256"
    ).hexdigest()
    return f"outreach.field.counter:{phone.round.id.hex}:{tag}"


def test_signing_out_clears_nothing_while_counts_wait(lanterne: Tenant, omar: Phone, nadia: Phone) -> None:
    omar.count(people="3")
    assert [cookie.value for name, cookie in omar.client.cookies.items() if name.startswith(WAITS)] == ["1"]
    assert "Des comptages attendent sur ce téléphone" in omar.client.get("/compte/logout/").content.decode()
    assert "Clear-Site-Data" not in omar.client.post("/compte/logout/")
    assert (
        omar.client.post(LOGIN, {"login": lanterne.people["omar"].email, "password": PASSWORD}).status_code
        == 302
    )
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    omar.client.post(omar.url("clore/"), {"handover": ""})
    assert [cookie.value for name, cookie in omar.client.cookies.items() if name.startswith(WAITS)] == [""]
    assert "Clear-Site-Data" in omar.client.post("/compte/logout/")


def test_the_mark_says_that_something_waits_and_ends_with_it(omar: Phone) -> None:
    omar.count(people="3")
    counts = omar.client.cookies[counts_cookie(omar.client)]
    [mark] = [cookie for name, cookie in omar.client.cookies.items() if name.startswith(WAITS)]
    assert (mark.value, mark["path"], mark["samesite"]) == ("1", "/", "Lax")
    assert mark["httponly"] and mark["expires"] == counts["expires"]
