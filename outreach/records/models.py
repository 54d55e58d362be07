"""What a round records of an encounter, with consent, sealed.

Rule of the module: no column says where, who, what was needed or when within the night. A record knows its round, nothing finer;
its id is random; there is no serial number and no creation time (order is a track). Blobs have one size per retention class and
are always present: a missing blob or a length would tell who left a note.

`db_constraint=False`: the database holds these references by composite keys (round, association, team) in one check,
so that a row can never name another association's round; see migrations 0003 and 0009.
"""

import uuid
from typing import ClassVar

from django.db import models

from outreach.associations.models import Association
from outreach.members.models import Team
from outreach.rounds.models import Round
from privacy import bands
from privacy.core import envelope
from privacy.core.retention import RetentionClass
from privacy.sealed_sums import SealedSum


class Draft(models.Model):
    """One encounter sealed to the ingress key, waiting for the round to close. The server cannot tell what it holds.

    `sender`: a keyed number of the account on this round (`outreach.rounds.limits`), None for one of the version before.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, db_constraint=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_constraint=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, db_constraint=False)
    phone = models.UUIDField()
    sender = models.UUIDField(null=True)
    key_id = models.UUIDField()
    blob = models.BinaryField()
    expires_on = models.DateField()


class Quarantine(models.Model):
    """A draft that could not be taken, sealed, with its sealed reason, until it expires: never dropped, never half written."""

    id = models.UUIDField(primary_key=True, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, db_constraint=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_constraint=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, db_constraint=False)
    key_id = models.UUIDField()
    blob = models.BinaryField()
    sealed_reason = models.BinaryField()
    born_to = models.DateField()
    expires_on = models.DateField()


class Tombstone(models.Model):
    """That a draft was received, withdrawn or refused: late copies of it change nothing. `digest` is of the ciphertext only.

    `sender` as in `Draft`, for what was erased or came late: so many a member may bring. None for what was held until the close.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, db_constraint=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_constraint=False)
    digest = models.BinaryField()
    sender = models.UUIDField(null=True)
    expires_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_on"]),
            models.Index(
                fields=["sender"], name="tombstone_of_sender", condition=models.Q(sender__isnull=False)
            ),
        ]


class ConsentEvent(models.Model):
    """A person's yes or its withdrawal, for one record and one purpose. Append-only.

    Only `zone` is a clear row, because the database itself refuses a record without it; a clear row for another purpose would
    tell who asked to be seen again or left a sentence.
    """

    class Decision(models.TextChoices):
        GIVEN = "given"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, db_constraint=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_constraint=False)
    subject = models.UUIDField()
    purpose = models.CharField(max_length=10)
    decision = models.CharField(max_length=10, choices=Decision)
    sequence = models.PositiveSmallIntegerField()
    notice_version = models.CharField(max_length=20)
    actor = models.UUIDField()
    night = models.DateField()
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "purpose", "sequence"], name="one_event_a_step"),
            models.CheckConstraint(condition=models.Q(purpose="zone"), name="only_zone_is_clear"),
        ]
        indexes = [models.Index(fields=["expires_on"])]


class Record(models.Model):
    """One encounter kept with consent. The blob holds the square and everything else; the round holds the night."""

    id = models.UUIDField(primary_key=True, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, db_constraint=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_constraint=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, db_constraint=False)
    policy_version = models.CharField(max_length=16)
    born_to = models.DateField()
    expires_on = models.DateField()
    blob = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["team", "expires_on"]), models.Index(fields=["expires_on"])]


class SealedPart(models.Model):
    """What of a record expires on its own day: the note. Always one row of each kind for every record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, db_constraint=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_constraint=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, db_constraint=False)
    retention_class = models.CharField(max_length=20)
    born_to = models.DateField()
    expires_on = models.DateField()
    blob = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "retention_class"], name="one_part_of_each_kind"),
        ]
        indexes = [models.Index(fields=["expires_on"])]


class RunningQuarter(SealedSum):
    """How often the question was asked and answered in a quarter that can still change; sealed, as a running month is."""

    RETENTION_CLASS: ClassVar = RetentionClass.RUNNING_QUARTER
    PERIOD: ClassVar = "quarter"
    SIZE: ClassVar = envelope.RECORD

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    quarter = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "quarter"], name="one_running_quarter")]


class ConsentCounter(models.Model):
    """How often the question was asked and answered in a finished quarter: the floor of a band, 0, 20 or 50; written once.

    refused_tenth: from 50 answers on, the share of no in whole tenths, rounded down (9 is 90 % to 100 %); else None.
    frozen: False for exact counts of a version before, until the worker has sealed or frozen them.
    """

    association = models.ForeignKey(Association, on_delete=models.CASCADE, db_constraint=False)
    quarter = models.DateField()
    purpose = models.CharField(max_length=10)
    asked = models.PositiveIntegerField(default=0)
    given = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    always_yes = models.BooleanField(default=False)
    refused_tenth = models.PositiveSmallIntegerField(null=True)
    frozen = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(frozen=False)
                | models.Q(
                    asked__in=bands.FLOORS,
                    given__in=bands.FLOORS,
                    refused__in=bands.FLOORS,
                    withdrawn__in=bands.FLOORS,
                ),
                name="a_finished_quarter_is_in_bands",
            ),
            models.CheckConstraint(
                condition=models.Q(refused_tenth=None)
                | models.Q(refused_tenth__lte=9, asked=50, frozen=True),
                name="a_share_of_fifty_answers_or_more",
            ),
            models.UniqueConstraint(
                fields=["association", "quarter", "purpose"], name="one_counter_a_quarter"
            ),
        ]


class Tally(models.Model):
    """Counts of one phone for one round, sealed; no person in it. Sent when the round is closed; a phone has one row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    phone = models.UUIDField()
    blob = models.BinaryField()
    born_to = models.DateField()
    expires_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "phone"], name="one_tally_a_phone_and_round")]


class RunningMonth(SealedSum):
    """Totals of an association's month while something can still be added; sealed, or two dumps would tell one phone's counts."""

    RETENTION_CLASS: ClassVar = RetentionClass.RUNNING_MONTH
    PERIOD: ClassVar = "month"
    SIZE: ClassVar = envelope.RECORD

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    month = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "month"], name="one_running_month")]


class TallyMonth(models.Model):
    """Totals of an association's month, without area: multiples of `few`, written once, when nothing can change them any more.

    frozen: False for an exact line of a version before, until the worker has sealed or frozen it.
    """

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    month = models.DateField()
    totals = models.JSONField(default=dict)
    frozen = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "month"], name="one_total_a_month")]


class Handover(models.Model):
    """A transmission to the next team: sealed, expiring, of the round and not of a person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    blob = models.BinaryField()
    born_to = models.DateField()
    expires_on = models.DateField()
