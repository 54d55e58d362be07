"""Keys, in a database of their own. Nothing here is readable without the current KEK epoch, which lies in a
file outside every backup.

    KEK epoch -> bucket key (association x retention class x expiry) -> record secret (record x retention class)

PostgreSQL keeps deleted bytes in its heap and WAL (measured: 992 of 1,000), so destruction means: the epoch
that wrapped them is gone.
"""

import uuid

from django.db import models


class KekEpoch(models.Model):
    """Which KEK epoch wraps the bucket keys. Exactly one row is current; its 32 bytes lie in the KEK folder, never here.

    `owed`: something was destroyed under it, which is final only when it is gone too.
    """

    number = models.PositiveIntegerField(primary_key=True)
    started_on = models.DateField()
    current = models.BooleanField(default=True)
    owed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["current"], condition=models.Q(current=True), name="one_current_epoch"
            )
        ]


class BucketKey(models.Model):
    """The key of what expires together. `version` grows when a withdrawal re-keys the bucket."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association_id = models.UUIDField()
    retention_class = models.CharField(max_length=20)
    expires_on = models.DateField(db_index=True)
    version = models.PositiveIntegerField(default=1)
    epoch = models.PositiveIntegerField()
    wrapped = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["association_id", "retention_class", "expires_on"], name="one_key_a_bucket"
            )
        ]


class RecordSecret(models.Model):
    """32 random bytes per subject and retention class, wrapped by their bucket key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField()
    retention_class = models.CharField(max_length=20)
    bucket = models.ForeignKey(BucketKey, on_delete=models.CASCADE)
    wrapped = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id", "retention_class"], name="one_secret_a_subject_and_class"
            )
        ]


class IngressKey(models.Model):
    """The week's key pair that phones seal to. The private key is wrapped by the KEK and dies 72 h after its week."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    week = models.DateField(unique=True)
    public_key = models.BinaryField()
    epoch = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    dies_on = models.DateField(db_index=True)


class Pepper(models.Model):
    """A long-lived secret for keyed hashes (slips, imports), named by its use and wrapped by the KEK."""

    name = models.CharField(max_length=30, primary_key=True)
    epoch = models.PositiveIntegerField()
    wrapped = models.BinaryField()
