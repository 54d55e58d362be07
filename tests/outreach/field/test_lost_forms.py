"""A form that could not be taken comes back with everything typed: an ended session, an old token, a failure. Without scripts."""

import re
from typing import Any

import pytest
from django.test import Client

from outreach.field import drafts
from outreach.records.models import Draft
from outreach.sending import HEADER
from tests import databases
from tests.factories import CELL, PASSWORD, Tenant
from tests.outreach.field.conftest import Phone
from tests.outreach.members.people import LOGIN

pytestmark = pytest.mark.database

TYPED = {"zone": "yes", "people": "2", "place": CELL, "needs": ["meal", "water"], "note": 'sac bleu, "gris"'}
FROM_PAGE = {HEADER: "1"}


def held() -> int:
    with databases.as_owner():
        return Draft.objects.count()


def end_sessions() -> None:
    with databases.raw("owner") as owner:
        owner.execute("DELETE FROM django_session")


def carried(answer: Any) -> dict[str, list[str]]:
    """The hidden fields of the page's only form to send again."""
    form = answer.content.decode().split('<form method="post" action="/maraude/', 1)[1].split("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value.replace("&quot;", '"'))
    return found


def test_a_session_that_ended_gives_the_form_back(lanterne: Tenant, omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    end_sessions()
    answer = omar.client.post(omar.url("rencontre/"), {**TYPED, "token": token})
    assert answer.status_code == 401
    text = answer.content.decode()
    assert "Rien n’est enregistré" in text
    assert f'href="{LOGIN}" target="_blank"' in text
    assert held() == 0
    fields = carried(answer)
    assert fields["note"] == [TYPED["note"]]
    assert fields["needs"] == TYPED["needs"]
    omar.client.post(LOGIN, {"login": lanterne.people["omar"].email, "password": PASSWORD})
    assert "Rencontre enregistrée" in omar.note(**fields).text
    assert held() == 1


def test_a_form_without_an_answer_signs_in_as_any_page(omar: Phone) -> None:
    end_sessions()
    answer = omar.client.post(omar.url("clore/"), {})
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)


def test_a_password_never_comes_back(lanterne: Tenant, omar: Phone) -> None:
    end_sessions()
    answer = omar.client.post(
        "/compte/password/change/", {"oldpassword": PASSWORD, "password1": "x", "code": "123456", "more": "y"}
    )
    assert answer.status_code == 401
    assert 'name="more" value="y"' in answer.content.decode()
    assert "password1" not in answer.content.decode()
    assert "123456" not in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


def test_a_form_sent_from_the_open_page_gets_one_word(lanterne: Tenant, omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    answer = omar.client.post(omar.url("rencontre/"), {**TYPED, "token": token}, headers=FROM_PAGE)
    assert (answer.status_code, answer.json()) == (200, {"next": omar.url()})
    assert "Location" not in answer
    assert answer["Content-Length"] == str(len(answer.content))
    assert any(name.startswith("comptage-") for name in answer.cookies)
    assert "Rencontre enregistrée" in omar.get()
    end_sessions()
    answer = omar.client.post(omar.url("rencontre/"), {**TYPED, "token": token}, headers=FROM_PAGE)
    assert (answer.status_code, answer.json()) == (401, {"code": "not-signed-in"})


@pytest.fixture
def strict(lanterne: Tenant, omar: Phone) -> Client:
    """Omar's browser, whose forms need their token."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = omar.client.cookies
    return client


def token_in(answer: Any) -> str:
    return str(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.content.decode())[0])


def test_a_token_of_another_sign_in_gives_the_form_back_with_a_fresh_one(omar: Phone, strict: Client) -> None:
    token = omar.hidden("rencontre/", "token")
    form = {**TYPED, "token": token, "csrfmiddlewaretoken": "x" * 64}
    answer = strict.post(omar.url("rencontre/"), form, headers={"Origin": "http://testserver"})
    assert answer.status_code == 403
    fields = carried(answer)
    assert fields["note"] == [TYPED["note"]]
    assert fields["csrfmiddlewaretoken"] == [token_in(answer)]
    assert (
        strict.post(omar.url("rencontre/"), fields, headers={"Origin": "http://testserver"}).status_code
        == 302
    )
    assert held() == 1


def test_a_form_of_another_site_is_repeated_to_nobody(omar: Phone, strict: Client) -> None:
    token = omar.hidden("rencontre/", "token")
    for origin in ({"Origin": "https://ailleurs.invalid"}, {"Origin": "null"}, {}):
        answer = strict.post(omar.url("rencontre/"), {**TYPED, "token": token}, headers=origin)
        assert answer.status_code == 403
        assert "sac bleu" not in answer.content.decode()
    assert held() == 0


def test_the_open_page_is_given_a_fresh_token(omar: Phone, strict: Client) -> None:
    token = omar.hidden("rencontre/", "token")
    answer = strict.post(omar.url("rencontre/"), {**TYPED, "token": token}, headers=FROM_PAGE)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    form = {**TYPED, "token": token, "csrfmiddlewaretoken": answer.json()["token"]}
    assert strict.post(omar.url("rencontre/"), form, headers=FROM_PAGE).json() == {"next": omar.url()}


def test_a_failure_gives_the_form_back(omar: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    token = omar.hidden("rencontre/", "token")

    def fail(*_args: object) -> None:
        raise RuntimeError

    omar.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(drafts, "seal", fail)
        answer = omar.client.post(omar.url("rencontre/"), {**TYPED, "token": token})
    assert answer.status_code == 500
    assert held() == 0
    fields = carried(answer)
    assert fields["note"] == [TYPED["note"]]
    assert "Rencontre enregistrée" in omar.note(**fields).text
    assert held() == 1
