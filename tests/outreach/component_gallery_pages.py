"""The pages of the gallery: every base page with its parts, every sign-in page, every error page."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from allauth.account.forms import LoginForm
from django.utils.functional import SimpleLazyObject

from outreach.roles import Role
from tests.outreach.component_gallery import DayLike, EncounterLike, Shown, show

TODAY = date(2026, 3, 14)
EVERYBODY = tuple(Role)
LEDGER = [
    ("Fiches", 812, "good", "fait"),
    ("Notes", 0, "quiet", "rien de dû"),
    ("Comptages", 9, "due", "ce soir"),
]
LEDGER += [
    ("Transmissions", 3, "late", "en retard"),
    ("Demandes", 1, "refused", "refusé"),
    ("Clés", 2, "sealed", "scellé"),
]
Page = tuple[str, dict[str, Any] | None, tuple[Role, ...], str]
"""Template, context, roles of who looks, address."""


def pages() -> dict[str, Page]:
    """Page → template, context, roles, address."""
    wrong = EncounterLike({"people": "", "zone": "perhaps", "needs": ["meal"]})
    inside = {"is_mfa_enabled": True, "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"]}
    codes = {"unused_codes": ["12345678", "87654321"], "total_count": 10, "can_view_codes": True}
    sessions = [
        SimpleNamespace(user_agent="Firefox", created_at=TODAY, is_current=here) for here in (True, False)
    ]
    some_form = DayLike()
    found: dict[str, Page] = {
        "field-home": ("field-home", {"today": TODAY}, (Role.WORKER,), "/field/tonight/"),
        "field-form": ("field-form", {"form": EncounterLike()}, (Role.LEAD,), "/field/encounter/"),
        "field-wrong": ("field-form", {"form": wrong}, EVERYBODY, "/field/encounter/"),
        "coordination": (
            "coordination",
            {"today": TODAY, "form": DayLike({}), "sectors": ["Canal", "Gare", "Bercy"]},
            (Role.COORDINATOR, Role.ADMIN),
            "/coordination/home/",
        ),
        "auditing": (
            "auditing",
            {"today": TODAY, "rows": LEDGER},
            (Role.AUDITOR, Role.ADMIN),
            "/control/ledger/",
        ),
        "login": ("account/login.html", {"form": SimpleLazyObject(LoginForm)}, (), "/compte/login/"),
        "logout": ("account/logout.html", {}, (Role.WORKER,), "/compte/logout/"),
        "password": ("account/password_change.html", {"form": some_form}, (Role.WORKER,), "/"),
        "reauthenticate": (
            "account/reauthenticate.html",
            {
                "form": some_form,
                "reauthentication_alternatives": [{"url": "/", "description": "Par un code"}],
            },
            (Role.ADMIN,),
            "/",
        ),
        "second-step": ("mfa/authenticate.html", {"form": some_form}, (), "/"),
        "second-factor": ("mfa/index.html", {**inside, "authenticators": {"totp": True}}, (Role.ADMIN,), "/"),
        "second-factor-none": ("mfa/index.html", {**inside, "authenticators": {}}, (Role.ADMIN,), "/"),
        "totp": (
            "mfa/totp/activate_form.html",
            {
                "form": some_form,
                "totp_svg_data_uri": "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>",
            },
            (Role.ADMIN,),
            "/",
        ),
        "codes": ("mfa/recovery_codes/index.html", codes, (Role.ADMIN,), "/"),
        "devices": (
            "usersessions/usersession_list.html",
            {"sessions": sessions, "session_count": 2},
            (Role.LEAD,),
            "/",
        ),
    }
    for why in ("second-factor", "no-membership", "wrong-role"):
        found[f"403-{why}"] = ("403.html", {"why": why}, (Role.WORKER,), "/")
    for code in ("403_csrf", "404", "429"):
        found[code] = (f"{code}.html", {}, (Role.WORKER,), "/")
    carried = {"fields": [("note", "un sac bleu")], "path": "/"}
    found["401"] = ("401.html", carried, (), "/")
    return found


NAMES = [
    *("field-home", "field-form", "field-wrong", "coordination", "auditing"),
    *("login", "logout", "password", "reauthenticate", "second-step", "second-factor", "second-factor-none"),
    *(
        "totp",
        "codes",
        "devices",
        "401",
        "403-second-factor",
        "403-no-membership",
        "403-wrong-role",
        "403_csrf",
        "404",
        "429",
        "500",
    ),
]


def shown(name: str, language: str = "fr") -> Shown:
    """One page of NAMES as it would be sent."""
    if name == "500":
        return show("500.html", bare=True, language=language)
    template, context, roles, address = pages()[name]
    return show(template, context, roles=roles, address=address, language=language)
