"""All but the worker make the book's counts grow and never shrink: no line can be made to say that less was stored than was booked there.

It may still say too much, call rows withdrawn that are not, or book nothing: the book is what the service says, not a proof.
"""

from django.db import migrations

from privacy.db.rowsecurity import WORKER, sql

ONLY_GROWS = f"""
CREATE FUNCTION retention_only_grows() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.stored < OLD.stored OR NEW.withdrawn < OLD.withdrawn THEN
        RAISE EXCEPTION 'a count of the book only grows' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_grows BEFORE UPDATE ON retention_ledgerentry FOR EACH ROW
    WHEN (CURRENT_USER <> '{WORKER}') EXECUTE FUNCTION retention_only_grows();
"""

NOT_ONLY = """
DROP TRIGGER only_grows ON retention_ledgerentry;
DROP FUNCTION retention_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0005_born_open")]

    operations = [sql(ONLY_GROWS, NOT_ONLY)]
