"""One narrow look beyond row security: whether given ids exist as records at all, so that a taken id cannot spoil a whole batch."""

from django.db import migrations

from privacy.db.rowsecurity import WEB, WORKER, sql

KNOWN = f"""
CREATE FUNCTION outreach_known_records(ids uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    SELECT id FROM outreach_record WHERE id = ANY (ids)
$$;
REVOKE ALL ON FUNCTION outreach_known_records(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outreach_known_records(uuid[]) TO {WEB}, {WORKER};
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0004_accounts")]

    operations = [sql(KNOWN, "DROP FUNCTION outreach_known_records(uuid[])")]
