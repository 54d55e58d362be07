"""Accepting an invitation: the link is opened, its hash goes into the session, and only then the page says who invites.

Rule of the module: the token stands behind the # of the link, which a browser sends to nobody: not to this server's log, not to
a proxy, not as a referrer. A small script hands it over by POST; without scripts one pastes the link.
"""

from collections.abc import Callable

from allauth.account.models import Login
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from outreach.access import login_not_required
from outreach.members import invitations, limits, mfa_signals, sessions
from outreach.members.access_denied import Stranger
from outreach.members.forms import JoinForm, PasswordForm, TokenForm
from outreach.members.invitations import Invited
from outreach.members.locks import lock_people
from outreach.members.models import Account
from outreach.roles import LABELS, STRONG
from privacy import clock
from privacy.audit import services as audit
from privacy.compat import perform_login, record_authentication
from privacy.db.scope import Scope, use_tenant

HASH = "invitation"
"""Session key: SHA-256 of the token of the invitation being accepted, in hexadecimal."""


def _too_many(request: HttpRequest) -> HttpResponse | None:
    """The 429 page when this network tried too many links that do not exist; counted for the log."""
    refused = limits.too_many_dead_links(request)
    if refused is not None:
        audit.count_denied(Stranger.RATE.value, now=clock.now())
    return refused


@login_not_required
@sensitive_post_parameters("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest) -> HttpResponse:
    """Where every invitation link leads."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        token_hash: bytes = form.cleaned_data["token"]
        if invitations.find(token_hash) is not None:
            request.session[HASH] = token_hash.hex()
            return HttpResponseRedirect(reverse("invitation_accept"))
        refused = _too_many(request)
        if refused is not None:
            return refused
        audit.count_denied(Stranger.LINK.value, now=clock.now())
        return _dead(request)
    return render(request, "outreach/members/invitation.html", {"form": form})


@login_not_required
@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Who invites, as what; then a name and a password, or one more association for an account one has."""
    invited = _invited(request)
    if invited is None:
        request.session.pop(HASH, None)
        return _dead(request)
    account = invitations.account_of(invited)
    if request.user.is_authenticated:
        return _as_signed_in(request, invited, account)
    return _with_password(request, invited, account)


def _invited(request: HttpRequest) -> Invited | None:
    try:
        return invitations.find(bytes.fromhex(request.session[HASH]))
    except (KeyError, ValueError, TypeError):
        return None


def _page(
    request: HttpRequest, invited: Invited, step: str, form: PasswordForm | None = None
) -> HttpResponse:
    roles = [LABELS[role] for role in LABELS if role in invited.roles]
    context = {
        "invited": invited,
        "roles": roles,
        "step": step,
        "form": form,
        "strong": bool(invited.roles & STRONG),
    }
    return render(request, "outreach/members/invitation_accept.html", context)


def _as_signed_in(request: HttpRequest, invited: Invited, account: Account | None) -> HttpResponse:
    if account is None or account.pk != request.user.pk:
        return _page(request, invited, "other-account")
    if request.method != "POST":
        return _page(request, invited, "join")
    joined = _join(request, invited, lambda: account)
    return HttpResponseRedirect(reverse("home")) if joined else _dead(request)


def _with_password(request: HttpRequest, invited: Invited, account: Account | None) -> HttpResponse:
    """One page, whoever has the address: whoever made the link could else read from it who works in another association."""
    person = Account(email=invited.email)
    person.known_words = (invited.association_name,)  # type: ignore[attr-defined]
    form = JoinForm(request.POST if request.method == "POST" else None, account=person)
    if form.is_valid():
        name, password = form.cleaned_data["display_name"], form.cleaned_data["password"]
        if account is None and not name:
            form.add_error("display_name", _("Choisissez un prénom ou un surnom."))
        elif account is None:
            language = (get_language() or "fr")[:5]
            return _enter(
                request, invited, lambda: invitations.open_account(invited, name, password, language)
            )
        elif invitations.may_choose_password(invited, account):
            return _enter(
                request,
                invited,
                lambda: invitations.choose_password(invited, account, password, name),
                changed=True,
            )
        else:
            audit.count_denied(Stranger.LINK.value, now=clock.now())
            form.add_error(None, _("Ce compte garde son mot de passe. Connectez-vous : vous reviendrez ici."))
    return _page(request, invited, "open", form)


def _join(request: HttpRequest, invited: Invited, prepare: Callable[[], Account]) -> Account | None:
    """Prepare the account and use the invitation up, both or neither; None when somebody was faster with the same link."""
    request.session.pop(HASH, None)
    try:
        with use_tenant(invited.scope), transaction.atomic():
            lock_people(invited.association_id)  # before any account: everybody takes the two in this order
            account = prepare()
            membership = invitations.join(invited, account, now=clock.now())
    except (LookupError, IntegrityError):
        return None
    request.session[sessions.MEMBERSHIP] = str(membership.id)
    return account


def _enter(
    request: HttpRequest, invited: Invited, prepare: Callable[[], Account], *, changed: bool = False
) -> HttpResponse:
    """Join, then sign in as the library does: with the second factor, where the account has one."""
    account = _join(request, invited, prepare)
    if account is None:
        return _dead(request)
    with use_tenant(Scope(account_id=account.id)):
        # The password was typed on this very page: setting up a second factor need not ask for it again.
        record_authentication(request, account, "password", reauthenticated=True)
        if changed:
            mfa_signals.password_changed(request, account)
        request.session.set_expiry(0)  # as after any sign-in: the row says until when, not the cookie
        answer: HttpResponse = perform_login(request, Login(user=account, redirect_url=reverse("home")))
    return answer


def _dead(request: HttpRequest) -> HttpResponse:
    """A link that is unknown, used, withdrawn or too old: one answer for all, which tells a guesser nothing."""
    return render(request, "outreach/members/invitation_dead.html", status=410)
