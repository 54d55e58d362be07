"""Signing in as a person of the cast, the way a browser does; and what a second factor's application does."""

import re
import time

from django.core.cache import cache
from django.test import Client

from privacy.compat import format_hotp_value, hotp_value
from tests.factories import PASSWORD, Person

LOGIN = "/compte/login/"
SECOND_STEP = "/compte/second-facteur/authenticate/"
ACTIVATE = "/compte/second-facteur/totp/activate/"


def code(secret: str) -> str:
    """What the application shows now. Forgets used codes, because tests sign in twice within 30 seconds."""
    cache.clear()
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def password_login(client: Client, person: Person, password: str = PASSWORD, **more: str) -> object:
    return client.post(LOGIN, {"login": person.email, "password": password, **more})


def signed_in(person: Person) -> Client:
    """A browser that gave the right password."""
    client = Client()
    answer = client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return client


def enrol(client: Client) -> str:
    """Set up an application of codes in a signed-in browser; returns its secret."""
    answer = client.get(ACTIVATE)
    if answer.status_code == 302:
        client.post(answer["Location"], {"password": PASSWORD})
        answer = client.get(ACTIVATE)
    assert answer.status_code == 200, answer.status_code
    secret = client.session["mfa.totp.secret"]
    answer = client.post(ACTIVATE, {"code": code(secret)})
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode())[:3000]
    return str(secret)


def strong(person: Person) -> Client:
    """A browser with password and second factor."""
    client = signed_in(person)
    enrol(client)
    return client
