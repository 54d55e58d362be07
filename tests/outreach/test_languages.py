"""French is the source; English is complete, nothing guessed, nothing lost on the way.

The French catalogue repeats each sentence as it is: without it another library's English word ("active", "Action") would
answer for ours, and zero would take a plural.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.core.validators import (
    EmailValidator,
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
)
from django.utils.translation import gettext, ngettext, override

from tests.reading import typed

ROOT = Path(__file__).resolve().parents[2]
APPS = ("outreach", "maps", "privacy", "tension", "demo", "config")
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}


@dataclass(frozen=True)
class Entry:
    """One sentence of a catalogue: its flags, its source (plural included) and each of its translations."""

    flags: str
    sources: tuple[str, ...]
    translations: tuple[str, ...]
    library: bool
    """Django's or the login library's own sentence, said in ours."""


def unquote(lines: str) -> str:
    return "".join(ast.literal_eval(f'"{part}"') for part in re.findall(r'"(.*)"', lines))


def catalogue(language: str) -> Iterator[Entry]:
    text = (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        flags = " ".join(line for line in block.splitlines() if line.startswith("#,"))
        body = "\n".join(line for line in block.splitlines() if not line.startswith("#"))
        if not body.strip():
            continue
        parts = re.split(r"^(msgid_plural|msgid|msgstr(?:\[\d\])?) ", body, flags=re.M)[1:]
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
        sources = tuple(unquote(words) for key, words in pairs if key.startswith("msgid"))
        translations = tuple(unquote(words) for key, words in pairs if key.startswith("msgstr"))
        yield Entry(flags, sources, translations, "#. library" in block)


def said_in_the_code() -> Iterator[str]:
    """Every sentence marked for translation that stands as one literal."""
    for app in APPS:
        for template in (ROOT / app).rglob("templates/**/*.html"):
            yield from re.findall(r'{% trans(?:late)? "([^"]+)"', template.read_text(encoding="utf-8"))
        for module in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if not (
                    isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS
                ):
                    continue
                said = node.args[1:] if node.func.id == "pgettext" else node.args  # after what it is about
                if said and isinstance(said[0], ast.Constant) and isinstance(said[0].value, str):
                    yield said[0].value


def test_english_is_complete_and_not_guessed() -> None:
    entries = list(catalogue("en"))
    assert len(entries) > 500
    assert [entry.sources for entry in entries if not all(entry.translations)] == []
    assert [entry.sources for entry in entries if "fuzzy" in entry.flags] == []


def test_every_sentence_of_the_code_is_in_the_catalogue() -> None:
    said = set(said_in_the_code())
    assert len(said) > 400
    known = {entry.sources[0] for entry in catalogue("en")}
    assert said - known == set()


def test_french_answers_for_itself() -> None:
    entries = list(catalogue("fr"))
    assert {entry.sources for entry in entries} == {entry.sources for entry in catalogue("en")}
    own = [entry for entry in entries if not entry.library]
    assert [entry.sources for entry in own if entry.sources != tuple(map(typed, entry.translations))] == []
    with override("fr"):
        assert gettext("active") == "active"
        assert ngettext("dans %(days)d jour", "dans %(days)d jours", 0) == "dans %(days)d jour"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_placeholders_survive_translation(language: str) -> None:
    named = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}")
    for entry in (entry for entry in catalogue(language) if not entry.library):
        known = {name for source in entry.sources for name in named.findall(source)}
        for translation in entry.translations:
            assert set(named.findall(translation)) <= known, entry.sources
        assert set(named.findall(entry.sources[-1])) <= set(named.findall(entry.translations[-1])), (
            entry.sources
        )


def test_english_is_english() -> None:
    """No sentence was left in French: words that only French has do not stand in a translation."""
    french = re.compile(r"\b(vous|nous|une|les|des|est|pas|cette|avec|pour)\b", re.I)
    assert any(french.search(entry.sources[0]) for entry in catalogue("en"))
    assert [text for entry in catalogue("en") for text in entry.translations if french.search(text)] == []


SHOWN: tuple[type[forms.Field], ...] = (
    forms.CharField,
    forms.IntegerField,
    forms.DateField,
    forms.TimeField,
    forms.ChoiceField,
    forms.EmailField,
    forms.MultipleChoiceField,
    forms.ModelChoiceField,
    forms.ModelMultipleChoiceField,
    forms.BooleanField,
)
"""The kinds of fields that people answer here; none takes a file or a web address."""


def of_libraries() -> Iterator[str]:
    """The sentences by which Django and the login library may refuse an answer, as they write them."""
    for kind in SHOWN:
        for one in kind.__mro__:
            yield from map(str, vars(one).get("default_error_messages", {}).values())
    for made in (EmailValidator, MaxValueValidator, MinValueValidator, ProhibitNullCharactersValidator):
        yield str(made.message)
    for counted in (MaxLengthValidator, MinLengthValidator):
        yield str(counted.message % {"limit_value": 2, "show_value": 3})
    for name, sentence in DefaultAccountAdapter.error_messages.items():
        if not re.search("phone|username|email_|_email", name) or name == "email_password_mismatch":
            yield str(sentence)
    for name, sentence in DefaultMFAAdapter.error_messages.items():
        if name != "add_email_blocked":
            yield str(sentence)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_refusal_is_a_librarys_stock_sentence(language: str) -> None:
    with override(None):
        stock = set(of_libraries())
    assert {"This field is required.", "Incorrect code."} <= stock
    with override(language):
        said = set(of_libraries())
    ours = {text for entry in catalogue(language) if entry.library for text in entry.translations}
    patterns = [re.compile(re.sub(r"%\\?\(\w+\\?\)d", r"\\d+", re.escape(text))) for text in ours]
    assert [text for text in said if not any(one.fullmatch(text) for one in patterns)] == []


COUNTED = re.compile(r"(?:\{(\w+)\}|%\((\w+)\)[sd]) (?:autres )?[a-zéèêàçîô’]+[sx]\b")
"""A number, and a noun that stands in the plural beside it."""

NEVER_ONE = {"few", "high", "low", "most"}
NO_NUMBER = {"name"}


def test_a_number_before_a_noun_can_be_one() -> None:
    """ "1 gardées", "1 réparés", "1 entrées": commands and pages say one thing of one."""
    assert COUNTED.search("{count} réparés :") and COUNTED.search("%(size)s entrées relues")
    floors = {
        "Hommes et femmes font déjà",
        "au moins %(n)s personnes notées",
        "Au moins %(n)s personnes ont été notées sans carré.",
    }
    lengths = {"Code de plus de {count} signes.", "Un carré fait %(size)s mètres de côté."}
    least = {"Plus de {count} contours", "… et {count} de plus"}
    wrong = []
    for entry in catalogue("fr"):
        if entry.library or len(entry.sources) > 1:
            continue
        for found in COUNTED.finditer(typed(entry.sources[0])):
            sentence = typed(entry.sources[0])
            known = any(part in sentence for part in floors | lengths | least)
            if not known and (found[1] or found[2]) not in NEVER_ONE | NO_NUMBER:
                wrong.append(sentence)
    assert wrong == []
