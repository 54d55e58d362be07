"""How many phones had a round on their screen: a number beside the crew, for the lead who closes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0029_one_job_a_file")]

    operations = [
        migrations.AddField("round", "phone_count", models.PositiveSmallIntegerField(default=0)),
    ]
