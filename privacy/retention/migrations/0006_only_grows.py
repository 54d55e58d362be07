"""A request makes the book's counts grow and never shrink: nobody who holds the web role can pretend that less was to be destroyed."""

from django.db import migrations

from privacy.db.rowsecurity import WEB, sql

ONLY_GROWS = f"""
CREATE FUNCTION retention_only_grows() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.stored < OLD.stored OR NEW.withdrawn < OLD.withdrawn THEN
        RAISE EXCEPTION 'a count of the book only grows' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER web_only_grows BEFORE UPDATE ON retention_ledgerentry FOR EACH ROW
    WHEN (CURRENT_USER = '{WEB}') EXECUTE FUNCTION retention_only_grows();
"""

NOT_ONLY = """
DROP TRIGGER web_only_grows ON retention_ledgerentry;
DROP FUNCTION retention_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0005_born_open")]

    operations = [sql(ONLY_GROWS, NOT_ONLY)]
