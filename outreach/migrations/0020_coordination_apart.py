"""Nobody coordinates and works in a team by one membership (ADR 26). Who held both keeps the team: a round may be open tonight."""

from django.db import migrations, models

from privacy.db.rowsecurity import sql

APART = models.Q(
    models.Q(("roles__contains", ["coordinator"]), _negated=True),
    models.Q(("roles__overlap", ["lead", "worker"]), _negated=True),
    _connector="OR",
)
KEEP_THE_TEAM = """
UPDATE {table} SET roles = array_remove(roles, 'coordinator')
WHERE 'coordinator' = ANY (roles) AND roles::text[] && '{{lead,worker}}'
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0019_links_end_with_access")]

    operations = [
        sql(KEEP_THE_TEAM.format(table="outreach_invitation")),
        sql(KEEP_THE_TEAM.format(table="outreach_membership")),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(condition=APART, name="no_invited_coordinator_in_the_field"),
        ),
        migrations.AddConstraint(
            "membership", models.CheckConstraint(condition=APART, name="no_coordinator_in_the_field")
        ),
    ]
