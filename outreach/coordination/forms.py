"""Planning a round: team, night, sectors, hour.

Rule of the module: what one may choose is what the membership may see; a lead is offered the own teams only.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.forms.fields import ClockTime
from outreach.members.models import Team
from outreach.names import natural
from outreach.places.models import Sector
from outreach.rounds.models import Round


class PlanForm(forms.Form):
    """What is missing is told by our sentences; the browser tells a date or a time typed by half, which it would send as none."""

    use_required_attribute = False

    team = forms.ModelChoiceField(Team.objects.none(), label=_("Équipe"))
    night = forms.DateField(
        label=_("Nuit du"),
        help_text=_("La nuit porte la date du jour où elle commence."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    planned_start = ClockTime(
        label=_("Heure de départ"),
        help_text=_(
            "Après minuit, gardez la date du soir : un départ à 1 h 30 appartient à la nuit commencée la veille."
        ),
        required=False,
    )
    transport = forms.ChoiceField(
        label=_("Déplacement"), choices=Round.Transport.choices, initial=Round.Transport.FOOT
    )
    sectors = forms.ModelMultipleChoiceField(
        Sector.objects.none(), label=_("Secteurs prévus"), widget=forms.CheckboxSelectMultiple
    )

    has_team: bool
    has_sector: bool

    def __init__(self, *args: Any, association_id: Any, team_ids: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(association_id=association_id, active=True)
        if team_ids is not None:
            teams = teams.filter(id__in=team_ids)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        offered = sorted(teams, key=lambda team: natural(team.name))
        names = [(team.pk, team.name) for team in offered]
        self.fields["team"].choices = [("", _("Choisir une équipe")), *names]  # type: ignore[attr-defined]
        if len(offered) == 1:
            self.fields["team"].initial = offered[0].pk
        self.has_team = bool(offered)
        sectors = Sector.objects.filter(association_id=association_id, active=True).defer("outline")
        named = sorted(sectors, key=lambda sector: natural(sector.name))
        self.fields["sectors"].queryset = sectors  # type: ignore[attr-defined]
        self.fields["sectors"].choices = [(sector.pk, sector.name) for sector in named]  # type: ignore[attr-defined]
        self.has_sector = bool(named)
