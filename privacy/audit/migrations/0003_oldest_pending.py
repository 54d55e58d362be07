"""Since when the log waits to be sealed: one day and nothing else, so that the health page may tell that sealing is stuck."""

from django.db import migrations

from privacy.db.rowsecurity import sql

OLDEST = """
CREATE FUNCTION audit_oldest_pending() RETURNS date
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT least((SELECT min(day) FROM audit_pendingevent), (SELECT min(day) FROM audit_anonymouscounter))
$$;
REVOKE ALL ON FUNCTION audit_oldest_pending() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_oldest_pending() TO maraudes_web, maraudes_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [sql(OLDEST, "DROP FUNCTION audit_oldest_pending()")]
