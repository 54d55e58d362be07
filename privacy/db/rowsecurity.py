"""Row security, written once and used by every migration: what each database role may do with a table, and which rows it sees.

Three roles (created by the set-up script, because roles belong to the cluster): web (a person's request, bounded by the scope),
worker (tasks of the whole installation: purge, log, summaries), audit (what an auditor reads).
Nothing is granted by default; a table without a policy shows no row.
"""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

WEB, WORKER, AUDIT = "maraudes_web", "maraudes_worker", "maraudes_audit"

# `nullif`: after the first transaction-local SET the setting reads '' and not NULL. The sub-select is evaluated once a query.
ASSOCIATION = "(SELECT nullif(current_setting('app.association_id', true), '')::uuid)"
ACCOUNT = "(SELECT nullif(current_setting('app.account_id', true), '')::uuid)"
TEAMS = "(SELECT coalesce(nullif(current_setting('app.team_ids', true), ''), '{}')::uuid[])"
LOGIN = "(SELECT nullif(current_setting('app.login_email', true), ''))"
ALIVE = "expires_on > (SELECT app_today())"

ALL = "SELECT, INSERT, UPDATE, DELETE"


def sql(statement: str, reverse: str = "") -> RunSQL:
    return RunSQL(statement, reverse or RunSQL.noop)


def grant(table: str, role: str, rights: str) -> RunSQL:
    return sql(f"GRANT {rights} ON {table} TO {role}", f"REVOKE ALL ON {table} FROM {role}")


def enable(table: str) -> RunSQL:
    return sql(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
    )


def policy(
    table: str, role: str, using: str, *, command: str = "ALL", check: str | None = None, name: str = ""
) -> RunSQL:
    """One policy. `check` defaults to `using`; INSERT policies have no USING part in PostgreSQL."""
    name = name or f"{role.removeprefix('maraudes_')}_{command.lower()}"
    clauses = "" if command == "INSERT" else f" USING ({using})"
    if command not in ("SELECT", "DELETE"):
        clauses += f" WITH CHECK ({check if check is not None else using})"
    return sql(
        f"CREATE POLICY {name} ON {table} FOR {command} TO {role}{clauses}",
        f"DROP POLICY IF EXISTS {name} ON {table}",
    )


def tenant_table(
    table: str,
    *,
    association: str = "association_id",
    team: bool | str = False,
    expires: bool = False,
    web: str = ALL,
    worker: str = "SELECT, DELETE",
    audit: str = "",
) -> Sequence[RunSQL]:
    """Rows of one association: seen by its own people, of one team where `team`, and no longer than they live where `expires`.

    `team` may be an SQL expression that replaces the default test "the row's team is one of mine". The worker sees every row
    because it purges all associations; it never serves a request. `audit` gets SELECT bounded by association
    when named.
    """
    mine = f"{association} = {ASSOCIATION}"
    alive = f" AND {ALIVE}" if expires else ""
    teams = (
        ""
        if not team
        else f" AND {team}"
        if isinstance(team, str)
        else f" AND team_id = ANY (({TEAMS})::uuid[])"
    )
    operations = [enable(table)]
    if web:
        operations += [grant(table, WEB, web), policy(table, WEB, f"{mine}{teams}{alive}")]
    if worker:
        operations += [grant(table, WORKER, worker), policy(table, WORKER, "true")]
    if audit:
        operations += [grant(table, AUDIT, audit), policy(table, AUDIT, mine, command="SELECT")]
    return operations
