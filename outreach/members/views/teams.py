"""The teams of an association: a name, and whether the team still walks."""

from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from outreach.access import membership_of
from outreach.members import invitations, services
from outreach.members.actors import actor
from outreach.members.forms import TeamForm
from outreach.members.models import Team
from outreach.members.views.people import administrators
from outreach.names import natural
from privacy import clock


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def teams(request: HttpRequest) -> HttpResponse:
    """The teams with how many people are in each, and the form for a new one."""
    acting, now = membership_of(request), clock.now()
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_team(
                acting.association_id, form.cleaned_data["name"], actor=actor(acting, now), now=now
            )
        except IntegrityError:
            form.add_error("name", _("Une équipe porte déjà ce nom."))
        except services.TooManyTeams:
            form.add_error(
                "name",
                _("Il y a déjà %(most)d équipes, celles au repos comprises. Réactivez l’une d’elles.")
                % {"most": services.MOST_TEAMS},
            )
        else:
            messages.success(request, _("L’équipe est créée. Ajoutez-y des membres."))
            return HttpResponseRedirect(reverse("coordination:teams"))
    links = invitations.open_links_by_team(acting.association_id)
    found = Team.objects.filter(association_id=acting.association_id).annotate(
        people=Count("teammembership", filter=Q(teammembership__membership__ended_on=None))
    )
    rows = [
        {
            "id": team.id,
            "name": team.name,
            "active": team.active,
            "people": team.people,
            "links": links[team.id] if team.active else 0,
        }
        for team in sorted(found, key=lambda team: (not team.active, natural(team.name)))
    ]
    return render(request, "outreach/members/teams.html", {"rows": rows, "form": form})


@administrators
@require_POST
def set_active(request: HttpRequest, team: UUID) -> HttpResponse:
    """Rest a team, or let it walk again."""
    acting, now = membership_of(request), clock.now()
    row = get_object_or_404(Team, id=team, association_id=acting.association_id)
    services.set_team_active(row, not row.active, actor=actor(acting, now), now=now)
    messages.success(request, _("L’équipe est active.") if row.active else _("L’équipe est au repos."))
    return HttpResponseRedirect(reverse("coordination:teams"))
