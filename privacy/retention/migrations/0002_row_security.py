"""The clock that only moves forward, and who may read the account book."""

from django.db import migrations

from privacy.db.rowsecurity import AUDIT, WEB, WORKER, enable, grant, policy, sql, tenant_table

APP_TODAY = """
CREATE FUNCTION app_today() RETURNS date LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT greatest((now() AT TIME ZONE 'UTC')::date, (SELECT day FROM retention_highwater WHERE id = 1))
$$
"""

FORWARD_ONLY = """
CREATE FUNCTION retention_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.day < OLD.day THEN
        RAISE EXCEPTION 'the high-water mark of time only rises' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forward_only BEFORE UPDATE OR DELETE ON retention_highwater
    FOR EACH ROW EXECUTE FUNCTION retention_forward_only();
"""

HOUSE = "association_id = '00000000-0000-0000-0000-000000000000'"


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_initial")]

    operations = [
        sql(APP_TODAY, "DROP FUNCTION app_today()"),
        sql(
            FORWARD_ONLY,
            "DROP TRIGGER forward_only ON retention_highwater; DROP FUNCTION retention_forward_only()",
        ),
        enable("retention_highwater"),
        grant("retention_highwater", WORKER, "SELECT, INSERT, UPDATE"),
        policy("retention_highwater", WORKER, "true"),
        enable("retention_purgerun"),
        grant("retention_purgerun", WORKER, "SELECT, INSERT, UPDATE"),
        policy("retention_purgerun", WORKER, "true"),
        grant("retention_purgerun", AUDIT, "SELECT"),
        policy("retention_purgerun", AUDIT, "true", command="SELECT"),
        grant("retention_purgerun", WEB, "SELECT"),
        policy("retention_purgerun", WEB, "true", command="SELECT"),
        *tenant_table(
            "retention_ledgerentry",
            web="SELECT, INSERT, UPDATE",
            worker="SELECT, INSERT, UPDATE",
            audit="SELECT",
        ),
    ]
