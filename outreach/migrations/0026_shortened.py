"""Days of expiry may be moved forward, never back: what is sealed stays bound to its first day (`born_to`), and a consent, which is
append-only, takes an earlier day from the worker, but none before its record's.
"""

from django.db import migrations, models

from privacy.db.rowsecurity import WORKER, sql

SEALED = {"tally": "outreach_tally", "handover": "outreach_handover", "quarantine": "outreach_quarantine"}
NEVER_LATER = (
    *SEALED.values(),
    "outreach_record",
    "outreach_sealedpart",
    "outreach_draft",
    "outreach_tombstone",
    "outreach_importedrow",
)

SHORTER_CONSENT = """
CREATE OR REPLACE FUNCTION outreach_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.expires_on > OLD.expires_on OR to_jsonb(NEW) - 'expires_on' <> to_jsonb(OLD) - 'expires_on'
        OR EXISTS (SELECT FROM outreach_record r WHERE r.id = NEW.subject AND r.expires_on > NEW.expires_on) THEN
        RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION outreach_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0025_own_roles"), ("retention", "0007_never_later")]

    operations = [
        *(migrations.AddField(model, "born_to", models.DateField(null=True)) for model in SEALED),
        *(sql(f"UPDATE {table} SET born_to = expires_on") for table in SEALED.values()),
        *(migrations.AlterField(model, "born_to", models.DateField()) for model in SEALED),
        *(
            sql(
                f"CREATE TRIGGER never_later BEFORE UPDATE OF expires_on ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION retention_never_later()",
                f"DROP TRIGGER never_later ON {table}",
            )
            for table in NEVER_LATER
        ),
        sql(SHORTER_CONSENT, APPEND_ONLY),
        sql(
            f"GRANT UPDATE (expires_on) ON outreach_consentevent TO {WORKER}",
            f"REVOKE UPDATE (expires_on) ON outreach_consentevent FROM {WORKER}",
        ),
    ]
