"""A component gallery: every part of the interface on pages that exist only in tests, rendered by the real engine.

It is also a URL configuration: it holds every name the navigation can point to, whether its page exists yet or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from csp.middleware import CSPMiddleware
from django import forms
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, include, path, resolve
from django.utils.translation import override
from playwright.sync_api import Page, Route

from outreach.access import ActingMembership
from outreach.forms.widgets import Stepper, TileChecks, Tiles
from outreach.roles import Role

ORIGIN = "http://maraudes.test"
NAMES = {
    "field": ["tonight", "round", "count", "encounter", "undo", "close", "sent"],
    "maps": ["team", "coordinator"],
    "coordination": ["home", "agenda", "members", "invite", "coverage"],
    "auditing": ["ledger", "log", "consent"],
    "membership": ["choose"],
    "demo": ["switch"],
}
MOUNTED = {"auditing": "control/"}


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _pages(names: list[str]) -> list[URLPattern]:
    return [path(f"{name}/", _nothing, name=name) for name in names]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", _nothing, name="home"),
    path("langue/", include("django.conf.urls.i18n")),
    path("compte/", include("allauth.account.urls")),
    path("compte/second-facteur/", include("allauth.mfa.urls")),
    path("compte/appareils/", include("allauth.usersessions.urls")),
    *(
        path(MOUNTED.get(space, f"{space}/"), include((_pages(names), space)))
        for space, names in NAMES.items()
    ),
]


class EncounterLike(forms.Form):
    """The shape of a field form: a count, tiles, several tiles, a consent question, a note."""

    mostly_optional = True

    people = forms.IntegerField(label="Personnes", min_value=1, widget=Stepper({"min": 1}))
    minors = forms.IntegerField(
        label="dont mineurs",
        min_value=0,
        required=False,
        widget=Stepper(),
        help_text="Vide : vous ne savez pas.",
    )
    zone = forms.ChoiceField(
        label="« Peut-on noter à peu près où, jusqu’au 14 mars ? »",
        choices=[("no", "Non"), ("yes", "Oui")],
        initial="no",
        widget=Tiles(
            wide=True,
            hints={
                "no": "On compte, rien d’autre n’est gardé.",
                "yes": "Un carré de 500 m, lu par votre équipe.",
            },
        ),
    )
    needs = forms.MultipleChoiceField(
        label="Besoins",
        required=False,
        choices=[("meal", "Repas"), ("bag", "Duvet"), ("care", "Soins"), ("listen", "Écoute")],
        widget=TileChecks(icons={"meal": "utensils", "bag": "bed", "care": "heart-pulse", "listen": "ear"}),
    )
    note = forms.CharField(
        label="Note",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Ni nom, ni téléphone, ni adresse.",
    )


class DayLike(forms.Form):
    """The plain controls of Django, as coordination uses them."""

    team = forms.ChoiceField(label="Équipe", choices=[("n", "Nord"), ("s", "Sud")])
    night = forms.DateField(label="Nuit", widget=forms.DateInput({"type": "date"}))
    contact = forms.EmailField(label="Adresse", help_text="Pour l’invitation.", required=False)
    shift = forms.ChoiceField(
        label="Transport", choices=[("f", "à pied"), ("v", "véhicule")], widget=forms.RadioSelect
    )
    cold = forms.BooleanField(label="Plan grand froid", required=False)


PAGES = {path.stem: path for path in (Path(__file__).parent / "gallery_templates").glob("*.html")}


@dataclass(frozen=True)
class Shown:
    """One rendered page with the headers it would carry."""

    html: str
    policy: str


def acting(*roles: Role, others: bool = True) -> ActingMembership:
    nobody = UUID(int=0)
    return ActingMembership(
        account_id=nobody,
        membership_id=nobody,
        association_id=nobody,
        association_name="La Veilleuse",
        timezone="Europe/Paris",
        roles=frozenset(roles),
        team_ids=frozenset(),
        has_others=others,
    )


def request_for(roles: tuple[Role, ...], address: str = "/") -> HttpRequest:
    """A request as the middleware would hand it on: a membership, a person, a resolved address."""
    request = RequestFactory().get(address)
    request.acting = acting(*roles) if roles else None  # type: ignore[attr-defined]
    request.user = SimpleNamespace(is_authenticated=bool(roles), pk=1)  # type: ignore[assignment]
    request.resolver_match = resolve(address)
    return request


def show(
    template: str,
    context: dict[str, Any] | None = None,
    *,
    roles: tuple[Role, ...] = (),
    address: str = "/",
    language: str = "fr",
    bare: bool = False,
) -> Shown:
    """`template` is a name of PAGES or a template file; bare renders without request, as Django does for 500."""
    engine = engines["django"]
    request = request_for(roles, address)
    with override(language):
        found = (
            engine.from_string(PAGES[template].read_text(encoding="utf-8"))
            if template in PAGES
            else engine.get_template(template)
        )

        def view(seen: HttpRequest) -> HttpResponse:
            return HttpResponse(found.render(context) if bare else found.render(context, seen))

        response = CSPMiddleware(view)(request)
        assert isinstance(response, HttpResponse)
    return Shown(response.content.decode(), response["Content-Security-Policy"])


def put(page: Page, shown: Shown) -> None:
    """Serves one rendered page and the real static files to `page`, with the real content security policy."""

    def answer(route: Route) -> None:
        where = route.request.url.removeprefix(ORIGIN)
        if where.startswith("/static/"):
            found = finders.find(where.removeprefix("/static/").split("?")[0])
            assert isinstance(found, str), f"no static file {where}"
            route.fulfill(path=found)
        else:
            headers = {"Content-Security-Policy": shown.policy, "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(body=shown.html, headers=headers)

    page.unroute_all()
    page.route(f"{ORIGIN}/**", answer)
    page.goto(f"{ORIGIN}/")
