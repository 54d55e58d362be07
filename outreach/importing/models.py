"""An import of records from a file: how far it came, so that it resumes, and which lines were set aside.

Rule of the module: of a line set aside, its number and a reason from a closed list; never its content.
"""

import uuid

from django.db import models

from outreach.associations.models import Association
from outreach.members.models import Team


class ImportJob(models.Model):
    """One file for one team, whatever the mapping: a column more does not make its lines new."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    file_digest = models.BinaryField()
    next_line = models.PositiveIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)
    tallied = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    finished = models.BooleanField(default=False)
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["association", "team", "file_digest"], name="one_job_a_file")
        ]


class ImportLine(models.Model):
    """A line set aside, or like one of another file: its number and a reason from a closed list."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE)
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="one_reason_a_line")]


class ImportedRow(models.Model):
    """That a line was imported: a keyed digest, so that no re-run and no other file brings it in again, even erased.

    `expires_on`: with the record of that line, and so does the key. Of a line that was only counted, by the day of the import.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    expires_on = models.DateField()
