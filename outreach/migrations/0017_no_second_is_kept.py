"""No table keeps a second of somebody's night: second factors know the day they were added, sessions the hour they end.

allauth writes the microsecond at which a second factor was last used, which is when somebody signed in; nobody reads it.
Changing the type of a column to itself writes the table anew, so that what stood there is in no dead row either.
"""

from django.db import migrations

from privacy.db.rowsecurity import sql

COARSE_FACTOR = "last_used_at IS NULL AND date_trunc('day', created_at, 'UTC') = created_at"

TRIGGERS = """
CREATE FUNCTION outreach_coarsen_factor() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.last_used_at := NULL;
    NEW.created_at := date_trunc('day', NEW.created_at, 'UTC');
    RETURN NEW;
END $$;
CREATE TRIGGER coarsen BEFORE INSERT OR UPDATE ON mfa_authenticator
    FOR EACH ROW EXECUTE FUNCTION outreach_coarsen_factor();
CREATE FUNCTION outreach_coarsen_session() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.expire_date := date_trunc('hour', NEW.expire_date, 'UTC');
    RETURN NEW;
END $$;
CREATE TRIGGER coarsen BEFORE INSERT OR UPDATE ON django_session
    FOR EACH ROW EXECUTE FUNCTION outreach_coarsen_session();
"""
NO_TRIGGERS = """
DROP TRIGGER coarsen ON mfa_authenticator; DROP FUNCTION outreach_coarsen_factor();
DROP TRIGGER coarsen ON django_session; DROP FUNCTION outreach_coarsen_session();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("outreach", "0016_is_empty"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        # Not an UPDATE: row security may hide the rows from their owner, and it would leave the old ones dead in the file.
        sql(
            "ALTER TABLE mfa_authenticator ALTER COLUMN last_used_at TYPE timestamptz USING NULL::timestamptz,"
            " ALTER COLUMN created_at TYPE timestamptz USING date_trunc('day', created_at, 'UTC')"
        ),
        sql(
            "ALTER TABLE django_session ALTER COLUMN expire_date TYPE timestamptz"
            " USING date_trunc('hour', expire_date, 'UTC')"
        ),
        sql(TRIGGERS, NO_TRIGGERS),
        sql(
            f"ALTER TABLE mfa_authenticator ADD CONSTRAINT second_factor_is_coarse CHECK ({COARSE_FACTOR})",
            "ALTER TABLE mfa_authenticator DROP CONSTRAINT second_factor_is_coarse",
        ),
        sql(
            "ALTER TABLE django_session ADD CONSTRAINT session_ends_on_the_hour"
            " CHECK (date_trunc('hour', expire_date, 'UTC') = expire_date)",
            "ALTER TABLE django_session DROP CONSTRAINT session_ends_on_the_hour",
        ),
    ]
