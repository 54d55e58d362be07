"""The frame and the words of every page: as whom one looks, where one can go, icons, dates, boxes, forms."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.utils.translation import override

from outreach.roles import Role
from outreach.templatetags import ui as tags
from outreach.ui import FIELD, NAVIGATION, Surroundings
from tests.outreach import component_gallery
from tests.outreach.component_gallery_pages import EVERYBODY, NAMES, TODAY, shown

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path for app in ("outreach", "maps", "privacy") for path in (ROOT / app).rglob("templates/**/*.html")
)


@pytest.fixture(autouse=True)
def service(settings: Any) -> None:
    """Every address the navigation knows, and the banner of the demonstration."""
    settings.ROOT_URLCONF = "tests.outreach.component_gallery"
    settings.DEMO = True


@pytest.mark.parametrize("name", NAMES)
def test_pages_hold_nothing_inline(name: str) -> None:
    html = shown(name).html
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html)
    for script in re.findall(r"<script[^>]*>", html):
        assert "src=" in script or 'type="application/json"' in script, script


@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_one_heading_one_main_and_at_most_one_main_action(name: str) -> None:
    html = shown(name).html
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert len(re.findall(r'<main id="main"', html)) == 1
    assert len(re.findall(r'class="[^"]*\bprimary\b', html)) <= 1
    assert re.search(r"<title>[^·<]+ · maraudes</title>", html)


def test_a_page_says_as_whom_one_looks() -> None:
    html = shown("coordination").html
    assert "Votre association et votre rôle" in html
    assert "<strong><bdi>La Veilleuse</bdi></strong> · Coordination · Administration" in html
    assert "Vous regardez" not in shown("login").html


def test_only_members_of_several_associations_can_change_it() -> None:
    request = component_gallery.request_for((Role.WORKER,))
    assert Surroundings(request).switch == "/membership/choose/"
    request.acting = component_gallery.acting(Role.WORKER, others=False)  # type: ignore[attr-defined]
    assert Surroundings(request).switch == ""


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ((Role.WORKER,), ["field:tonight", "maps:team"]),
        (
            (Role.COORDINATOR,),
            ["coordination:home", "coordination:agenda", "maps:coordinator", "coordination:coverage"],
        ),
        ((Role.ADMIN,), ["coordination:members", "control:ledger"]),
        ((Role.AUDITOR,), ["control:ledger", "control:consent", "control:log"]),
        ((Role.PARTNER,), []),
        ((), []),
    ],
)
def test_navigation_follows_the_roles(roles: tuple[Role, ...], expected: list[str]) -> None:
    links = Surroundings(component_gallery.request_for(roles)).navigation
    assert [link.url.strip("/").replace("/", ":") for link in links] == expected


def test_a_destination_that_does_not_exist_is_left_out(settings: Any) -> None:
    roles = (Role.WORKER, Role.AUDITOR)
    assert len(Surroundings(component_gallery.request_for(roles)).navigation) == 5
    settings.ROOT_URLCONF = "django.conf.urls.i18n"
    seen = component_gallery.request_for((), "/setlang/")
    seen.acting = component_gallery.acting(*roles)  # type: ignore[attr-defined]
    frame = Surroundings(seen)
    assert (frame.navigation, frame.account, frame.switch, frame.demo_switch) == ([], [], "", "")


def test_the_field_bar_shows_its_own_pages_and_one_way_out() -> None:
    assert len(Surroundings(component_gallery.request_for((Role.WORKER,))).field_bar) == 2
    bar = Surroundings(component_gallery.request_for(EVERYBODY)).field_bar
    assert [link.area == FIELD for link in bar] == [True, True, False]
    assert str(bar[-1].label) == "Le jour"


def test_a_page_with_an_unsent_form_can_leave_the_bar_out() -> None:
    assert 'class="bar words"' in shown("field-home").html
    assert 'class="bar words"' not in shown("field-form").html


def test_the_current_page_is_marked_once() -> None:
    html = shown("coordination").html
    assert html.count('aria-current="page"') == 1
    assert re.search(r'href="/coordination/home/" aria-current="page"', html)


def test_the_demonstration_says_so_and_only_then(settings: Any) -> None:
    assert "ville inventée" in shown("field-home").html
    settings.DEMO = False
    assert "ville inventée" not in shown("field-home").html


def test_the_language_switch_offers_the_other_language() -> None:
    assert '<html lang="fr"' in shown("field-home").html
    assert 'value="en" lang="en"' in shown("field-home").html
    english = shown("field-home", "en").html
    assert '<html lang="en"' in english
    assert 'value="fr" lang="fr"' in english


def test_500_needs_neither_request_nor_context() -> None:
    html = shown("500").html
    assert "n’est pas enregistré" in html
    assert "<form" not in html


def test_icons_are_silent_and_come_without_their_frame() -> None:
    drawn = tags.icon("lock")
    assert drawn.count("<svg") == 1
    assert 'aria-hidden="true"' in drawn
    assert 'class="icon"' in drawn
    assert tags.icon("no-such-icon") == ""
    assert tags.icon("../../package") == ""


def test_every_icon_named_anywhere_exists() -> None:
    names = {
        name
        for path in TEMPLATES
        for name in re.findall(r'{% icon "([^"]+)" %}', path.read_text(encoding="utf-8"))
    }
    names |= (
        {entry.icon for entry in NAVIGATION}
        | set(tags.BADGES.values())
        | {sign for sign, _ in tags.LEVELS.values()}
    )
    assert len(names) > 20
    assert {name for name in names if not (Path(settings.LUCIDE_DIR) / f"{name}.svg").is_file()} == set()


def render(text: str, **context: Any) -> str:
    return Template("{% load ui %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("text", "value", "french", "english"),
    [
        ("{{ d|day }}", date(2026, 3, 14), "samedi 14 mars", "Saturday 14 March"),
        ("{{ d|day }}", date(2026, 3, 1), "dimanche 1er mars", "Sunday 1 March"),
        ("{{ d|day_year }}", date(2026, 5, 1), "1er mai 2026", "1 May 2026"),
        ("{{ d|night }}", date(2026, 3, 14), "nuit du 14 au 15 mars", "night of 14 to 15 March"),
        ("{{ d|night }}", date(2026, 3, 31), "nuit du 31 mars au 1er avril", "night of 31 March to 1 April"),
        ("{{ d|week }}", date(2026, 3, 14), "semaine du 9 au 15 mars", "week of 9 to 15 March"),
        ("{% when d t %}", date(2026, 3, 14), "aujourd’hui", "today"),
        ("{% when d t %}", date(2026, 3, 15), "demain", "tomorrow"),
        ("{% when d t %}", date(2026, 3, 13), "hier", "yesterday"),
        ("{% when d t %}", date(2026, 3, 17), "dans 3 jours", "in 3 days"),
        ("{% when d t %}", date(2026, 3, 12), "il y a 2 jours", "2 days ago"),
        ("{% when d t %}", date(2026, 4, 1), "mercredi 1er avril", "Wednesday 1 April"),
        ("{% when d t %}", date(2027, 1, 1), "vendredi 1er janvier 2027", "Friday 1 January 2027"),
    ],
)
def test_dates_are_said_as_people_say_them(text: str, value: date, french: str, english: str) -> None:
    with override("fr"):
        assert render(text, d=value, t=TODAY) == french
    with override("en"):
        assert render(text, d=value, t=TODAY) == english


def test_boxes_escape_what_they_are_given() -> None:
    assert "&lt;b&gt;" in render("{% kept %}{{ x }}{% endkept %}", x="<b>")
    assert "<h2>&lt;b&gt;</h2>" in render("{% nothing x %}<p>suite</p>{% endnothing %}", x="<b>")
    assert 'aria-label="&quot;&gt;"' in render("{% scroll x %}<table></table>{% endscroll %}", x='">')
    assert "&lt;b&gt;" in render('{% notice "info" x %}', x="<b>")
    assert "&lt;b&gt;" in render('{% badge "late" x %}', x="<b>")
    assert render('{% sidebar "x" %}  {% endsidebar %}') == ""


def test_an_error_names_its_field_and_is_linked_to_it() -> None:
    form = component_gallery.EncounterLike({"people": "", "zone": "no"})
    form.is_valid()
    form.add_error(None, "Le tout ne va pas.")
    found = tags.faults([form])
    assert [(fault.label, fault.target) for fault in found] == [("", ""), ("Personnes", "id_people")]
    html = str(form)
    assert 'href="#id_people"' in html
    assert re.search(r'<input[^>]*aria-describedby="id_people_error"[^>]*>', html)
    assert tags.faults([component_gallery.EncounterLike()]) == []


@pytest.mark.parametrize(
    ("others", "stays"), [(("first", "second"), True), (("note",), False), (("email", "password"), False)]
)
def test_other_answers_are_said_to_stay_only_where_there_are_any(
    others: tuple[str, ...], stays: bool
) -> None:
    """Signing in and checking a seal save nothing, and a password never comes back."""
    widgets = {name: forms.PasswordInput() if name == "password" else forms.TextInput() for name in others}
    fields = {name: forms.CharField(widget=widget) for name, widget in widgets.items()}
    form = type("Answers", (forms.Form,), fields)({})
    html = str(form)
    assert "error-summary" in html
    assert ("Vos autres réponses" in html) is stays


def test_the_rarer_of_free_and_required_is_said() -> None:
    mostly_free, mostly_required = component_gallery.EncounterLike(), component_gallery.DayLike()
    assert [tags.mark(mostly_free[name]) for name in ("people", "minors")] == ["obligatoire", ""]
    assert [tags.mark(mostly_required[name]) for name in ("team", "contact")] == ["", "facultatif"]
