"""Sessions of people signed in: what they keep of somebody, and what ends them on this device and on the others."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from tests import databases
from tests.factories import PASSWORD, Tenant
from tests.outreach.members.people import LOGIN, enrol, signed_in, strong

pytestmark = pytest.mark.database


def test_half_a_sign_in_keeps_no_address_in_the_session(lanterne: Tenant) -> None:
    agnes = lanterne.people["agnes"]
    enrol(signed_in(agnes))
    client = Client()
    client.post(LOGIN, {"login": agnes.email, "password": PASSWORD})
    assert client.session["account_login"]["user_pk"] == agnes.id.hex
    assert agnes.email not in str(dict(client.session))


def test_a_session_keeps_no_address(lanterne: Tenant) -> None:
    client = signed_in(lanterne.people["omar"])
    assert client.session["account_authentication_methods"][0]["method"] == "password"
    assert "omar" not in str(dict(client.session))


def test_the_first_second_factor_ends_older_sessions(lanterne: Tenant) -> None:
    agnes = lanterne.people["agnes"]
    older, present = signed_in(agnes), signed_in(agnes)
    assert older.get("/place/").status_code == 200
    enrol(present)
    assert older.get("/place/").status_code == 302
    assert present.get("/place/").status_code == 200


def test_a_changed_password_ends_other_sessions(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    here, elsewhere = signed_in(omar), signed_in(omar)
    fresh = "encore-un-mot-de-passe-long"
    answer = here.post(
        "/compte/password/change/", {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    )
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert here.get("/place/").status_code == 200
    assert elsewhere.get("/place/").status_code == 302
    assert elsewhere.get("/").status_code == 200  # the public front page, not a room
    assert elsewhere.get("/").wsgi_request.acting is None  # type: ignore[attr-defined]


def test_a_session_that_just_ended_does_not_stand_in_the_way_of_the_next(lanterne: Tenant) -> None:
    """The cookie of a session older than its password, the sign-in page, the new password: right at the first try."""
    omar = lanterne.people["omar"]
    for seen in (True, False):
        phone = signed_in(omar)
        with databases.as_owner():
            omar.account.set_password(PASSWORD)
            omar.account.save(update_fields=["password"])
        if seen:  # the other way round, the sign-in is the first that the old session is used for
            assert phone.get("/place/").status_code == 302
        answer = phone.post(LOGIN, {"login": omar.email, "password": PASSWORD})
        assert answer.status_code == 302, seen
        assert phone.session["_auth_user_id"] == str(omar.id)


def test_a_session_tells_a_quarter_of_an_hour_and_no_second(lanterne: Tenant) -> None:
    agnes = strong(lanterne.people["agnes"])
    proofs = agnes.session["account_authentication_methods"]
    assert {one["method"] for one in proofs} == {"password", "mfa"}
    assert all(one["at"] % 900 == 0 and 0 <= one["at"] - time.time() + 60 <= 960 for one in proofs)


def test_the_device_list_holds_a_word_and_a_day(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    client = Client(
        REMOTE_ADDR="198.51.100.7",
        HTTP_USER_AGENT="Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0",
    )
    client.post(LOGIN, {"login": omar.email, "password": PASSWORD})
    with databases.as_owner():
        row = UserSession.objects.get(user_id=omar.id)
        stored = " ".join(
            [str(vars(row)), *(str(session.get_decoded()) for session in Session.objects.all())],
        )
    assert row.user_agent == "Firefox · Android"
    assert (row.created_at.hour, row.created_at.minute, row.created_at.second) == (0, 0, 0)
    assert "198.51.100.7" not in stored
    assert "131.0" not in stored
    page = client.get("/compte/appareils/").content.decode()
    assert "Firefox · Android" in page


def test_the_database_refuses_a_device_list_that_follows(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    signed_in(omar)
    with databases.raw("owner") as owner, pytest.raises(Exception, match="device_list_is_coarse"):
        owner.execute("UPDATE usersessions_usersession SET ip = '198.51.100.7'")


def test_the_owner_of_sessions_ends_the_others(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    here, elsewhere = signed_in(omar), signed_in(omar)
    nadia = signed_in(lanterne.people["nadia"])
    assert elsewhere.get("/place/").status_code == 200
    # Whoever holds the phone for a minute does not: a proof first, and back to the list.
    asked = here.post("/compte/appareils/")
    assert asked["Location"].startswith("/compte/reauthenticate/?next=")
    assert elsewhere.get("/place/").status_code == 200
    assert here.post(asked["Location"], {"password": PASSWORD})["Location"] == "/compte/appareils/"
    assert elsewhere.get("/place/").status_code == 200
    assert here.post("/compte/appareils/").status_code == 302
    assert elsewhere.get("/place/").status_code == 302
    assert here.get("/place/").status_code == 200
    assert nadia.get("/place/").status_code == 200


def test_a_session_ends_after_thirty_days(lanterne: Tenant, settings: object) -> None:
    """At the last noon before them, whatever hour it is while this runs (`test_session_night`)."""
    client = signed_in(lanterne.people["omar"])
    settings.CLOCK_OFFSET_DAYS = 28  # type: ignore[attr-defined]
    assert client.get("/place/").status_code == 200
    settings.CLOCK_OFFSET_DAYS = 30  # type: ignore[attr-defined]
    assert client.get("/place/").status_code == 302


def test_signing_out_ends_the_session(lanterne: Tenant) -> None:
    client = signed_in(lanterne.people["omar"])
    assert client.get("/place/").status_code == 200
    client.post("/compte/logout/")
    assert client.get("/place/").status_code == 302


def test_signing_out_clears_what_the_browser_kept(lanterne: Tenant) -> None:
    client = signed_in(lanterne.people["omar"])
    key = client.cookies["sessionid"].value
    answer = client.post("/compte/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.cookies["sessionid"].value != key
    client.cookies["sessionid"] = key
    assert client.get("/place/").status_code == 302
