"""The database reads its time at one place, `app_now()`: the databases of the tests define it anew, nobody else can."""

from django.db import migrations

from privacy.db.rowsecurity import sql

# What asks it runs as the owner: no role of the application needs to call it.
NOW = """
CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT now() $$;
REVOKE ALL ON FUNCTION app_now() FROM PUBLIC;
"""

TODAY = """
CREATE OR REPLACE FUNCTION app_today() RETURNS date LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT greatest(({clock} AT TIME ZONE 'UTC')::date, (SELECT day FROM retention_highwater WHERE id = 1))
$$
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0010_book_in_bands")]

    operations = [
        sql(NOW, "DROP FUNCTION app_now()"),
        sql(TODAY.format(clock="app_now()"), TODAY.format(clock="now()")),
    ]
