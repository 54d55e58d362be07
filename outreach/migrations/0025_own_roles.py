"""Nobody widens what they see alone: requests and notices, and triggers that refuse the web what the pages would refuse.

The triggers bind the web role; commands (the operator, the demonstration) and migrations are trusted as before.
"""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from privacy.db.rowsecurity import ACCOUNT, ASSOCIATION, AUDIT, WEB, WORKER, enable, grant, policy, sql

TABLE = "outreach_rolenotice"
ROLES = [(word, word) for word in ("worker", "lead", "coordinator", "admin", "auditor", "partner")]
MINE = f"association_id = {ASSOCIATION}"
ALIVE = f"{MINE} AND expires_on > (SELECT app_today())"

# A request is one's own, of today or later: a day written back would shorten the wait. A notice is an administrator's.
MADE = (
    f"{MINE} AND asked_on >= (SELECT app_today()) AND EXISTS (SELECT 1 FROM outreach_membership m"
    f" WHERE m.account_id = {ACCOUNT} AND m.association_id = {ASSOCIATION} AND m.ended_on IS NULL"
    " AND 'admin' = ANY (m.roles) AND (membership_id IS NULL OR membership_id = m.id))"
)

MAY_TAKE = """
CREATE FUNCTION outreach_may_take(notice uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM outreach_rolenotice n
        WHERE n.id = notice AND n.own AND n.asked_on + 7 <= app_today() AND n.expires_on > app_today()
          AND NOT EXISTS (
              SELECT 1 FROM outreach_membership o WHERE o.association_id = n.association_id AND o.id <> n.membership_id
                AND o.ended_on IS NULL AND 'admin' = ANY (o.roles))
          AND EXISTS (
              SELECT 1 FROM outreach_membership o WHERE o.association_id = n.association_id AND o.id <> n.membership_id
                AND o.ended_on IS NULL AND 'auditor' = ANY (o.roles)))
$$;
"""

# Whether the person who acts is a living administrator and `target` is somebody else's membership.
OVER_OTHERS = f"""
CREATE FUNCTION outreach_administers_another(target uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM outreach_membership me WHERE me.account_id = {ACCOUNT} AND me.id <> target
          AND me.association_id = {ASSOCIATION} AND me.ended_on IS NULL AND 'admin' = ANY (me.roles))
$$;
"""

ROLES_GUARD = """
CREATE FUNCTION outreach_guard_own_roles() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    more text[];
BEGIN
    IF current_user <> 'maraudes_web' THEN
        RETURN NEW;
    END IF;
    SELECT array_agg(r) INTO more FROM unnest(NEW.roles::text[]) r
    WHERE r = ANY ('{worker,lead,coordinator,auditor}')
      AND (TG_OP = 'INSERT' OR OLD.ended_on IS NOT NULL OR NOT r = ANY (OLD.roles::text[]));
    IF more IS NULL OR outreach_administers_another(NEW.id)
       OR EXISTS (
           SELECT 1 FROM outreach_invitation i JOIN outreach_account a ON a.email = i.email
           WHERE a.id = NEW.account_id AND i.association_id = NEW.association_id AND i.accepted_on IS NOT NULL
             AND i.roles::text[] @> more AND i.made_by_id IS DISTINCT FROM NEW.id)
       OR EXISTS (
           SELECT 1 FROM outreach_rolenotice n
           WHERE n.membership_id = NEW.id AND n.roles::text[] @> more AND outreach_may_take(n.id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'own roles need somebody else' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER guard_own_roles BEFORE INSERT OR UPDATE OF roles, ended_on ON outreach_membership
    FOR EACH ROW EXECUTE FUNCTION outreach_guard_own_roles();
"""

TEAMS_GUARD = """
CREATE FUNCTION outreach_guard_own_teams() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF current_user <> 'maraudes_web' OR outreach_administers_another(NEW.membership_id)
       OR EXISTS (
           SELECT 1 FROM outreach_invitation i JOIN outreach_account a ON a.email = i.email
           JOIN outreach_membership m ON m.account_id = a.id AND m.id = NEW.membership_id
           WHERE i.association_id = NEW.association_id AND i.accepted_on IS NOT NULL
             AND NEW.team_id = ANY (i.team_ids) AND i.made_by_id IS DISTINCT FROM NEW.membership_id)
       OR EXISTS (
           SELECT 1 FROM outreach_rolenotice n
           WHERE n.membership_id = NEW.membership_id AND NEW.team_id = ANY (n.team_ids) AND outreach_may_take(n.id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'own teams need somebody else' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER guard_own_teams BEFORE INSERT OR UPDATE ON outreach_teammembership
    FOR EACH ROW EXECUTE FUNCTION outreach_guard_own_teams();
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0024_counts_set_aside")]

    operations = [
        migrations.CreateModel(
            "RoleNotice",
            [
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("own", models.BooleanField()),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(choices=ROLES, max_length=12), size=None
                    ),
                ),
                (
                    "team_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("asked_on", models.DateField()),
                ("expires_on", models.DateField()),
                (
                    "association",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="outreach.association"),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="outreach.membership",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "rolenotice",
            models.CheckConstraint(
                condition=models.Q(("membership__isnull", False), ("own", True))
                | models.Q(("membership__isnull", True), ("own", False)),
                name="a_request_is_somebodys",
            ),
        ),
        migrations.AddConstraint(
            "rolenotice",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("roles__contains", ["coordinator"]), _negated=True),
                    models.Q(("roles__overlap", ["lead", "worker"]), _negated=True),
                    _connector="OR",
                ),
                name="no_asked_coordinator_in_the_field",
            ),
        ),
        migrations.AddConstraint(
            "rolenotice", models.UniqueConstraint(fields=("membership",), name="one_request_a_person")
        ),
        sql(
            f"ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_membership_id_same_tenant"
            " FOREIGN KEY (membership_id, association_id) REFERENCES outreach_membership (id, association_id)"
            " DEFERRABLE INITIALLY DEFERRED",
            f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_membership_id_same_tenant",
        ),
        enable(TABLE),
        grant(TABLE, WEB, "SELECT, INSERT, DELETE"),
        policy(TABLE, WEB, ALIVE, command="SELECT"),
        policy(TABLE, WEB, MADE, command="INSERT"),
        policy(TABLE, WEB, MINE, command="DELETE"),
        grant(TABLE, WORKER, "SELECT, INSERT, UPDATE, DELETE"),
        policy(TABLE, WORKER, "true"),
        # An auditor reads which roles and when, not whose: `own` says what the column of the membership would.
        grant(TABLE, AUDIT, "SELECT (id, association_id, own, roles, asked_on, expires_on)"),
        policy(TABLE, AUDIT, ALIVE, command="SELECT"),
        sql(MAY_TAKE, "DROP FUNCTION outreach_may_take(uuid)"),
        sql(OVER_OTHERS, "DROP FUNCTION outreach_administers_another(uuid)"),
        sql(
            ROLES_GUARD,
            "DROP TRIGGER guard_own_roles ON outreach_membership; DROP FUNCTION outreach_guard_own_roles()",
        ),
        sql(
            TEAMS_GUARD,
            "DROP TRIGGER guard_own_teams ON outreach_teammembership; DROP FUNCTION outreach_guard_own_teams()",
        ),
    ]
