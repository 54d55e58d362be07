"""A body is kept as the very text that was committed to.

jsonb forgets the spelling, so each verification had to spell a million bodies again. The text must be a JSON object: the
auditor's page reads into it.
"""

from django.db import migrations, models

from privacy.db.rowsecurity import AUDIT, WORKER, sql

MEMBERS = ("actor", "association", "count", "day", "event", "id", "outcome", "subject_kind", "v")
"""Of a body of version 1, in the order of its canonical spelling."""

_NAMES = "ARRAY[" + ", ".join(f"'{name}'" for name in MEMBERS) + "]"
_SPELLING = " || ',' || ".join(f"""'"{name}":' || (body->'{name}')::text""" for name in MEMBERS)

# A body with other members is kept as jsonb prints it, and one that is no object too (NOT VALID): what was changed before stays
# visibly changed, and is no reason not to go on.
AS_TEXT = f"""
CREATE FUNCTION audit_spelt(body jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN body ?& {_NAMES} AND body - {_NAMES} = '{{}}' THEN '{{' || {_SPELLING} || '}}' ELSE body::text END
$$;
ALTER TABLE audit_logentry
    ALTER COLUMN body TYPE text USING audit_spelt(body),
    ADD CONSTRAINT audit_body_is_an_object CHECK (body IS NULL OR jsonb_typeof(body::jsonb) = 'object') NOT VALID;
DROP FUNCTION audit_spelt(jsonb);
"""

AS_JSONB = """
ALTER TABLE audit_logentry DROP CONSTRAINT audit_body_is_an_object, ALTER COLUMN body TYPE jsonb USING body::jsonb;
"""

# As in 0002: all hashes for every verifier, whosever entries they are.
LEAVES = f"""
CREATE VIEW audit_leaf AS
    SELECT index, entry_id, day, expires_on, commitment, leaf_hash, body IS NOT NULL AS has_body FROM audit_logentry;
GRANT SELECT ON audit_leaf TO {WORKER}, {AUDIT};
"""
NO_LEAVES = "DROP VIEW audit_leaf"


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_oldest_pending")]

    operations = [
        sql(NO_LEAVES, LEAVES),
        migrations.SeparateDatabaseAndState(
            [sql(AS_TEXT, AS_JSONB)], [migrations.AlterField("logentry", "body", models.TextField(null=True))]
        ),
        sql(LEAVES, NO_LEAVES),
    ]
