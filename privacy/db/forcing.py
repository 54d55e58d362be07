"""Row security binds the owner of the tables too, unless the session says that it does the owner's work.

Rule of the module: migrations, `manage.py` as owner and the service's own SECURITY DEFINER functions say so; a server never
does. A web process that was given the owner's password by mistake then sees no row instead of every row. Run after each
migration, for every table and function there is: nothing new can be forgotten.
"""

from typing import Any

from django.db import connections

OWNER_WORK = "app.owner_work"
"""The session setting that the owner's policy asks for. Other roles gain nothing by it: the policy is the owner's alone."""

SAYING_SO = f"-c {OWNER_WORK}=on"
"""The option of a connection that does the owner's work."""

# A view of the owner's asks as the owner while its caller stays who they are: it shows what it was made to show.
_TABLES = """
DO $$
DECLARE t regclass; me name := current_user;
BEGIN
    FOR t IN SELECT c.oid FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
            AND c.relowner = me::regrole
            AND NOT (c.relforcerowsecurity
                AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'owner_work'))
    LOOP
        EXECUTE format('DROP POLICY IF EXISTS owner_work ON %s', t);
        EXECUTE format(
            'CREATE POLICY owner_work ON %s FOR ALL TO %I USING ((SELECT'
            ' current_user <> %L OR current_setting(''app.owner_work'', true) = ''on''))', t, me, me);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    END LOOP;
END $$
"""

# A function that may do more than its caller holds the scope by itself; forced row security would blind it.
_FUNCTIONS = """
DO $$
DECLARE f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.proowner = current_user::regrole
            AND NOT coalesce(p.proconfig, '{}') @> ARRAY['app.owner_work=on']
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET app.owner_work = ''on''', f);
    END LOOP;
END $$
"""


def force(using: str) -> None:
    """Bind the owner in the database of the connection `using`, which must be the owner's. Safe to repeat."""
    with connections[using].cursor() as cursor:
        cursor.execute(_TABLES)
        cursor.execute(_FUNCTIONS)


def after_migration(using: str, **_kwargs: Any) -> None:
    """Receiver of `post_migrate`, which Django sends once for each application."""
    force(using)
