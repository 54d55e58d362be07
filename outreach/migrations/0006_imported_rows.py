"""Lines that were imported once: known to the importer alone (the worker), invisible to every person's request."""

import django.db.models.deletion
from django.db import migrations, models

from privacy.db.rowsecurity import ALL, tenant_table


class Migration(migrations.Migration):
    dependencies = [("outreach", "0005_members")]

    operations = [
        migrations.CreateModel(
            name="ImportedRow",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("expires_on", models.DateField()),
                (
                    "association",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="outreach.association"),
                ),
            ],
        ),
        *tenant_table("outreach_importedrow", web="", worker=ALL),
    ]
