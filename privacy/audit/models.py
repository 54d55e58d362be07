"""Three things that only grow: what happened today (pending), what can no longer be changed (entries), what
was promised (checkpoints).

Rule of the module: no column knows more than a day, no row is ever updated, save that a body (and the
association it names) is emptied once its year is over. Grants and triggers in the migrations enforce it;
nothing here is trusted to.
"""

import uuid

from django.db import models

from privacy.audit.events import DONE


class PendingEvent(models.Model):
    """Something that happened on a day that is not sealed yet. Inserted by anyone, read and removed by the sealing alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField()
    event = models.CharField(max_length=40)
    association_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40, blank=True, default="")
    count = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=30, default=DONE)

    class Meta:
        indexes = [models.Index(fields=["day", "actor"], name="audit_pending_by_actor")]


class LogEntry(models.Model):
    """One leaf of the tree, at its place. `body` and `association_id` are emptied from `expires_on` on; the rest stays."""

    index = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    day = models.DateField()
    expires_on = models.DateField()
    commitment = models.BinaryField()
    leaf_hash = models.BinaryField()
    association_id = models.UUIDField(null=True)
    body = models.TextField(null=True)  # noqa: DJ001 - NULL is a body forgotten; a text, for its spelling is committed to

    class Meta:
        indexes = [
            models.Index(fields=["association_id", "day"], name="audit_by_association"),
            models.Index(
                fields=["expires_on"], condition=models.Q(body__isnull=False), name="audit_body_expiry"
            ),
        ]


class Checkpoint(models.Model):
    """A signed promise: the first `size` entries of `origin` have this root. Public: whoever keeps one can check us."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    origin = models.CharField(max_length=200)
    size = models.BigIntegerField()
    root = models.BinaryField()
    day = models.DateField()
    note = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "size"], name="one_checkpoint_a_size")]


class LastPromise(models.Model):
    """The one newest promise that the worker's folder knows, and the day on which it was last told here (see `promise`).

    verifier: the public key that checks it, as `audit_key` prints it; "" until the worker tells it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    day = models.DateField()
    origin = models.CharField(max_length=200)
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    verifier = models.CharField(max_length=300, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_last_promise")]


class AnonymousCounter(models.Model):
    """How often strangers were refused on a day, by kind, up to a ceiling; becomes one entry when the day is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField()
    kind = models.CharField(max_length=30)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "kind"], name="one_counter_a_day_and_kind")]
