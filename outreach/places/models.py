"""Places of work: sectors that a team plans to walk, and the table that says which square belongs to which.

Rule of the module: PostGIS holds outlines of territories, never a point of a person.
"""

import uuid

from django.contrib.gis.db import models

from outreach.associations.models import Association


class Sector(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    outline = models.MultiPolygonField(srid=4326)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "code"], name="one_sector_a_code")]

    def __str__(self) -> str:
        return self.name


class SectorCell(models.Model):
    """One square of the ladder and the sector it belongs to by largest overlap. Derived, never edited."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    sector = models.ForeignKey(Sector, on_delete=models.CASCADE)
    cell = models.CharField(max_length=40)
    size = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "cell"], name="one_sector_a_cell")]
        indexes = [models.Index(fields=["sector", "size"])]
