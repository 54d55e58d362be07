"""Sessions in the database: found while they live, gone when they do not, and silent about the minute."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from outreach.members.session_store import SessionStore, full_hour
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database


def test_an_hour_is_rounded_up_and_a_full_one_stays() -> None:
    nine = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert full_hour(nine) == nine
    assert full_hour(nine + timedelta(microseconds=1)) == nine + timedelta(hours=1)


def test_no_session_tells_the_minute_of_its_last_change(lanterne: Tenant) -> None:
    signed_in(lanterne.people["omar"])
    with databases.as_owner():
        ends = list(Session.objects.values_list("expire_date", flat=True))
    assert ends
    assert {(end.minute, end.second, end.microsecond) for end in ends} == {(0, 0, 0)}


def test_a_session_is_read_back_and_an_expired_one_is_not(lanterne: Tenant) -> None:
    client: Client = signed_in(lanterne.people["omar"])
    key = client.cookies["sessionid"].value
    assert SessionStore(key)["_auth_user_id"] == str(lanterne.people["omar"].id)
    assert client.get("/cartes/equipe/").status_code == 200
    with databases.as_owner():
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert dict(SessionStore(key).items()) == {}
    assert client.get("/cartes/equipe/").status_code == 302


def test_an_unknown_key_opens_nothing(lanterne: Tenant) -> None:
    client = Client()
    client.cookies["sessionid"] = "x" * 32
    assert client.get("/cartes/equipe/").status_code == 302
