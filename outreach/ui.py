"""What every page shows around its content: as whom one looks, where one can go, in which language.

Rule of the module: this module reads the request and nothing else, save what an empty page lacks (`outreach.missing`). It opens
no record, grants nothing and hides nothing: a missing word in the navigation is never what protects a page (`outreach.access`
is). A destination whose URL name does not exist in this installation is left out instead of failing the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from outreach import damaged
from outreach.access import ActingMembership
from outreach.associations import first_run
from outreach.links import find
from outreach.missing import Missing, lacks
from outreach.roles import LABELS, STRONG, Role
from privacy import clock

FIELD, COORDINATION, AUDITING = "field", "coordination", "auditing"


class FormRenderer(TemplatesSetting):
    """Renders every form: label, hint, error and answer, and a summary of what is to correct."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    formset_template_name = "forms/formset.html"


@dataclass(frozen=True)
class Entry:
    """One word of the navigation: who sees it, where it leads, in which area it belongs."""

    area: str
    roles: frozenset[Role]
    url_name: str
    label: Promise
    icon: str


@dataclass(frozen=True)
class Link:
    """An entry that resolved for this request."""

    area: str
    url: str
    label: Promise
    icon: str
    current: bool


def _entry(area: str, roles: str, url_name: str, label: Promise, icon: str) -> Entry:
    return Entry(area, frozenset(Role(role) for role in roles.split()), url_name, label, icon)


NAVIGATION: tuple[Entry, ...] = (
    _entry(FIELD, "worker lead", "field:tonight", _("Cette nuit"), "moon"),
    _entry(FIELD, "worker lead", "maps:team", _("Carte de l’équipe"), "map"),
    _entry(COORDINATION, "coordinator", "coordination:home", _("À faire"), "list-checks"),
    _entry(COORDINATION, "coordinator lead", "coordination:agenda", _("Agenda"), "calendar-days"),
    _entry(COORDINATION, "coordinator", "maps:coordinator", _("Carte"), "map"),
    _entry(COORDINATION, "coordinator", "coordination:coverage", _("Couverture"), "route"),
    _entry(COORDINATION, "admin", "coordination:members", _("Membres"), "users"),
    _entry(AUDITING, "auditor admin", "auditing:ledger", _("Échéances"), "book-open-text"),
    _entry(AUDITING, "auditor", "auditing:consent", _("Accords"), "signature"),
    _entry(AUDITING, "auditor", "auditing:log", _("Registre"), "scroll-text"),
)

PATHS: tuple[tuple[str, str], ...] = (
    ("/maraude/", FIELD),
    ("/cartes/equipe/", FIELD),
    ("/coordination/", COORDINATION),
    ("/cartes/coordination/", COORDINATION),
    ("/control/", AUDITING),
)
"""Where the areas' addresses begin; an address that is none of theirs belongs to no area."""

ACCOUNT: tuple[tuple[str, Promise, str], ...] = (
    ("mfa_index", _("Connexion en deux étapes"), "key-round"),
    ("account_change_password", _("Mot de passe"), "lock"),
    ("usersessions_list", _("Appareils connectés"), "smartphone"),
    ("account_logout", _("Se déconnecter"), "log-out"),
)


class Surroundings:
    """The frame of one page, computed only when a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._acting: ActingMembership | None = getattr(request, "acting", None)
        self._roles: frozenset[Role] = self._acting.roles if self._acting else frozenset()

    @cached_property
    def _view_name(self) -> str:
        match = self._request.resolver_match
        return match.view_name if match else ""

    @property
    def association(self) -> str:
        """Name of the association one looks as; "" for a stranger."""
        return self._acting.association_name if self._acting else ""

    @property
    def role_words(self) -> list[Promise]:
        """The roles one looks as, in words, always in the same order."""
        return [LABELS[role] for role in Role if role in self._roles]

    @property
    def strong(self) -> bool:
        """Whether one looks as a role that needs the second step."""
        return bool(self._roles & STRONG)

    @cached_property
    def navigation(self) -> list[Link]:
        found = []
        for entry in NAVIGATION:
            if entry.roles & self._roles and (url := find(entry.url_name)):
                current = entry.url_name == self._view_name
                found.append(Link(entry.area, url, entry.label, entry.icon, current))
        return found

    @property
    def base(self) -> str:
        """The base page of the area that the address belongs to, if one works there; else of the first area one has."""
        areas = [link.area for link in self.navigation]
        asked = next((area for start, area in PATHS if self._request.path.startswith(start)), "")
        area = asked if asked in areas else next(iter(areas), "plain")
        return f"base/{area}.html"

    @cached_property
    def field_bar(self) -> list[Link]:
        """The words of the field's bottom bar: its own pages, and one way to the other areas for who has them."""
        bar = [link for link in self.navigation if link.area == FIELD]
        elsewhere = [link for link in self.navigation if link.area != FIELD]
        if elsewhere:
            first = elsewhere[0]
            label = first.label if len(elsewhere) == 1 else _("Le jour")
            bar.append(
                Link(first.area, first.url, label, first.icon if len(elsewhere) == 1 else "sun", False)
            )
        return bar

    @cached_property
    def account(self) -> list[Link]:
        user = getattr(self._request, "user", None)
        if user is None or not user.is_authenticated:
            return []
        return [
            Link("account", url, label, icon, name == self._view_name)
            for name, label, icon in ACCOUNT
            if (url := find(name))
        ]

    @property
    def help(self) -> str:
        """Where the guides are."""
        return find("help:index")

    @cached_property
    def switch(self) -> str:
        """Where to choose another association to look as; "" when there is no other."""
        return find("membership:choose") if self._acting and self._acting.has_others else ""

    @property
    def session_ends(self) -> datetime | None:
        """The noon until which one stays signed in, in the association's time; None for a stranger."""
        return getattr(self._request, "session_ends", None)

    @property
    def administers(self) -> bool:
        """Whether one looks as somebody who invites and makes teams."""
        return Role.ADMIN in self._roles

    @cached_property
    def missing(self) -> Missing | None:
        """What the association lacks before its first round; asked only by a page that names it."""
        return lacks(self._acting.association_id) if self._acting else None

    @property
    def command(self) -> str:
        """How whoever runs the server starts a command here."""
        return first_run.typed()

    @property
    def damaged(self) -> list[str]:
        """What the page could not open, once its view has read."""
        return damaged.sentences()

    @property
    def day(self) -> date:
        """The day the page was made, for paper, which outlives it."""
        return clock.today()

    @property
    def demo(self) -> bool:
        return bool(getattr(settings, "DEMO", False))

    @cached_property
    def demo_switch(self) -> str:
        return find("demo:switch") if self.demo else ""

    @property
    def other_language(self) -> tuple[str, str]:
        """Code and own name of the language the page is not in."""
        return ("fr", "Français") if (get_language() or "fr").startswith("en") else ("en", "English")


def context(request: HttpRequest) -> dict[str, object]:
    """Template context processor: everything above under the one name `ui`."""
    return {"ui": Surroundings(request)}
