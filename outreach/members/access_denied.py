"""Access denied: what the person reads, and what the log keeps. A member's denial is logged; a stranger's only counted."""

from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise

from outreach import sending
from outreach.access import ActingMembership, Denied, access_rule_of
from outreach.members.actors import actor
from outreach.roles import LABELS, Role
from privacy import clock
from privacy.audit import services as audit
from privacy.audit.actors import UNREADABLE, Actor, named
from privacy.audit.events import Event
from privacy.core.errors import Unreadable


class Stranger(StrEnum):
    """What somebody without an account was refused; counted by the day, up to a ceiling."""

    PAGE = "page"
    LOGIN = "login"
    LINK = "link"
    RATE = "rate"


NOT_FOUND = "not-found"
"""What a member asked for is not theirs, or is no more."""


def log(outcome: str, acting: ActingMembership | None, account_id: UUID | None = None) -> None:
    """A member, or an account without a membership, was refused something; in the transaction of the request."""
    now = clock.now()
    audit.record(
        Event.DENIED,
        association_id=acting.association_id if acting else None,
        actor=_who(acting, account_id, now),
        outcome=outcome,
        now=now,
    )


def _who(acting: ActingMembership | None, account_id: UUID | None, now: datetime) -> Actor:
    """A refusal is an answer, and logged, even while the keys of the pseudonyms cannot be read."""
    try:
        if acting:
            return actor(acting, now)
        return named("account", account_id, now) if account_id else UNREADABLE
    except (Unreadable, Error):
        return UNREADABLE


def answer(request: HttpRequest, why: Denied) -> HttpResponse:
    """401 with what was typed or a way to sign in, 403 with a sentence and a next step; for the API, a code."""
    api = request.path_info.startswith("/api/")
    if why is Denied.NOT_SIGNED_IN:
        audit.count_denied(Stranger.PAGE.value, now=clock.now())
        if api:
            return JsonResponse({"code": why.value}, status=401)
        if request.method == "POST" and (page := sending.session_over(request)):
            return page
        query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return HttpResponseRedirect(reverse("account_login") + (f"?{query}" if query else ""))
    acting: ActingMembership | None = getattr(request, "acting", None)
    if why is not Denied.SECOND_FACTOR:  # a step that is still missing, not a page asked for without right
        log(why.value, acting, UUID(str(request.user.pk)))
    if api:
        return JsonResponse({"code": why.value}, status=403)
    return render(request, "403.html", {"why": why.value, "openers": _openers(request)}, status=403)


def _openers(request: HttpRequest) -> list[str | Promise]:
    """The roles that open the page, in words; none where its rule names no role."""
    match = request.resolver_match
    rule = access_rule_of(match.func, match.view_name) if match else None
    return [LABELS[role] for role in Role if role in rule] if isinstance(rule, frozenset) else []
