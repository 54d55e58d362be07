"""What a request may say in the log: in a person's name, of its own association, today, and so often a day.

The web's role may still name another person of today: only the key of the pseudonyms could tell, and the database has none.
"""

from django.db import migrations, models

from privacy.db.rowsecurity import ACCOUNT, ASSOCIATION, WEB, WORKER, sql

PEOPLE = "account|admin|auditor|coordinator|lead|member|partner|worker"
"""Roles that a person acts in; operator, system and stranger are never a request's to use."""

WITHOUT_ASSOCIATION = ("denied", "login", "login_refused", "second_factor_changed", "password_changed")
"""What happens to an account that has no membership, or not yet."""

NOT_A_REQUESTS = (
    "association_created",
    "checkpoint_exported",
    "denied_anonymous",
    "import_run",
    "keys_lost",
    "origin_opened",
    "purge_run",
    "quarantine_retried",
    "territory_changed",
)
"""What tasks and commands do, as the worker."""

A_ROUNDS = ("counts_late", "round_closed")
"""What a team does: which of its phones did is nobody's business."""

ACTS = (
    *NOT_A_REQUESTS,
    *A_ROUNDS,
    "invitation_accepted",
    "invitation_made",
    "invitation_revoked",
    "member_changed",
    "record_erased",
    "session_revoked",
)
"""No ceiling: each of them changed something, and a ceiling would be where to hide the next."""


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# A round has no person, and a refusal is logged even while no pseudonym can be made.
SAID = f"""event NOT IN ({_words(NOT_A_REQUESTS)})
    AND (actor ~ '^({PEOPLE})([+]({PEOPLE}))*:[0-9a-f]{{12}}$'
         OR (event IN ({_words(A_ROUNDS)}) AND actor = 'round') OR (event = 'denied' AND actor = 'member'))"""
OWN = f"""(association_id = {ASSOCIATION}
    OR (association_id IS NULL AND {ASSOCIATION} IS NULL AND {ACCOUNT} IS NOT NULL AND event IN ({_words(WITHOUT_ASSOCIATION)})))"""
BEFORE = f"association_id IS NULL OR {ASSOCIATION} IS NULL OR association_id = {ASSOCIATION}"

# The clocks of two machines never agree at midnight: one hour around it a day beside today's is taken as it was said.
DAY = """
CREATE FUNCTION audit_day(said date, today date, clock time) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN (said = today - 1 AND clock < '01:00') OR (said = today + 1 AND clock >= '23:00')
        THEN said ELSE today END
$$
"""

CEILING = f"""
CREATE FUNCTION audit_ceiling(of_event text, of_kind text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN of_event IN ({_words(ACTS)}) OR (of_event = 'second_factor_changed' AND of_kind = 'reset')
        THEN NULL ELSE 5 END
$$
"""

# The rows that wait are the counter: it knows a person by the day's pseudonym alone, and goes with the seal. The lock is taken
# only below the ceiling; whoever waits for it reads the count again, so that two requests at once make no line too many.
FIT = """
CREATE FUNCTION audit_same(line audit_pendingevent) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM audit_pendingevent p
    WHERE p.day = line.day AND p.actor = line.actor AND p.event = line.event AND p.subject_kind = line.subject_kind
      AND p.association_id IS NOT DISTINCT FROM line.association_id
      AND p.outcome IN (line.outcome, left(line.outcome, 22) || '-ceiling')
$$;
REVOKE ALL ON FUNCTION audit_same(audit_pendingevent) FROM PUBLIC;

CREATE FUNCTION audit_fit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    most integer := audit_ceiling(NEW.event, NEW.subject_kind);
    made bigint;
BEGIN
    IF session_user = 'maraudes_web' THEN
        NEW.day := audit_day(NEW.day, app_today(), (now() AT TIME ZONE 'UTC')::time);
    END IF;
    IF most IS NULL OR NOT (NEW.actor LIKE '%:%' OR NEW.actor = 'member') THEN
        RETURN NEW;
    END IF;
    made := audit_same(NEW);
    IF made <= most THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(
            concat_ws(' ', NEW.day, NEW.actor, NEW.event, NEW.subject_kind, NEW.association_id, NEW.outcome), 6386025));
        made := audit_same(NEW);
    END IF;
    IF made > most THEN
        RETURN NULL;
    ELSIF made = most THEN
        NEW.outcome := left(NEW.outcome, 22) || '-ceiling';
        NEW.count := NULL;
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION audit_fit() FROM PUBLIC;
CREATE TRIGGER fit BEFORE INSERT ON audit_pendingevent FOR EACH ROW EXECUTE FUNCTION audit_fit();
"""

NOT_FIT = """
DROP TRIGGER fit ON audit_pendingevent;
DROP FUNCTION audit_fit();
DROP FUNCTION audit_same(audit_pendingevent);
"""

COUNT_TODAY = """
CREATE OR REPLACE FUNCTION audit_count_denied(on_day date, of_kind text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user = 'maraudes_web' THEN
        on_day := audit_day(on_day, app_today(), (now() AT TIME ZONE 'UTC')::time);
    END IF;
    UPDATE audit_anonymouscounter SET count = count + 1 WHERE count < 1000 AND id IN (
        SELECT id FROM audit_anonymouscounter WHERE day = on_day AND kind = of_kind FOR UPDATE SKIP LOCKED);
    IF NOT FOUND AND (SELECT count(*) FROM audit_anonymouscounter WHERE day = on_day) < 20 THEN
        INSERT INTO audit_anonymouscounter (id, day, kind, count) VALUES (gen_random_uuid(), on_day, of_kind, 1)
            ON CONFLICT DO NOTHING;
    END IF;
END $$
"""

COUNT_ANY_DAY = """
CREATE OR REPLACE FUNCTION audit_count_denied(on_day date, of_kind text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE audit_anonymouscounter SET count = count + 1 WHERE count < 1000 AND id IN (
        SELECT id FROM audit_anonymouscounter WHERE day = on_day AND kind = of_kind FOR UPDATE SKIP LOCKED);
    IF NOT FOUND AND (SELECT count(*) FROM audit_anonymouscounter WHERE day = on_day) < 20 THEN
        INSERT INTO audit_anonymouscounter (id, day, kind, count) VALUES (gen_random_uuid(), on_day, of_kind, 1)
            ON CONFLICT DO NOTHING;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_body_as_committed"), ("retention", "0006_only_grows")]

    operations = [
        migrations.AddIndex(
            "pendingevent", models.Index(fields=["day", "actor"], name="audit_pending_by_actor")
        ),
        sql(DAY, "DROP FUNCTION audit_day(date, date, time)"),
        sql(CEILING, "DROP FUNCTION audit_ceiling(text, text)"),
        sql(f"GRANT EXECUTE ON FUNCTION audit_ceiling(text, text) TO {WEB}, {WORKER}"),
        sql(FIT, NOT_FIT),
        sql(
            f"DROP POLICY web_insert ON audit_pendingevent;"
            f" CREATE POLICY web_insert ON audit_pendingevent FOR INSERT TO {WEB} WITH CHECK ({SAID} AND {OWN})",
            f"DROP POLICY web_insert ON audit_pendingevent;"
            f" CREATE POLICY web_insert ON audit_pendingevent FOR INSERT TO {WEB} WITH CHECK ({BEFORE})",
        ),
        sql(COUNT_TODAY, COUNT_ANY_DAY),
    ]
