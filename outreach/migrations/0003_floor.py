"""What must not happen is refused by the database too: no record without a live consent, no row of another's round, one blob size.

PostgreSQL prints a refused row in its message ("Failing row contains …"); the cluster runs with `log_error_verbosity = terse` and
logs no statement, and a test trips every constraint below and searches the logs.
"""

from django.db import migrations

from privacy.db.rowsecurity import AUDIT, grant, sql

SEALED_1024 = 1097  # envelope.OVERHEAD (73) + padding to 1,024; a repository test compares
SEALED_256 = 329


def composite(
    table: str, column: str, target: str, *, team: bool, delete: str = "NO ACTION"
) -> migrations.RunSQL:
    """`table.column` names a row of `target` of the same association (and team): one check instead of three."""
    extra = ", team_id" if team else ""
    name = f"{table}_{column}_same_tenant"
    return sql(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, association_id{extra})"
        f" REFERENCES {target} (id, association_id{extra}) ON DELETE {delete} DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def key(table: str, *, team: bool) -> migrations.RunSQL:
    extra = ", team_id" if team else ""
    return sql(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_tenant_key UNIQUE (id, association_id{extra})",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_tenant_key",
    )


def size(table: str, name: str, condition: str) -> migrations.RunSQL:
    return sql(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


REQUIRE_CONSENT = """
CREATE FUNCTION outreach_require_consent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM outreach_consentevent e
        WHERE e.subject = NEW.id AND e.purpose = 'zone' AND e.decision = 'given'
          AND e.association_id = NEW.association_id AND e.expires_on >= NEW.expires_on AND e.expires_on > app_today()
          AND NOT EXISTS (
              SELECT 1 FROM outreach_consentevent w
              WHERE w.subject = e.subject AND w.purpose = 'zone' AND w.decision = 'withdrawn' AND w.sequence > e.sequence)
    ) THEN
        RAISE EXCEPTION 'no live consent' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER require_consent BEFORE INSERT OR UPDATE ON outreach_record
    FOR EACH ROW EXECUTE FUNCTION outreach_require_consent();
"""

APPEND_ONLY = """
CREATE FUNCTION outreach_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE ON outreach_consentevent
    FOR EACH ROW EXECUTE FUNCTION outreach_append_only();
"""

BANDS = """
CREATE FUNCTION app_band(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN n < 20 THEN '0–19' WHEN n < 50 THEN '20–49' ELSE '50+' END
$$;
CREATE VIEW outreach_consentband AS
    SELECT association_id, quarter, purpose,
           app_band(given + refused) AS asked, app_band(given) AS given, app_band(refused) AS refused,
           app_band(withdrawn) AS withdrawn,
           (given + refused >= 50 AND refused * 20 < given + refused) AS always_yes
    FROM outreach_consentcounter
    WHERE association_id = (SELECT nullif(current_setting('app.association_id', true), '')::uuid)
      AND (quarter + interval '3 months')::date <= (SELECT app_today());
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0002_row_security")]

    operations = [
        key("outreach_team", team=False),
        key("outreach_sector", team=False),
        key("outreach_round", team=True),
        key("outreach_record", team=True),
        composite("outreach_round", "team_id", "outreach_team", team=False),
        composite("outreach_teammembership", "team_id", "outreach_team", team=False),
        composite("outreach_roundsector", "sector_id", "outreach_sector", team=False),
        composite("outreach_tally", "round_id", "outreach_round", team=True),
        composite("outreach_handover", "round_id", "outreach_round", team=True),
        composite("outreach_draft", "round_id", "outreach_round", team=True),
        composite("outreach_quarantine", "round_id", "outreach_round", team=True),
        composite("outreach_record", "round_id", "outreach_round", team=True),
        composite("outreach_sealedpart", "record_id", "outreach_record", team=True, delete="CASCADE"),
        composite("outreach_consentevent", "team_id", "outreach_team", team=False),
        composite("outreach_tombstone", "team_id", "outreach_team", team=False),
        size("outreach_record", "record_blob_has_one_size", f"octet_length(blob) = {SEALED_1024}"),
        size(
            "outreach_sealedpart",
            "part_blob_has_one_size",
            f"(retention_class = 'note' AND octet_length(blob) = {SEALED_1024})"
            f" OR (retention_class = 'point' AND octet_length(blob) = {SEALED_256})",
        ),
        sql(
            REQUIRE_CONSENT,
            "DROP TRIGGER require_consent ON outreach_record; DROP FUNCTION outreach_require_consent()",
        ),
        sql(
            APPEND_ONLY,
            "DROP TRIGGER append_only ON outreach_consentevent; DROP FUNCTION outreach_append_only()",
        ),
        sql(BANDS, "DROP VIEW outreach_consentband; DROP FUNCTION app_band(bigint)"),
        grant("outreach_consentband", AUDIT, "SELECT"),
    ]
