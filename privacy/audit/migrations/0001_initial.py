"""Pending events, entries, checkpoints, and the counter of strangers."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PendingEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("day", models.DateField()),
                ("event", models.CharField(max_length=40)),
                ("association_id", models.UUIDField(null=True)),
                ("actor", models.CharField(max_length=80)),
                ("subject_kind", models.CharField(blank=True, default="", max_length=40)),
                ("count", models.PositiveIntegerField(null=True)),
                ("outcome", models.CharField(default="done", max_length=30)),
            ],
        ),
        migrations.CreateModel(
            name="AnonymousCounter",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=30)),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "kind"), name="one_counter_a_day_and_kind")
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("origin", models.CharField(max_length=200)),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("day", models.DateField()),
                ("note", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("origin", "size"), name="one_checkpoint_a_size")
                ],
            },
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.UUIDField(unique=True)),
                ("day", models.DateField()),
                ("expires_on", models.DateField()),
                ("commitment", models.BinaryField()),
                ("leaf_hash", models.BinaryField()),
                ("association_id", models.UUIDField(null=True)),
                ("body", models.JSONField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["association_id", "day"], name="audit_by_association"),
                    models.Index(
                        condition=models.Q(("body__isnull", False)),
                        fields=["expires_on"],
                        name="audit_body_expiry",
                    ),
                ],
            },
        ),
    ]
