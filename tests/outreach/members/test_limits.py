"""Guessing is slowed down, and what counts the guesses holds no address, no name and no e-mail in clear."""

import re

import pytest
import redis
from django.conf import settings
from django.test import Client, override_settings

from outreach.members import limits
from privacy import clock
from tests import databases
from tests.factories import PASSWORD, Person, Tenant
from tests.factories import invited as invite
from tests.outreach.members.people import LOGIN, SECOND_STEP, code, enrol, signed_in

pytestmark = pytest.mark.database
ADDRESS = "198.51.100.23"


def keys() -> list[str]:
    store = redis.Redis.from_url(settings.REDIS_URL)
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    return [key.decode() for key in store.scan_iter(f"{prefix}:*")]


def right(client: Client, person: Person) -> bool:
    """Whether the right password lets this browser in."""
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    return "_auth_user_id" in client.session


def guess(times: int, person: Person, address: str = ADDRESS, client: Client | None = None) -> None:
    client = client or Client(REMOTE_ADDR=address)
    for n in range(times):
        client.post(LOGIN, {"login": person.email, "password": f"guess-{n}-of-a-password"})


def test_guessing_a_password_is_stopped_and_leaves_no_address_in_redis(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    client = Client(REMOTE_ADDR=ADDRESS)
    answer = client.post(LOGIN, {"login": omar.email, "password": "guess-of-a-password"})
    assert "adresse" in answer.content.decode()
    guess(5, omar, client=client)
    assert len(keys()) >= 2
    # Even the right password is refused now, to that browser and to its neighbours.
    assert not right(client, omar)
    assert not right(Client(REMOTE_ADDR="198.51.100.77"), omar)
    # Somebody else is not.
    assert signed_in(lanterne.people["nadia"]).get("/place/").status_code == 200
    found = " ".join(keys())
    for clear in (ADDRESS, "198.51.100", "omar", "lanterne", str(omar.id), omar.id.hex, "login"):
        assert clear not in found
    with databases.raw("owner") as owner:
        counted = dict(owner.execute("SELECT kind, count FROM audit_anonymouscounter").fetchall())
    assert counted["login"] == 5
    assert counted["rate"] >= 1


@pytest.mark.parametrize("address", [ADDRESS, ""])
def test_whoever_guesses_shuts_nobody_out(lanterne: Tenant, address: str) -> None:
    """Ten wrong sign-ins about anybody, and five about one account; also where no proxy tells an address."""
    omar, nadia = lanterne.people["omar"], lanterne.people["nadia"]
    guess(12, omar, address)
    assert right(Client(REMOTE_ADDR="203.0.113.9"), omar)
    assert right(Client(REMOTE_ADDR="203.0.113.9" if address else ""), nadia)


def test_a_browser_that_signed_in_before_passes_what_strangers_used_up(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    phone = Client(REMOTE_ADDR=ADDRESS)
    assert right(phone, omar)
    phone.post("/compte/logout/")
    assert "_auth_user_id" not in phone.session
    guess(12, omar)
    assert not right(Client(REMOTE_ADDR=ADDRESS), omar)
    assert right(phone, omar)
    # The control: it guesses no more often than others, and knows one account only.
    phone.post("/compte/logout/")
    guess(12, omar, client=phone)
    assert not right(phone, omar)
    guess(12, lanterne.people["nadia"])
    assert not right(phone, lanterne.people["nadia"])


def test_proving_oneself_again_is_not_a_strangers_to_use_up(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    phone = Client(REMOTE_ADDR=ADDRESS)
    assert right(phone, omar)
    phone.cookies.pop("known")
    guess(12, omar)
    answer = phone.post("/compte/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302


def test_guesses_from_many_networks_come_to_an_end(lanterne: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    omar = lanterne.people["omar"]
    phone = Client(REMOTE_ADDR="192.0.2.1")
    assert right(phone, omar)
    phone.post("/compte/logout/")
    monkeypatch.setitem(limits.RATES, "password", "7/3600s/key")
    for network in range(4):
        guess(3, omar, f"203.0.{network}.9")
    assert not right(Client(REMOTE_ADDR="100.64.0.1"), omar)
    assert right(phone, omar)


def test_what_a_browser_keeps_of_its_sign_ins_names_nobody(lanterne: Tenant) -> None:
    phone = Client()
    assert right(phone, lanterne.people["omar"])
    kept = phone.cookies["known"]
    assert kept["httponly"] and kept["samesite"] == "Lax"
    month, word, mac = kept.value.split("_")
    assert month == clock.today().replace(day=1).isoformat()
    assert "00:00:00" in kept["expires"] and re.search(r" 01 \w+ ", kept["expires"].replace("-", " "))
    assert re.fullmatch("[0-9a-f]{16}", word) and re.fullmatch("[0-9a-f]{32}", mac)
    other = Client()
    assert right(other, lanterne.people["omar"])
    assert set(other.cookies["known"].value.split("_")) & {word, mac} == set()
    # A phone that a team shares remembers both, and the same browser stays the same for its account.
    phone.post("/compte/logout/")
    assert right(phone, lanterne.people["nadia"])
    assert f"{month}_{word}_{mac}" in phone.cookies["known"].value.split(".")


@pytest.mark.parametrize(
    "value", ["", "x", "a_b", "2026-13-01_x_y", "9999-12-01_x_y", "2026-11-01_x_y", "._._." * 99]
)
def test_a_made_up_cookie_is_no_known_browser(lanterne: Tenant, value: str) -> None:
    omar = lanterne.people["omar"]
    passerelle = Client(REMOTE_ADDR=ADDRESS)
    passerelle.cookies["known"] = value
    guess(6, omar, client=passerelle)
    assert not right(passerelle, omar)


def test_too_many_sign_ins_from_one_address_get_the_429_page(lanterne: Tenant) -> None:
    client = Client(REMOTE_ADDR=ADDRESS)
    answers = [
        client.post(LOGIN, {"login": f"n{n}@x.invalid", "password": "x"}).status_code for n in range(31)
    ]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert "pause" in client.post(LOGIN, {"login": "n@x.invalid", "password": "x"}).content.decode()


def test_guessing_a_code_is_stopped(lanterne: Tenant) -> None:
    agnes = lanterne.people["agnes"]
    secret = enrol(signed_in(agnes))
    client = Client()
    client.post(LOGIN, {"login": agnes.email, "password": PASSWORD})
    for _time in range(6):
        client.post(SECOND_STEP, {"code": "000000"})
    import time

    from privacy.compat import format_hotp_value, hotp_value

    client.post(SECOND_STEP, {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    assert "_auth_user_id" not in client.session
    assert str(agnes.id) not in " ".join(keys())
    assert agnes.id.hex not in " ".join(keys())


def test_whoever_knows_a_password_does_not_shut_the_second_step(lanterne: Tenant) -> None:
    agnes = lanterne.people["agnes"]
    secret = enrol(signed_in(agnes))
    thief = Client(REMOTE_ADDR=ADDRESS)
    thief.post(LOGIN, {"login": agnes.email, "password": PASSWORD})
    shown = code(secret)
    for _time in range(6):
        thief.post(SECOND_STEP, {"code": "000000"})
    thief.post(SECOND_STEP, {"code": shown})
    assert "_auth_user_id" not in thief.session
    own = Client(REMOTE_ADDR="203.0.113.9")
    own.post(LOGIN, {"login": agnes.email, "password": PASSWORD})
    own.post(SECOND_STEP, {"code": shown})
    assert "_auth_user_id" in own.session


def test_trying_invitation_links_is_stopped_and_a_real_one_opens_beside(lanterne: Tenant) -> None:
    token = invite(lanterne)
    client = Client(REMOTE_ADDR=ADDRESS)
    answers = [client.post("/invitation/", {"token": "A" * 43}).status_code for _time in range(11)]
    assert answers[:10] == [410] * 10
    assert answers[10] == 429
    assert Client(REMOTE_ADDR="203.0.113.9").post("/invitation/", {"token": "A" * 43}).status_code == 410
    assert Client(REMOTE_ADDR=ADDRESS).post("/invitation/", {"token": token}).status_code == 302


def test_without_an_address_the_limit_is_one_that_nobody_uses_up_by_hand(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.RATES, "links", "12/60s/key")
    client = Client(REMOTE_ADDR="")
    answers = [client.post("/invitation/", {"token": "A" * 43}).status_code for _time in range(13)]
    assert answers == [410] * 12 + [429]


def test_behind_a_proxy_each_address_has_its_own_count(lanterne: Tenant) -> None:
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
