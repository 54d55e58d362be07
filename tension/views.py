"""The role switcher: one click to another seat of the demonstration, without password. Invented accounts only.

Rule of the room: it opens nothing outside a demonstration, and nobody but the accounts that the seed made,
whose data is invented and whose password is printed on the terminal anyway.
"""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY, login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from outreach.access import public
from outreach.members.models import Account
from outreach.roles import LABELS
from privacy.compat import record_authentication
from privacy.db.scope import Scope, acting
from tension.demo.accounts import SEATS, Seat
from tension.demo.house import SHOWN

BACKEND = "outreach.members.backends.AccountBackend"


@public
@never_cache
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Show the seats; on POST, sit down on one."""
    if not getattr(settings, "DEMO", False):
        raise Http404
    wanted = request.POST.get("seat")
    chosen = next((seat for seat in SEATS if seat.login == wanted), None)
    if chosen is not None and _sit(request, chosen):
        return redirect("home")
    missing = request.method == "POST"
    return render(
        request,
        "tension/switch.html",
        {"groups": _groups(), "missing": missing},
        status=400 if missing else 200,
    )


def _sit(request: HttpRequest, seat: Seat) -> bool:
    """Sign in as the seat's account, with the second factor its role needs. False when the seed never made it."""
    with acting(Scope(login_email=seat.email)):
        account = Account.objects.filter(email=seat.email, is_active=True).first()
    if account is None:
        return False
    with acting(Scope(account_id=account.id)):
        if request.session.get(SESSION_KEY) not in (None, str(account.id)):
            request.session.flush()
        login(request, account, backend=BACKEND)
        record_authentication(request, account, method="password")
        factor = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
        if factor is not None:
            record_authentication(request, account, method="mfa", id=factor.pk, type=factor.type)
    return True


def _groups() -> list[tuple[str, list[tuple[Seat, str, str]]]]:
    """Seats by association, each with its words and what it is for."""
    found = []
    for association in SHOWN:
        seats = [
            (seat, ", ".join(str(LABELS[role]) for role in seat.roles), _sentence(seat))
            for seat in SEATS
            if seat.association == association.slug
        ]
        if seats:
            found.append((association.name, seats))
    return found


def _sentence(seat: Seat) -> str:
    """What the seat lets one try, in a few words."""
    return {
        "worker": _("Une tournée est ouverte ce soir : compter, noter une rencontre."),
        "lead": _("Prévoir, ouvrir et clore les tournées de son équipe."),
        "coordinator": _("Les semaines passées, par carré d’un kilomètre."),
        "admin": _("Membres, invitations, équipes, échéances."),
        "auditor": _("Ce qui devait disparaître, ce qui a disparu, la preuve."),
        "partner": _("Rien encore : ses pages ne sont pas faites."),
        "worker.soupe": _("Les mêmes rues, une autre association : rien de la première ne se voit."),
        "lead.soupe": _("Prévoir, ouvrir et clore les tournées de son équipe."),
        "coordinator.soupe": _("Sa carte à elle : rien de la première association."),
        "lead.veilleurs": _("Une seule équipe, en véhicule, sur la rive gauche."),
        "coordinator.veilleurs": _("Une association d’une seule équipe : presque rien n’a de nombre."),
        "admin.premiers": _("Une association qui commence : inviter, créer la première équipe."),
        "coordinator.premiers": _("Le premier jour : ce qui manque, et qui l’apporte."),
        "worker.premiers": _("Le premier soir, avant toute équipe."),
        "auditor.premiers": _("Rien à vérifier encore : le registre est vide."),
    }[seat.login]
