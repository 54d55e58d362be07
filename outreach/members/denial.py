"""A shut gate: what the person reads, and what the log keeps. A member's denial is logged; a stranger's only counted."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from outreach.access import Denied, Seat
from privacy import clock
from privacy.audit import services as audit
from privacy.audit.events import Event

STRONG_SESSION = "strong"
"""Session key: a second factor was proved in this session."""


def answer(request: HttpRequest, why: Denied) -> HttpResponse:
    """401 or a way to sign in, 403 with a sentence and a next step; for the API, a code."""
    api = request.path_info.startswith("/api/")
    if why is Denied.NOT_SIGNED_IN:
        audit.count_denied(why.value, now=clock.now())
        if api:
            return JsonResponse({"code": why.value}, status=401)
        query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return HttpResponseRedirect(reverse("account_login") + (f"?{query}" if query else ""))
    seat: Seat | None = getattr(request, "seat", None)
    if why is not Denied.SECOND_FACTOR:
        audit.record(
            Event.DENIED,
            association_id=seat.association_id if seat else None,
            actor="+".join(sorted(seat.roles)) if seat else "account",
            outcome=why.value,
            now=clock.now(),
        )
    if api:
        return JsonResponse({"code": why.value}, status=403)
    return render(request, "403.html", {"why": why.value}, status=403)
