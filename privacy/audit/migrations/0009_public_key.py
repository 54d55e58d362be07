"""The log's public key, told to the database by the worker: the auditor's page checks a kept checkpoint with it.

Empty until the worker tells the promise again, within the hour; until then the page says so.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0008_roles_are_acts")]

    operations = [
        migrations.AddField("lastpromise", "verifier", models.CharField(default="", max_length=300))
    ]
