"""What an administrator sees and does of the members: who is here, with which roles, who is invited, who left. No map."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outreach.access import membership_of, require_role
from outreach.associations.models import Association
from outreach.members import approvals, invitations, mail, services
from outreach.members.actors import actor
from outreach.members.forms import InviteForm, RolesForm
from outreach.members.models import Invitation, Membership, Team
from outreach.members.views.requests import waiting, words
from outreach.names import natural
from outreach.roles import Role
from privacy import clock
from privacy.audit.actors import Actor
from privacy.audit.events import Event

administrators = require_role(Role.ADMIN)

NO_WITNESS = gettext_lazy(
    "Rien n’a changé : personne d’autre ne verrait cette demande."
    " Invitez d’abord quelqu’un à l’administration ou au contrôle, ou demandez à qui fait tourner le serveur."
)
NOT_ALONE = gettext_lazy(
    "Rien n’a changé : il n’y avait rien à retirer, ou ce compte ne dépend pas de vous seul."
    " Mettre fin à l’accès ferme vos pages aussitôt."
)
"""One sentence for two cases: whether an address is known elsewhere is not an administrator's to learn."""


def withdrawn(links: int) -> str:
    """What a change did to open links, to stand after its own sentence; "" when there was none."""
    if not links:
        return ""
    said = ngettext("%(links)d lien ouvert est retiré.", "%(links)d liens ouverts sont retirés.", links)
    return " " + said % {"links": links}


def _teams(request: HttpRequest) -> Any:
    return Team.objects.filter(association_id=membership_of(request).association_id, active=True)


def _member(request: HttpRequest, member: UUID) -> Membership:
    mine = Membership.objects.select_related("account", "association")
    return get_object_or_404(mine, id=member, association_id=membership_of(request).association_id)


@administrators
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Everybody of the association, who is invited, and who left and when that is forgotten."""
    acting = membership_of(request)
    today = clock.today()
    rows = Membership.objects.filter(association_id=acting.association_id).select_related(
        "account", "association"
    )
    everybody = [
        {
            "id": row.id,
            "name": row.account.display_name or row.account.email,
            "email": row.account.email,
            "roles": words(row.roles),
            "teams": sorted((place.team.name for place in row.teammembership_set.all()), key=natural),
            "me": row.id == acting.membership_id,
            "ended_on": row.ended_on,
            "forgotten_on": services.forgotten_on(row, row.association),
        }
        for row in rows.prefetch_related("teammembership_set__team").order_by("id")
    ]
    everybody.sort(key=lambda row: natural(str(row["name"])))
    open_invitations = [
        {"id": row.id, "email": row.email, "roles": words(row.roles), "expires_on": row.expires_on}
        for row in Invitation.objects.filter(
            association_id=acting.association_id, accepted_on=None, expires_on__gt=today
        ).order_by("expires_on", "email")
    ]
    context = {
        "present": [row for row in everybody if row["ended_on"] is None],
        "former": [row for row in everybody if row["ended_on"] is not None],
        "invitations": open_invitations,
        "requests": waiting(acting, today),
        "today": today,
    }
    return render(request, "outreach/members/members.html", context)


@administrators
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Make a link. The answer to the form shows it, once; it is stored nowhere, not even in the session."""
    here = membership_of(request).association_id
    form = InviteForm(request.POST or None, teams=_teams(request), association_id=here)
    if request.method == "POST" and form.is_valid():
        by_mail = form.cleaned_data.get("by_mail", False)
        try:
            return _show_link(
                request, form.cleaned_data["email"], form.chosen_roles, form.chosen_teams, by_mail
            )
        except invitations.TooManyLinks:
            form.add_error(
                "email",
                _("%(most)d liens sont ouverts : retirez-en, ou attendez qu’ils servent ou expirent.")
                % {"most": invitations.MOST_OPEN},
            )
    return render(request, "outreach/members/invite.html", {"form": form})


def _show_link(
    request: HttpRequest,
    email: str,
    roles: Iterable[Role],
    teams: Iterable[Team],
    by_mail: bool = False,
    event: Event = Event.INVITATION_MADE,
) -> HttpResponse:
    acting, now = membership_of(request), clock.now()
    association = Association.objects.get(id=acting.association_id)
    token = invitations.invite(
        association,
        email,
        roles,
        teams,
        actor=actor(acting, now),
        now=now,
        made_by=acting.membership_id,
        event=event,
    )
    made = Invitation.objects.get(association=association, email=email.strip().lower(), accepted_on=None)
    link = request.build_absolute_uri(reverse("invitation")) + "#" + token
    context = {
        "link": link,
        "email": made.email,
        "expires_on": made.expires_on,
        "today": now.astimezone(UTC).date(),
        "mail": "sent"
        if by_mail and mail.send_invitation(made.email, association.name, link)
        else "failed"
        if by_mail
        else "",
    }
    return render(request, "outreach/members/invited.html", context)


@administrators
@require_POST
def withdraw(request: HttpRequest, invitation: UUID) -> HttpResponse:
    """Shut an open invitation."""
    acting, now = membership_of(request), clock.now()
    found = Invitation.objects.filter(id=invitation)
    get_object_or_404(found, association_id=acting.association_id, accepted_on=None)
    invitations.withdraw(found, acting.association_id, actor=actor(acting, now), now=now)
    messages.success(request, _("L’invitation est retirée. Son lien n’ouvre plus rien."))
    return HttpResponseRedirect(reverse("coordination:members"))


@administrators
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, member: UUID) -> HttpResponse:
    """One member: roles and teams, and what can be done about a lost phone or password."""
    row, me = _member(request, member), membership_of(request).membership_id
    own = row.id == me
    teams = [place.team_id for place in row.teammembership_set.all()]
    form = RolesForm(
        request.POST or None, teams=_teams(request), initial={"roles": row.roles, "teams": teams}
    )
    if request.method == "POST" and form.is_valid():

        def change(who: Actor, now: datetime) -> str:
            if own and services.widens(row, form.chosen_roles, form.chosen_teams):
                approvals.ask(row, form.chosen_roles, form.chosen_teams, actor=who, now=now)
                return _("Votre demande est notée. Rien ne change avant qu’une autre personne la confirme.")
            shut = services.change_access(
                row, form.chosen_roles, form.chosen_teams, by=me, actor=who, now=now
            )
            return _("Les rôles et les équipes sont enregistrés.") + withdrawn(shut)

        return _act(request, row, change)
    links, made = invitations.count_links(row)
    context = {
        "row": row,
        "form": form,
        "roles": words(row.roles),
        "links": links,
        "made": made,
        "me": own,
    }
    return render(request, "outreach/members/member.html", context)


def _act(request: HttpRequest, row: Membership, change: Callable[[Actor, datetime], str]) -> HttpResponse:
    """Do one thing to a member and say what was done, or why not."""
    now = clock.now()
    try:
        messages.success(request, change(actor(membership_of(request), now), now))
    except services.LastAdministrator:
        messages.error(
            request,
            _(
                "Rien n’a changé : l’association n’aurait plus d’administration. Donnez d’abord ce rôle à quelqu’un."
            ),
        )
    except approvals.NoWitness:
        messages.error(request, NO_WITNESS)
    except (
        services.NeedsAnother
    ):  # what one may do alone when the page was read, and no more when it was sent
        messages.error(request, _("Rien n’a changé : vos rôles ont changé entre-temps. Recommencez."))
    except services.WorksElsewhere:
        messages.error(
            request,
            NOT_ALONE,
        )
    return HttpResponseRedirect(reverse("coordination:member", args=[row.id]))


@administrators
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, member: UUID) -> HttpResponse:
    """First what would happen, then the end of a membership."""
    row = _member(request, member)
    if request.method == "POST":

        def change(who: Actor, now: datetime) -> str:
            shut = services.end(row, actor=who, now=now)
            return _("Cette personne n’a plus accès. Vous pouvez encore annuler.") + withdrawn(shut)

        return _act(request, row, change)
    days = row.association.policy.account_days
    links = invitations.links_of(row, made_too=True).count()
    return render(request, "outreach/members/member_end.html", {"row": row, "days": days, "links": links})


@administrators
@require_POST
def take_back(request: HttpRequest, member: UUID) -> HttpResponse:
    """Undo the end of a membership."""

    def change(who: Actor, now: datetime) -> str:
        services.take_back(row, actor=who, now=now)
        return _("Cette personne a de nouveau accès, avec les mêmes rôles et équipes.")

    row = _member(request, member)
    return _act(request, row, change)


@administrators
@require_POST
def sign_out(request: HttpRequest, member: UUID) -> HttpResponse:
    """End every session of a member."""

    def change(who: Actor, now: datetime) -> str:
        services.sign_out(row, actor=who, now=now)
        return _("Tous les appareils de cette personne sont déconnectés.")

    row = _member(request, member)
    return _act(request, row, change)


@administrators
@require_POST
def reset_factors(request: HttpRequest, member: UUID) -> HttpResponse:
    """Take away a lost second factor."""
    row, now = _member(request, member), clock.now()
    if services.reset_second_factor(row, actor=actor(membership_of(request), now), now=now):
        messages.success(
            request, _("La connexion en deux étapes est retirée. Cette personne devra l’activer de nouveau.")
        )
    else:
        messages.error(request, NOT_ALONE)
    return HttpResponseRedirect(reverse("coordination:member", args=[row.id]))


@administrators
@never_cache
@require_POST
def new_link(request: HttpRequest, member: UUID) -> HttpResponse:
    """A link for somebody who lost the password: the same roles and teams, by a new invitation."""
    row = _member(request, member)
    teams = Team.objects.filter(teammembership__membership=row)
    roles = {Role(role) for role in row.roles}
    return _show_link(request, row.account.email, roles, list(teams), event=Event.ACCOUNT_LINK_MADE)
