"""Guessing is slowed down, and what counts the guesses holds no address, no name and no e-mail in clear."""

import pytest
import redis
from django.conf import settings
from django.test import Client, override_settings

from tests import databases
from tests.cast import PASSWORD, House
from tests.outreach.members.people import LOGIN, SECOND_STEP, enrol, signed_in

pytestmark = pytest.mark.database
ADDRESS = "198.51.100.23"


def keys() -> list[str]:
    store = redis.Redis.from_url(settings.REDIS_URL)
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    return [key.decode() for key in store.scan_iter(f"{prefix}:*")]


def test_guessing_a_password_is_stopped_and_leaves_no_address_in_redis(home: House) -> None:
    omar = home.people["omar"]
    client = Client(REMOTE_ADDR=ADDRESS)
    answers = [
        client.post(LOGIN, {"login": omar.email, "password": f"guess-{n}-of-a-password"}) for n in range(6)
    ]
    assert "adresse" in answers[0].content.decode()
    assert len(keys()) >= 2
    # Even the right password is refused now, from anywhere: the limit is the account's.
    refused = Client(REMOTE_ADDR="203.0.113.9").post(LOGIN, {"login": omar.email, "password": PASSWORD})
    assert refused.status_code == 200
    assert "_auth_user_id" not in refused.client.session
    # Somebody else is not.
    assert signed_in(home.people["nadia"]).get("/place/").status_code == 200
    found = " ".join(keys())
    for clear in (ADDRESS, "omar", "lanterne", str(omar.id), omar.id.hex, "login"):
        assert clear not in found
    with databases.raw("owner") as owner:
        counted = dict(owner.execute("SELECT kind, count FROM audit_anonymouscounter").fetchall())
    assert counted["login"] == 5
    assert counted["rate"] >= 1


def test_too_many_sign_ins_from_one_address_get_the_429_page(home: House) -> None:
    client = Client(REMOTE_ADDR=ADDRESS)
    answers = [
        client.post(LOGIN, {"login": f"n{n}@x.invalid", "password": "x"}).status_code for n in range(31)
    ]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert "pause" in client.post(LOGIN, {"login": "n@x.invalid", "password": "x"}).content.decode()


def test_guessing_a_code_is_stopped(home: House) -> None:
    agnes = home.people["agnes"]
    secret = enrol(signed_in(agnes))
    client = Client()
    client.post(LOGIN, {"login": agnes.email, "password": PASSWORD})
    for _time in range(6):
        client.post(SECOND_STEP, {"code": "000000"})
    import time

    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    client.post(SECOND_STEP, {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    assert "_auth_user_id" not in client.session
    assert str(agnes.id) not in " ".join(keys())
    assert agnes.id.hex not in " ".join(keys())


def test_trying_invitation_links_is_stopped(home: House) -> None:
    client = Client(REMOTE_ADDR=ADDRESS)
    answers = [client.post("/invitation/", {"token": "A" * 43}).status_code for _time in range(11)]
    assert answers[:10] == [410] * 10
    assert answers[10] == 429
    assert Client(REMOTE_ADDR="203.0.113.9").post("/invitation/", {"token": "A" * 43}).status_code == 410


def test_without_an_address_the_limit_still_counts(home: House) -> None:
    client = Client(REMOTE_ADDR="")
    answers = [client.post("/invitation/", {"token": "A" * 43}).status_code for _time in range(11)]
    assert answers[0] == 410
    assert answers[10] == 429


def test_behind_a_proxy_each_address_has_its_own_count(home: House) -> None:
    """The proxy appends the address it saw; what a client writes before it changes nothing."""

    def tries(times: int, seen: str) -> list[int]:
        return [
            Client(REMOTE_ADDR="127.0.0.1")
            .post("/invitation/", {"token": "A" * 43}, headers={"x-forwarded-for": f"203.0.113.{n}, {seen}"})
            .status_code
            for n in range(times)
        ]

    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        assert tries(11, ADDRESS)[-2:] == [410, 429]
        assert tries(1, "198.51.100.24") == [410]
