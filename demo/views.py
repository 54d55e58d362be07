"""The role switcher: one click to another account of the demonstration, without password. Invented accounts only.

Rule of the module: it opens nothing outside a demonstration, and nobody but the accounts that the seed made,
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

from demo.accounts import DEMO_ACCOUNTS, DemoAccount
from demo.associations import SHOWN
from outreach.access import login_not_required
from outreach.members.models import Account
from outreach.roles import LABELS
from privacy.compat import record_authentication
from privacy.db.scope import Scope, use_tenant

BACKEND = "outreach.members.backends.AccountBackend"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Show the accounts; on POST, sign in as one."""
    if not getattr(settings, "DEMO", False):
        raise Http404
    wanted = request.POST.get("demo_account")
    chosen = next((demo_account for demo_account in DEMO_ACCOUNTS if demo_account.login == wanted), None)
    if chosen is not None and _sign_in(request, chosen):
        return redirect("home")
    missing = request.method == "POST"
    return render(
        request,
        "demo/switch.html",
        {"groups": _groups(), "missing": missing},
        status=400 if missing else 200,
    )


def _sign_in(request: HttpRequest, demo_account: DemoAccount) -> bool:
    """Sign in as that account, with the second factor its role needs. False when the seed never made it."""
    with use_tenant(Scope(login_email=demo_account.email)):
        account = Account.objects.filter(email=demo_account.email, is_active=True).first()
    if account is None:
        return False
    with use_tenant(Scope(account_id=account.id)):
        if request.session.get(SESSION_KEY) not in (None, str(account.id)):
            request.session.flush()
        login(request, account, backend=BACKEND)
        record_authentication(request, account, method="password")
        factor = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
        if factor is not None:
            record_authentication(request, account, method="mfa", id=factor.pk, type=factor.type)
    return True


def _groups() -> list[tuple[str, list[tuple[DemoAccount, str, str]]]]:
    """Accounts by association, each with its words and what it is for."""
    found = []
    for association in SHOWN:
        demo_accounts = [
            (
                demo_account,
                ", ".join(str(LABELS[role]) for role in demo_account.roles),
                _sentence(demo_account),
            )
            for demo_account in DEMO_ACCOUNTS
            if demo_account.association == association.slug
        ]
        if demo_accounts:
            found.append((association.name, demo_accounts))
    return found


def _sentence(demo_account: DemoAccount) -> str:
    """What the account lets one try, in a few words."""
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
    }[demo_account.login]
