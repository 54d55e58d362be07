"""The purge may write a table anew: what was erased then stands in no dead row and in no gap of a page any more.

VACUUM needs the owner and leaves the bytes of a dead row where they were until something else is written there. CLUSTER copies
what lives into a new file, in the order of its ids (which were drawn), and removes the old one. It locks the table meanwhile, so
large tables are left to VACUUM, and a table in use is left for the next time.
"""

from django.db import migrations

from privacy.db.rowsecurity import WORKER, sql

REWRITE = f"""
CREATE FUNCTION retention_rewrite(wanted text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '300ms' AS $$
DECLARE
    target regclass;
    key text;
BEGIN
    SELECT c.oid, k.conname INTO target, key FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE c.relname = wanted AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r';
    IF target IS NULL OR pg_table_size(target) > 67108864 THEN
        RETURN false;
    END IF;
    EXECUTE format('CLUSTER %s USING %I', target, key);
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION retention_rewrite(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION retention_rewrite(text) TO {WORKER};
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0007_never_later")]

    operations = [sql(REWRITE, "DROP FUNCTION retention_rewrite(text)")]
