"""Narrow ways through the floor, each for one act that needs more than the scope of one person, and what a device list may hold.

Every function runs as the owner of the tables, looks only at its argument and the scope of the connection, and answers as little as it can.
"""

from django.db import migrations

from privacy.db.rowsecurity import ACCOUNT, ASSOCIATION, WEB, WORKER, enable, grant, policy, sql

INVITATION = """
CREATE FUNCTION outreach_invitation(hash bytea)
    RETURNS TABLE (id uuid, association_id uuid, association_name text, email text, roles text[], team_ids uuid[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.id, i.association_id, a.name::text, i.email::text, i.roles::text[], i.team_ids
    FROM outreach_invitation i JOIN outreach_association a ON a.id = i.association_id
    WHERE i.token_hash = hash AND i.accepted_on IS NULL AND i.expires_on > app_today()
$$;
"""

# The account behind a membership of the scope's association, if an administrator of it asks; else nothing.
MEMBER = f"""
CREATE FUNCTION outreach_member_account(membership uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.account_id FROM outreach_membership m
    WHERE m.id = membership AND m.association_id = {ASSOCIATION}
      AND EXISTS (
          SELECT 1 FROM outreach_membership me
          WHERE me.account_id = {ACCOUNT} AND me.association_id = {ASSOCIATION}
            AND me.ended_on IS NULL AND 'admin' = ANY (me.roles))
$$;
"""

END_SESSIONS = """
CREATE FUNCTION outreach_end_sessions(membership uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    target uuid := outreach_member_account(membership);
    ended integer;
BEGIN
    DELETE FROM django_session s USING usersessions_usersession u WHERE u.user_id = target AND u.session_key = s.session_key;
    DELETE FROM usersessions_usersession WHERE user_id = target;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;
"""

# Somebody who lost phone and recovery codes. Not for a member of another association too: its administrators did not ask.
RESET_FACTORS = """
CREATE FUNCTION outreach_reset_second_factor(membership uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    target uuid := outreach_member_account(membership);
    removed integer := 0;
BEGIN
    IF target IS NULL OR (SELECT count(*) FROM outreach_membership m WHERE m.account_id = target AND m.ended_on IS NULL) > 1 THEN
        RETURN 0;
    END IF;
    DELETE FROM mfa_authenticator WHERE user_id = target;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
"""


def function(name: str, argument: str, body: str, *, web: bool = True) -> list[migrations.RunSQL]:
    """The function, executable by the web role alone (PostgreSQL would let everybody)."""
    signature = f"{name}({argument})"
    granted = f"; GRANT EXECUTE ON FUNCTION {signature} TO {WEB}" if web else ""
    return [
        sql(f"{body} REVOKE ALL ON FUNCTION {signature} FROM PUBLIC{granted}", f"DROP FUNCTION {signature}")
    ]


COARSE = (
    "ip = '0.0.0.0' AND char_length(user_agent) <= 20"
    " AND date_trunc('day', created_at, 'UTC') = created_at AND date_trunc('day', last_seen_at, 'UTC') = last_seen_at"
)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0005_known_records"), ("account", "0009_emailaddress_unique_primary_email")]

    operations = [
        *function("outreach_invitation", "bytea", INVITATION),
        *function("outreach_member_account", "uuid", MEMBER, web=False),
        *function("outreach_end_sessions", "uuid", END_SESSIONS),
        *function("outreach_reset_second_factor", "uuid", RESET_FACTORS),
        sql(
            f"ALTER TABLE usersessions_usersession ADD CONSTRAINT device_list_is_coarse CHECK ({COARSE})",
            "ALTER TABLE usersessions_usersession DROP CONSTRAINT device_list_is_coarse",
        ),
        # Never filled (addresses are confirmed by invitation), but Django looks into it before it deletes an address.
        enable("account_emailconfirmation"),
        grant("account_emailconfirmation", WORKER, "SELECT, DELETE"),
        policy("account_emailconfirmation", WORKER, "true"),
        grant("account_emailconfirmation", WEB, "SELECT, DELETE"),
    ]
