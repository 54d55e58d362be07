"""An administrator acts on live members only: somebody who left, and works elsewhere now, is that other association's to help."""

from django.db import migrations

from privacy.db.rowsecurity import ACCOUNT, ASSOCIATION, sql

MEMBER = """
CREATE OR REPLACE FUNCTION outreach_member_account(membership uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.account_id FROM outreach_membership m
    WHERE m.id = membership AND m.association_id = {association}{live}
      AND EXISTS (
          SELECT 1 FROM outreach_membership me
          WHERE me.account_id = {account} AND me.association_id = {association}
            AND me.ended_on IS NULL AND 'admin' = ANY (me.roles))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0007_own_teams")]

    operations = [
        sql(
            MEMBER.format(association=ASSOCIATION, account=ACCOUNT, live=" AND m.ended_on IS NULL"),
            MEMBER.format(association=ASSOCIATION, account=ACCOUNT, live=""),
        )
    ]
