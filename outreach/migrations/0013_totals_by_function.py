"""A request adds to the totals that are kept, through two functions, and can neither lower nor rewrite them. And somebody whose
membership ended sees no name of that association or of its teams any more; nor can an administrator sign out a person who works
elsewhere too.
"""

from django.db import migrations

from privacy.db.rowsecurity import ACCOUNT, ASSOCIATION, WEB, WORKER, policy, sql

# SECURITY DEFINER: row security does not bind the owner, so each function holds the tenant against the scope by itself.
ADD_CONSENT = f"""
CREATE FUNCTION outreach_add_consent(tenant uuid, of_quarter date, yes int, no int, back int) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF least(yes, no, back) < 0 OR (session_user = '{WEB}' AND tenant IS DISTINCT FROM {ASSOCIATION}) THEN
        RAISE EXCEPTION 'totals only grow' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO outreach_consentcounter AS c (association_id, quarter, purpose, given, refused, withdrawn)
    VALUES (tenant, of_quarter, 'zone', yes, no, back)
    ON CONFLICT (association_id, quarter, purpose) DO UPDATE SET
        given = c.given + excluded.given, refused = c.refused + excluded.refused, withdrawn = c.withdrawn + excluded.withdrawn;
END $$;
"""

ADD_MONTH = f"""
CREATE FUNCTION outreach_add_month(tenant uuid, of_month date, added jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM jsonb_each_text(added) t WHERE t.value::int < 0)
        OR (session_user = '{WEB}' AND tenant IS DISTINCT FROM {ASSOCIATION}) THEN
        RAISE EXCEPTION 'totals only grow' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO outreach_tallymonth AS m (association_id, month, totals) VALUES (tenant, of_month, added)
    ON CONFLICT (association_id, month) DO UPDATE SET totals = (
        SELECT jsonb_object_agg(key, coalesce((m.totals->>key)::int, 0) + coalesce((excluded.totals->>key)::int, 0))
        FROM (SELECT jsonb_object_keys(m.totals) UNION SELECT jsonb_object_keys(excluded.totals)) AS keys(key));
END $$;
"""

# NULL, and nothing ended, for somebody who works in another association too: that one's night is not ours to end. An ended
# membership closes our own pages at the next request, with or without a session.
END_SESSIONS = """
CREATE OR REPLACE FUNCTION outreach_end_sessions(membership uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    target uuid := outreach_member_account(membership);
    ended integer;
BEGIN
    {elsewhere}
    DELETE FROM django_session s USING usersessions_usersession u WHERE u.user_id = target AND u.session_key = s.session_key;
    DELETE FROM usersessions_usersession WHERE user_id = target;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;
"""
ELSEWHERE = """IF (SELECT count(*) FROM outreach_membership m WHERE m.account_id = target AND m.ended_on IS NULL) > 1 THEN
        RETURN NULL;
    END IF;"""

MEMBER = (
    "EXISTS (SELECT 1 FROM outreach_membership m"
    f" WHERE m.association_id = outreach_association.id AND m.account_id = {ACCOUNT}{{live}})"
)
OWN_TEAM = (
    "EXISTS (SELECT 1 FROM outreach_teammembership t JOIN outreach_membership m ON m.id = t.membership_id"
    f" WHERE t.team_id = outreach_team.id AND m.account_id = {ACCOUNT}{{live}})"
)
LIVE = " AND m.ended_on IS NULL"


def function(name: str, arguments: str, body: str) -> migrations.RunSQL:
    signature = f"{name}({arguments})"
    return sql(
        f"{body} REVOKE ALL ON FUNCTION {signature} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {signature} TO {WEB}, {WORKER}",
        f"DROP FUNCTION {signature}",
    )


def only_read(table: str) -> migrations.RunSQL:
    return sql(f"REVOKE INSERT, UPDATE ON {table} FROM {WEB}", f"GRANT INSERT, UPDATE ON {table} TO {WEB}")


def replaced(table: str, name: str, condition: str) -> list[migrations.RunSQL]:
    """The policy `name` for reading, from now on for live members."""
    before = condition.format(live="")
    return [
        sql(
            f"DROP POLICY {name} ON {table}",
            f"CREATE POLICY {name} ON {table} FOR SELECT TO {WEB} USING ({before})",
        ),
        policy(table, WEB, condition.format(live=LIVE), command="SELECT", name=name),
    ]


class Migration(migrations.Migration):
    dependencies = [("outreach", "0012_expired_is_hidden")]

    operations = [
        function("outreach_add_consent", "uuid, date, int, int, int", ADD_CONSENT),
        function("outreach_add_month", "uuid, date, jsonb", ADD_MONTH),
        only_read("outreach_consentcounter"),
        only_read("outreach_tallymonth"),
        sql(END_SESSIONS.format(elsewhere=ELSEWHERE), END_SESSIONS.format(elsewhere="")),
        *replaced("outreach_association", "web_select", f"id = {ASSOCIATION} OR {MEMBER}"),
        *replaced("outreach_team", "web_own", OWN_TEAM),
    ]
