"""A person sees the teams they are in before an association is chosen: the membership is then found in one query."""

from django.db import migrations

from privacy.db.rowsecurity import ACCOUNT, WEB, policy

OWN = (
    "EXISTS (SELECT 1 FROM outreach_membership m"
    f" WHERE m.id = outreach_teammembership.membership_id AND m.account_id = {ACCOUNT})"
)
OWN_TEAM = (
    "EXISTS (SELECT 1 FROM outreach_teammembership t JOIN outreach_membership m ON m.id = t.membership_id"
    f" WHERE t.team_id = outreach_team.id AND m.account_id = {ACCOUNT})"
)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0006_imported_rows")]

    operations = [
        policy("outreach_teammembership", WEB, OWN, command="SELECT", name="web_own"),
        policy("outreach_team", WEB, OWN_TEAM, command="SELECT", name="web_own"),
    ]
