"""The last promise, as the worker's folder has it, told to the database: whoever reads it sees when the log is older than that.

A database that is put back forgets the promise together with what it covered; within an hour the worker tells it again. The
function says one word and no number, for the page of health is public.
"""

from django.db import migrations, models

from privacy.db.rowsecurity import AUDIT, WEB, WORKER, enable, grant, policy, sql

STANDING = f"""
CREATE FUNCTION audit_standing() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN p.size > 0 AND (p.size > (SELECT coalesce(max(index) + 1, 0) FROM audit_logentry) OR NOT EXISTS (
            SELECT FROM audit_checkpoint k WHERE k.origin = p.origin AND k.size = p.size AND k.root = p.root))
        THEN 'older'
        WHEN c.newest IS NOT NULL AND coalesce(p.day, c.newest) < app_today() - 2 THEN 'unlooked'
        ELSE 'kept' END
    FROM (SELECT max(day) AS newest FROM audit_checkpoint) c LEFT JOIN audit_lastpromise p ON true
$$;
REVOKE ALL ON FUNCTION audit_standing() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_standing() TO {WEB}, {WORKER}, {AUDIT};
ALTER TABLE audit_lastpromise ADD CONSTRAINT audit_promised_root CHECK (size >= 0 AND octet_length(root) = 32);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_counts_voided")]

    operations = [
        migrations.CreateModel(
            name="LastPromise",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("origin", models.CharField(max_length=200)),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_last_promise")
                ]
            },
        ),
        enable("audit_lastpromise"),
        grant("audit_lastpromise", WORKER, "SELECT, INSERT, UPDATE"),
        policy("audit_lastpromise", WORKER, "true"),
        grant("audit_lastpromise", WEB, "SELECT"),
        policy("audit_lastpromise", WEB, "true", command="SELECT"),
        grant("audit_lastpromise", AUDIT, "SELECT"),
        policy("audit_lastpromise", AUDIT, "true", command="SELECT"),
        sql(
            STANDING,
            "DROP FUNCTION audit_standing(); ALTER TABLE audit_lastpromise DROP CONSTRAINT audit_promised_root",
        ),
    ]
