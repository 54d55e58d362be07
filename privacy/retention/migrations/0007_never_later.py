"""What is promised to be gone on a day is never kept longer, by whoever writes: a day of expiry only moves forward in time.

The tables that carry the trigger name it in their own migrations.
"""

from django.db import migrations

from privacy.db.rowsecurity import sql

NEVER_LATER = """
CREATE FUNCTION retention_never_later() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.expires_on > OLD.expires_on THEN
        RAISE EXCEPTION 'nothing is kept longer than promised' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0006_only_grows")]

    operations = [sql(NEVER_LATER, "DROP FUNCTION retention_never_later()")]
