"""A kitchen sink: every part of the interface on pages that exist only in tests, rendered by the real engine.

It is also a URL configuration: it holds every name the navigation can point to, whether its page exists yet or not.
"""

from __future__ import annotations

from dataclasses import dataclass
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

from outreach.access import Seat
from outreach.forms.widgets import Digits, Stepper, TileChecks, Tiles
from outreach.members.roles import Role

ORIGIN = "http://maraudes.test"
NAMES = {
    "field": ["tonight", "round", "count", "encounter", "undo", "close", "sent"],
    "maps": ["team", "coordinator"],
    "coordination": ["home", "agenda", "members", "invite", "coverage"],
    "control": ["ledger", "log", "consent"],
    "seat": ["choose"],
    "demo": ["switch"],
}


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _room(names: list[str]) -> list[URLPattern]:
    return [path(f"{name}/", _nothing, name=name) for name in names]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", _nothing, name="home"),
    path("langue/", include("django.conf.urls.i18n")),
    path("compte/", include("allauth.account.urls")),
    path("compte/second-facteur/", include("allauth.mfa.urls")),
    path("compte/appareils/", include("allauth.usersessions.urls")),
    *(path(f"{space}/", include((_room(names), space))) for space, names in NAMES.items()),
]


class EncounterLike(forms.Form):
    """The shape of a field form: a count, tiles, several tiles, a doorway question, a note."""

    mostly_optional = True

    people = forms.IntegerField(label="Personnes", min_value=1, widget=Stepper({"min": 1}))
    minors = forms.IntegerField(
        label="dont mineurs", min_value=0, required=False, widget=Stepper(), help_text="Vide : vous ne savez pas."
    )
    zone = forms.ChoiceField(
        label="« Pouvons-nous noter à peu près où, pendant 90 jours ? »",
        choices=[("no", "Non"), ("yes", "Oui")],
        initial="no",
        widget=Tiles(
            wide=True,
            hints={"no": "On compte, rien d’autre n’est gardé.", "yes": "Un carré de 500 m, lu par votre équipe."},
        ),
    )
    needs = forms.MultipleChoiceField(
        label="Besoins",
        required=False,
        choices=[("meal", "Repas"), ("bag", "Duvet"), ("care", "Soins"), ("listen", "Écoute")],
        widget=TileChecks(icons={"meal": "utensils", "bag": "bed", "care": "heart-pulse", "listen": "ear"}),
    )
    note = forms.CharField(
        label="Note", required=False, widget=forms.Textarea({"rows": 3}), help_text="Ni nom, ni téléphone, ni adresse."
    )


class DayLike(forms.Form):
    """The plain controls of Django, as coordination uses them."""

    team = forms.ChoiceField(label="Équipe", choices=[("n", "Nord"), ("s", "Sud")])
    night = forms.DateField(label="Nuit", widget=forms.DateInput({"type": "date"}))
    contact = forms.EmailField(label="Adresse", help_text="Pour l’invitation.", required=False)
    shift = forms.ChoiceField(label="Transport", choices=[("f", "à pied"), ("v", "véhicule")], widget=forms.RadioSelect)
    cold = forms.BooleanField(label="Plan grand froid", required=False)
    code = forms.CharField(label="Code", widget=Digits(), required=False)


FIELD_HOME = """{% extends "base/field.html" %}{% load ui %}
{% block title %}Tournée en cours{% endblock %}{% block heading %}Tournée de cette nuit{% endblock %}
{% block main %}<p class="lead">Équipe Nord · {{ today|night }} · 2 secteurs</p>
<ul class="actions">
<li><a class="button action primary" href="#a">{% icon "users-round" %}<span>Compter<small>Sans rien noter d’autre</small></span></a></li>
<li><a class="button action" href="#b">{% icon "notebook-pen" %}<span>Noter une rencontre<small>Avec l’accord de la personne</small></span></a></li>
<li><a class="button action" href="#c">{% icon "flag-triangle-right" %}<span>Clore la tournée<small>7 comptages, 3 rencontres</small></span></a></li>
</ul>
{% kept %}Ce que vous notez part à la <strong>fin de la tournée</strong>. Ce carré disparaît le 14 mars. Personne hors de votre équipe ne le voit.{% endkept %}
<h2>Cette nuit</h2>
<ul><li>23 h : 2 personnes comptées</li><li>22 h : 1 rencontre notée</li></ul>
{% nothing "Aucune transmission" %}<p>L’équipe d’hier n’a rien laissé. Vous pourrez en écrire une en fin de tournée.</p>{% endnothing %}
{% endblock %}"""

FIELD_FORM = """{% extends "base/field.html" %}{% load ui %}
{% block title %}Noter une rencontre{% endblock %}{% block heading %}Noter une rencontre{% endblock %}
{% block main %}<form method="post" novalidate>{% csrf_token %}{{ form }}
{% kept %}Ce carré disparaît le <strong>14 mars</strong>. Personne hors de votre équipe ne le voit.{% endkept %}
<p class="buttons"><button class="primary">{% icon "check" %}Enregistrer la rencontre</button><a class="button" href="#x">Ne rien noter</a></p></form>
{% endblock %}"""

COORDINATION = """{% extends "base/coordination.html" %}{% load ui %}
{% block title %}À faire{% endblock %}{% block heading %}Que reste-t-il à faire cette semaine ?{% endblock %}
{% block main %}<p class="lead">{{ today|week }}, comparée à la précédente.</p>
<dl class="figures"><div><dt>Tournées closes</dt><dd>12</dd></div><div><dt>Brouillons manquants</dt><dd>1</dd></div>
<div><dt>Secteurs sans passage</dt><dd>9</dd></div><div><dt>Personnes comptées</dt><dd>314</dd></div></dl>
<div class="side-by-side"><section><h2>Secteurs prévus</h2>{% scroll "Secteurs prévus" %}<table><caption>Passages prévus par secteur</caption>
<thead><tr><th scope="col">Secteur</th><th scope="col" class="num">Cette semaine</th><th scope="col" class="num">Avant</th><th scope="col">État</th></tr></thead>
<tbody>{% for name in sectors %}<tr><th scope="row">{{ name }}</th><td class="num">{{ forloop.counter }}</td><td class="num">{{ forloop.revcounter }}</td>
<td>{% if forloop.first %}{% badge "late" "sans passage" %}{% else %}{% badge "good" "couvert" %}{% endif %}</td></tr>{% endfor %}</tbody>
<tfoot><tr><th scope="row">Total</th><td class="num">15</td><td class="num">15</td><td></td></tr></tfoot></table>{% endscroll %}</section>
<section><h2>Légende</h2><ul>{% for n in "12345" %}<li><span class="swatch class-{{ n }}"></span> classe {{ n }}</li>{% endfor %}</ul>
{% notice "warning" "Une équipe n’a pas encore envoyé sa tournée de la nuit." %}{% notice "info" "Moins de cinq personnes : on écrit « peu »." %}</section></div>
<h2>Prévoir une tournée</h2><form method="post" novalidate>{% csrf_token %}{{ form }}<p class="buttons"><button class="primary">Prévoir la tournée</button>
<button>Dupliquer la semaine</button><button class="danger">Annuler</button><button class="quiet">Plus tard</button></p></form>
<details><summary>D’où viennent ces chiffres ?</summary><p>Des secteurs prévus, jamais des rencontres.</p></details>
{% endblock %}
{% block aside %}<h2>D’abord</h2><ul class="todo"><li>{% icon "triangle-alert" %}<span>Une tournée d’hier n’est pas close. <a href="#y">La voir</a></span></li>
<li>{% icon "hourglass" %}<span>18 fiches disparaissent cette nuit.</span></li></ul>{% endblock %}"""

CONTROL = """{% extends "base/control.html" %}{% load ui %}
{% block title %}Échéances{% endblock %}{% block heading %}Ce qui devait disparaître a-t-il disparu ?{% endblock %}
{% block main %}<p class="lead">Oui, jusqu’à {% when today today %} 6 h. Rien n’est en retard.</p>
<dl class="figures"><div><dt>Dû</dt><dd>1 204</dd><dd class="source">clés dont la date est passée</dd></div><div><dt>Fait</dt><dd>1 204</dd><dd class="source">registre, entrées 88 à 131</dd></div>
<div><dt>En retard</dt><dd>0</dd><dd class="source">au dernier passage</dd></div></dl>
{% scroll "Échéances" %}<table class="ledger"><caption>Par nature de donnée</caption><thead><tr><th scope="col">Quoi</th><th scope="col" class="num">Dû</th><th scope="col" class="num">Fait</th><th scope="col" class="num">En retard</th>
<th scope="col">État</th><th scope="col">Preuve</th></tr></thead><tbody>
{% for row in rows %}<tr><th scope="row">{{ row.0 }}</th><td class="num">{{ row.1 }}</td><td class="num">{{ row.1 }}</td><td class="num">0</td><td>{% badge row.2 row.3 %}</td><td class="source">entrée {{ forloop.counter }}</td></tr>{% endfor %}
</tbody></table>{% endscroll %}
<h2>Point de contrôle signé</h2><pre class="proof" tabindex="0" aria-label="Point de contrôle">maraudes.local/audit/0a1b2c3d
131
k1yQ0wV5mB0N1p2q3r4s5t6u7v8w9x0y1z2A3B4C5D6=

— maraudes.local/audit/0a1b2c3d 8f3b0b0e…</pre><p class="buttons"><button class="primary">{% icon "download" %}Télécharger la preuve</button></p>
{% endblock %}"""

PAGES = {"field-home": FIELD_HOME, "field-form": FIELD_FORM, "coordination": COORDINATION, "control": CONTROL}
ERRORS = ("403", "403_csrf", "404", "429", "500")


@dataclass(frozen=True)
class Shown:
    """One rendered page with the headers it would carry."""

    html: str
    policy: str


def seat(*roles: Role) -> Seat:
    nobody = UUID(int=0)
    return Seat(
        account_id=nobody,
        membership_id=nobody,
        association_id=nobody,
        association_name="La Veilleuse",
        timezone="Europe/Paris",
        roles=frozenset(roles),
        team_ids=frozenset(),
    )


def request_for(roles: tuple[Role, ...], address: str = "/") -> HttpRequest:
    """A request as the middleware would hand it on: a seat, a person, a resolved address."""
    request = RequestFactory().get(address)
    request.seat = seat(*roles) if roles else None  # type: ignore[attr-defined]
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
        found = engine.from_string(PAGES[template]) if template in PAGES else engine.get_template(template)

        def view(seen: HttpRequest) -> HttpResponse:
            return HttpResponse(found.render(context) if bare else found.render(context, seen))

        response = CSPMiddleware(view)(request)
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
