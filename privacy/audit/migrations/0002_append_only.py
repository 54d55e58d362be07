"""Who may add to the log and who may read it; that nobody changes it, not even the owner of the tables
without first disabling a trigger.
"""

from django.db import migrations

from privacy.db.rowsecurity import ALIVE, ASSOCIATION, AUDIT, WEB, WORKER, enable, grant, policy, sql

CHECKS = """
ALTER TABLE audit_pendingevent
    ADD CONSTRAINT audit_closed_words CHECK (
        event ~ '^[a-z_]{1,40}$' AND actor ~ '^[A-Za-z0-9_.:+-]{1,80}$'
        AND subject_kind ~ '^[a-z0-9_.:+-]{0,40}$' AND outcome ~ '^[a-z0-9_-]{1,30}$');
ALTER TABLE audit_anonymouscounter ADD CONSTRAINT audit_closed_kind CHECK (kind ~ '^[a-z0-9_-]{1,30}$');
ALTER TABLE audit_logentry ADD CONSTRAINT audit_hashes CHECK (
    index >= 0 AND octet_length(commitment) = 32 AND octet_length(leaf_hash) = 32 AND expires_on > day);
ALTER TABLE audit_checkpoint ADD CONSTRAINT audit_root CHECK (size >= 0 AND octet_length(root) = 32);
"""

UNCHECKS = """
ALTER TABLE audit_pendingevent DROP CONSTRAINT audit_closed_words;
ALTER TABLE audit_anonymouscounter DROP CONSTRAINT audit_closed_kind;
ALTER TABLE audit_logentry DROP CONSTRAINT audit_hashes;
ALTER TABLE audit_checkpoint DROP CONSTRAINT audit_root;
"""

APPEND_ONLY = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log only grows' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION audit_only_forget() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.expires_on <= app_today() AND NEW.body IS NULL AND NEW.association_id IS NULL
        AND (NEW.index, NEW.entry_id, NEW.day, NEW.expires_on, NEW.commitment, NEW.leaf_hash)
          = (OLD.index, OLD.entry_id, OLD.day, OLD.expires_on, OLD.commitment, OLD.leaf_hash)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log only grows' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER only_forget BEFORE UPDATE ON audit_logentry FOR EACH ROW EXECUTE FUNCTION audit_only_forget();
CREATE TRIGGER no_delete BEFORE DELETE ON audit_logentry FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_logentry FOR EACH STATEMENT EXECUTE FUNCTION
audit_append_only(); CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON audit_checkpoint FOR EACH ROW EXECUTE
FUNCTION audit_append_only(); CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_checkpoint FOR EACH
STATEMENT EXECUTE FUNCTION audit_append_only();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER only_forget ON audit_logentry;
DROP TRIGGER no_delete ON audit_logentry;
DROP TRIGGER no_truncate ON audit_logentry;
DROP TRIGGER no_change ON audit_checkpoint;
DROP TRIGGER no_truncate ON audit_checkpoint;
DROP FUNCTION audit_only_forget();
DROP FUNCTION audit_append_only();
"""

# What every verifier needs and what tells nothing: the salted hashes of all entries, whosever they are. The
# view runs with the rights of its owner, so an auditor can hash the whole tree although row security shows
# only the entries of one association.
LEAVES = """
CREATE VIEW audit_leaf AS
    SELECT index, entry_id, day, expires_on, commitment, leaf_hash, body IS NOT NULL AS has_body FROM
    audit_logentry
"""

# Bounded twice (kinds a day, count a kind). `SKIP LOCKED`: a request never waits for another one's count.
COUNT_DENIED = """
CREATE FUNCTION audit_count_denied(on_day date, of_kind text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE audit_anonymouscounter SET count = count + 1 WHERE count < 1000 AND id IN (
        SELECT id FROM audit_anonymouscounter WHERE day = on_day AND kind = of_kind FOR UPDATE SKIP LOCKED);
    IF NOT FOUND AND (SELECT count(*) FROM audit_anonymouscounter WHERE day = on_day) < 20 THEN
        INSERT INTO audit_anonymouscounter (id, day, kind, count) VALUES (gen_random_uuid(), on_day, of_kind,
        1)
            ON CONFLICT DO NOTHING;
    END IF;
END $$;
REVOKE ALL ON FUNCTION audit_count_denied(date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_count_denied(date, text) TO maraudes_web, maraudes_worker;
"""

# A request may not write into another association's log; before login there is no scope yet, and nothing to
# compare with.
OWN = f"association_id IS NULL OR {ASSOCIATION} IS NULL OR association_id = {ASSOCIATION}"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("retention", "0002_row_security")]

    operations = [
        sql(CHECKS, UNCHECKS),
        sql(APPEND_ONLY, NOT_APPEND_ONLY),
        enable("audit_pendingevent"),
        grant("audit_pendingevent", WEB, "INSERT"),
        policy("audit_pendingevent", WEB, "true", command="INSERT", check=OWN),
        grant("audit_pendingevent", WORKER, "SELECT, INSERT, DELETE"),
        policy("audit_pendingevent", WORKER, "true"),
        enable("audit_anonymouscounter"),
        grant("audit_anonymouscounter", WORKER, "SELECT, DELETE"),
        policy("audit_anonymouscounter", WORKER, "true"),
        sql(COUNT_DENIED, "DROP FUNCTION audit_count_denied(date, text)"),
        enable("audit_logentry"),
        grant("audit_logentry", WORKER, "SELECT, INSERT, UPDATE (body, association_id)"),
        policy("audit_logentry", WORKER, "true"),
        grant("audit_logentry", AUDIT, "SELECT"),
        policy("audit_logentry", AUDIT, f"association_id = {ASSOCIATION} AND {ALIVE}", command="SELECT"),
        sql(LEAVES, "DROP VIEW audit_leaf"),
        grant("audit_leaf", WORKER, "SELECT"),
        grant("audit_leaf", AUDIT, "SELECT"),
        enable("audit_checkpoint"),
        grant("audit_checkpoint", WORKER, "SELECT, INSERT"),
        policy("audit_checkpoint", WORKER, "true"),
        grant("audit_checkpoint", WEB, "SELECT"),
        policy("audit_checkpoint", WEB, "true", command="SELECT"),
        grant("audit_checkpoint", AUDIT, "SELECT"),
        policy("audit_checkpoint", AUDIT, "true", command="SELECT"),
    ]
