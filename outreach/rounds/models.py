"""A round: one team, one night (noon to noon), the sectors it planned. Hours, not minutes; a crew as a number, not names.

What was walked follows people and is not kept by area; the plan is the team's, and it is what coverage and releases count.
"""

import uuid
from datetime import date, time

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.associations.models import Association
from outreach.members.models import Team
from outreach.names import natural
from outreach.places.models import Sector

CALLED_OFF = ("cancelled", "not_walked")
"""States of a plan that does not hold: taken back before its night, or told afterwards that nobody went."""


class Round(models.Model):
    """One night of one team.

    closed_on: the night of its last close, kept when it is reopened: its plan is in the sums already. phone_count: how many
    phones had it on their screen, so that a lead knows how many have not sent their counts. planned_start: on the association's
    clock, forgotten once the round left; before noon it is of the night's second day.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("prévue")
        OPEN = "open", _("en cours")
        CLOSED = "closed", _("close")
        CANCELLED = "cancelled", _("annulée")
        NOT_WALKED = "not_walked", _("pas faite")

    class Shift(models.TextChoices):
        NIGHT = "night", _("nuit")
        DAY = "day", _("jour")

    class Transport(models.TextChoices):
        FOOT = "foot", _("à pied")
        VEHICLE = "vehicle", _("en véhicule")

    class Cold(models.TextChoices):
        NONE = "none", _("pas de plan froid")
        WATCH = "watch", _("vigilance froid")
        COLD = "cold", _("grand froid")
        EXTREME = "extreme", _("froid extrême")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.PROTECT)
    night = models.DateField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    shift = models.CharField(max_length=8, choices=Shift, default=Shift.NIGHT)
    transport = models.CharField(max_length=8, choices=Transport, default=Transport.FOOT)
    cold_level = models.CharField(max_length=8, choices=Cold, default=Cold.NONE)
    planned_start = models.TimeField(null=True, blank=True)
    started_hour = models.PositiveSmallIntegerField(null=True, blank=True)
    ended_hour = models.PositiveSmallIntegerField(null=True, blank=True)
    crew_count = models.PositiveSmallIntegerField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    phone_count = models.PositiveSmallIntegerField(default=0)
    pseudonym = models.UUIDField(default=uuid.uuid4, editable=False)
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "night", "shift"], name="one_round_a_team_and_night"),
            models.CheckConstraint(
                condition=models.Q(started_hour=None) | models.Q(started_hour__lte=23),
                name="started_hour_is_an_hour",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_hour=None) | models.Q(ended_hour__lte=23),
                name="ended_hour_is_an_hour",
            ),
        ]
        indexes = [models.Index(fields=["association", "night"])]

    def in_order(self) -> tuple[object, ...]:
        """What to list rounds by: the night, who leaves first (a night begins at noon), the team."""
        start: time | None = self.planned_start
        night: date = self.night
        return (
            night,
            start is None,
            start is not None and start.hour < 12,
            start or time(),
            natural(self.team.name),
        )


class RoundSector(models.Model):
    """A sector the round planned. Cancelled explicitly, never inferred from what was found there."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="plan")
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT)
    cancelled = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "sector"], name="one_sector_once_a_round")]
