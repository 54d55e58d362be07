"""A stranger, and the start of the server, may ask whether there is an association at all: the first page then says what comes next."""

from django.db import migrations

from privacy.db.rowsecurity import WEB, WORKER, sql

IS_EMPTY = f"""
CREATE FUNCTION outreach_is_empty() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT NOT EXISTS (SELECT 1 FROM outreach_association) $$;
REVOKE ALL ON FUNCTION outreach_is_empty() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outreach_is_empty() TO {WEB}, {WORKER};
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0015_sealed_reasons")]

    operations = [sql(IS_EMPTY, "DROP FUNCTION outreach_is_empty()")]
