"""An open link ends with the access it would undo: the table's own rule, whoever writes. A link knows who made it, until it goes.

Links of before have no maker, as those of the operator have none; the ones of people who left are withdrawn here.
"""

import django.db.models.deletion
from django.db import migrations, models

from privacy.db.rowsecurity import ACCOUNT, ASSOCIATION, WEB, policy, sql

TABLE = "outreach_invitation"
MINE = f"association_id = {ASSOCIATION}"
MAKER = (
    f"{MINE} AND EXISTS (SELECT 1 FROM outreach_membership m WHERE m.id = made_by_id AND m.account_id = {ACCOUNT}"
    f" AND m.association_id = {ASSOCIATION} AND m.ended_on IS NULL AND 'admin' = ANY (m.roles))"
)


WITHDRAW = """
CREATE FUNCTION outreach_withdraw_links() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.roles IS DISTINCT FROM OLD.roles OR (NEW.ended_on IS NOT NULL AND OLD.ended_on IS NULL) THEN
        DELETE FROM outreach_invitation i USING outreach_account a
        WHERE a.id = NEW.account_id AND i.email = lower(a.email) AND i.association_id = NEW.association_id
          AND i.accepted_on IS NULL;
    END IF;
    IF NEW.ended_on IS NOT NULL OR NOT 'admin' = ANY (NEW.roles) THEN
        DELETE FROM outreach_invitation WHERE made_by_id = NEW.id AND accepted_on IS NULL;
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION outreach_withdraw_links() FROM PUBLIC;
CREATE TRIGGER withdraw_links AFTER UPDATE OF roles, ended_on ON outreach_membership
    FOR EACH ROW EXECUTE FUNCTION outreach_withdraw_links();
"""

LEFT = """
DELETE FROM outreach_invitation i USING outreach_membership m, outreach_account a
WHERE a.id = m.account_id AND i.email = lower(a.email) AND i.association_id = m.association_id
  AND m.ended_on IS NOT NULL AND i.accepted_on IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0018_floors_of_promises")]

    operations = [
        sql(LEFT),
        migrations.AddField(
            "invitation",
            "made_by",
            models.ForeignKey(
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="outreach.membership",
            ),
        ),
        sql(
            f"ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_made_by_id_same_tenant"
            " FOREIGN KEY (made_by_id, association_id) REFERENCES outreach_membership (id, association_id)"
            " DEFERRABLE INITIALLY DEFERRED",
            f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_made_by_id_same_tenant",
        ),
        sql(
            WITHDRAW,
            "DROP TRIGGER withdraw_links ON outreach_membership; DROP FUNCTION outreach_withdraw_links()",
        ),
        # The web makes a link in its own person's name, uses it up or deletes it, and changes nothing else of it.
        sql(
            f"DROP POLICY web_all ON {TABLE}; REVOKE UPDATE ON {TABLE} FROM {WEB};"
            f" GRANT UPDATE (accepted_on) ON {TABLE} TO {WEB}",
            f"REVOKE UPDATE (accepted_on) ON {TABLE} FROM {WEB}; GRANT UPDATE ON {TABLE} TO {WEB};"
            f" CREATE POLICY web_all ON {TABLE} FOR ALL TO {WEB} USING ({MINE}) WITH CHECK ({MINE})",
        ),
        policy(TABLE, WEB, MINE, command="SELECT"),
        policy(TABLE, WEB, MAKER, command="INSERT"),
        policy(TABLE, WEB, MINE, command="UPDATE"),
        policy(TABLE, WEB, MINE, command="DELETE"),
    ]
