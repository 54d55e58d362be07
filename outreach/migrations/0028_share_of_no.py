"""The share of no of a finished quarter, in tenths, from 50 answers on; quarters that are frozen already have none."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("outreach", "0027_lines_as_shown")]

    operations = [
        migrations.AddField("consentcounter", "refused_tenth", models.PositiveSmallIntegerField(null=True)),
        migrations.AddConstraint(
            "consentcounter",
            models.CheckConstraint(
                condition=Q(refused_tenth=None) | Q(refused_tenth__lte=9, asked=50, frozen=True),
                name="a_share_of_fifty_answers_or_more",
            ),
        ),
    ]
