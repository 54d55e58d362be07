"""What others guess first is refused with a sentence, whoever writes it however; four words without relation are not."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from outreach.members import passwords
from outreach.members.models import Account
from outreach.members.passwords import _common, _common_words
from privacy.db.scope import tenant_transaction
from tests.factories import PASSWORD, Tenant
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database

GUESSED = {
    "motdepasse123456789": "common",  # nine digits, and one thing to remember
    "motdepasse!!!!!!!!!": "common",
    "m.o.t.d.e.p.a.s.s.e": "common",
    "marseil1e-2024": "common",  # 1 is an l as well as an i
    "aaaaaaaaaaaa": "repeated",
    "111111111111": "repeated",
    "abababababab": "repeated",
    "jetaimejetaime": "repeated",
    "azertyuiop123": "row",
    "qwertyuiop1234": "row",
    "1234567890987": "row",
    "abcdefghijkl": "row",
    "motdepasse2024": "common",
    "MotDePasse123!": "common",
    "M0tD3P4ss3!!": "common",
    "bonjour-soleil": "common",
    "jetaimemaman12": "common",
    "Marseille13013": "common",
    "password123456": "common",
    "P@ssw0rd!2024": "common",
    "iloveyou-2024!": "common",
    "football-1998!": "common",
    "doudou-été-2025": "common",
    "Administration1": "common",
    "coordinatrice-24": "common",
    "Bénévoles2024!": "common",
    "volunteer2024!": "common",
    "maraudes2024!": "known-word",
    "LesMaraudes75!": "known-word",
    "lanterne-2024!": "known-word",
    "equipe-nord-75": "known-word",
}
GOOD = (
    "quatre-mots-sans-rapport",
    "un parapluie vert pense",
    "la maraude du quai endormi",
    "xK7#pQ2m!vR9",
    "grenouille tournevis brouillard",
    "correct horse battery staple",
    PASSWORD,
)


def codes(password: str, account: Account) -> set[str | None]:
    try:
        validate_password(password, account)
    except ValidationError as refused:
        return {error.code for error in refused.error_list}
    return set()


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_guessed_first_is_refused_with_a_sentence(lanterne: Tenant, password: str) -> None:
    with tenant_transaction(lanterne.scope()):
        assert GUESSED[password] in codes(password, lanterne.people["omar"].account)


@pytest.mark.parametrize("password", GOOD)
def test_words_without_relation_are_taken(lanterne: Tenant, password: str) -> None:
    with tenant_transaction(lanterne.scope()):
        assert codes(password, lanterne.people["omar"].account) == set()


def test_every_common_word_is_refused_at_our_length() -> None:
    """Each word of the list, made long enough the way people do: more than the 3,000 that a policy should know."""
    known = sorted(word for word in _common_words() if word.isalpha() and 5 <= len(word) <= 12)
    assert len(known) > 9_000
    assert [word for word in known if not _common(word + "-2024!!!")] == []


def test_the_page_says_why(lanterne: Tenant) -> None:
    phone = signed_in(lanterne.people["omar"])
    for password, word in (
        ("lanterne-2024!", "un nom d’ici"),
        ("motdepasse2024", "mots courants"),
        ("a" * 12, "motif"),
    ):
        answer = phone.post(
            "/compte/password/change/",
            {"oldpassword": PASSWORD, "password1": password, "password2": password},
        )
        assert answer.status_code == 200
        assert word in answer.content.decode()


def test_a_password_as_long_as_a_book_holds_no_thread(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What compares its pieces with each other never sees it: 4,000 characters took three seconds, 16,000 took minutes."""
    compared: list[int] = []

    def plain(text: str) -> str:
        compared.append(len(text))
        return text

    monkeypatch.setattr(passwords, "plain", plain)
    long = "grenouille tournevis brouillard " * 500
    form = {"oldpassword": PASSWORD, "password1": long, "password2": long}
    answer = signed_in(lanterne.people["omar"]).post("/compte/password/change/", form)
    assert answer.status_code == 200 and "dépasse 200 caractères" in answer.content.decode()
    assert max(compared, default=0) <= 200
    with tenant_transaction(lanterne.scope()):
        assert codes("x" * 201, Account(email="a@b.invalid")) >= {"long"}
