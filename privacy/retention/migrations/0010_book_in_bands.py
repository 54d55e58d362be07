"""The auditor's role reads the account book as its page shows it: by week, and counts in bands of finished weeks only.

It could read every line, day by day and exact: the number of encounters of each night.
"""

from django.db import migrations

from privacy.db.rowsecurity import ASSOCIATION, AUDIT, grant, policy, sql

# SECURITY DEFINER: row security does not bind the owner, so the function holds the tenant against the scope by itself. Finished: all
# of it destroyed, and the week over, so that nothing more can be stored to expire in it. The bands are those of `privacy.bands`.
BOOK = f"""
CREATE FUNCTION retention_book(at date) RETURNS TABLE (
    week date, kind varchar, late boolean, done boolean, stored int, withdrawn int, settled date, next_day date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH mine AS (
        SELECT *, date_trunc('week', expires_on)::date AS monday FROM retention_ledgerentry WHERE association_id = {ASSOCIATION}
    ), weeks AS (
        SELECT monday, retention_class, bool_or(erased_on IS NULL AND expires_on <= at) AS late,
               bool_and(erased_on IS NOT NULL) AS done, sum(m.stored) AS s, sum(m.withdrawn) AS w, max(erased_on) AS erased_on
          FROM mine m GROUP BY 1, 2
    ), shown AS (SELECT *, done AND monday + 7 <= least(at, app_today()) AS finished FROM weeks)
    SELECT monday, retention_class, late, done,
           CASE WHEN finished THEN CASE WHEN s >= 50 THEN 50 WHEN s >= 20 THEN 20 ELSE 0 END END,
           CASE WHEN finished THEN CASE WHEN w >= 50 THEN 50 WHEN w >= 20 THEN 20 ELSE 0 END END,
           CASE WHEN done THEN erased_on END,
           (SELECT min(expires_on) FROM mine WHERE mine.erased_on IS NULL AND mine.expires_on > at)
      FROM shown
$$
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0009_no_settled_line")]

    operations = [
        sql(
            f"{BOOK}; REVOKE ALL ON FUNCTION retention_book(date) FROM PUBLIC;"
            f" GRANT EXECUTE ON FUNCTION retention_book(date) TO {AUDIT}",
            "DROP FUNCTION retention_book(date)",
        ),
        sql(
            f"REVOKE ALL ON retention_ledgerentry FROM {AUDIT}; DROP POLICY audit_select ON retention_ledgerentry",
            grant("retention_ledgerentry", AUDIT, "SELECT").sql
            + "; "
            + policy("retention_ledgerentry", AUDIT, f"association_id = {ASSOCIATION}", command="SELECT").sql,
        ),
        sql(
            f"REVOKE ALL ON retention_purgerun FROM {AUDIT}; GRANT SELECT (id, day, complete) ON retention_purgerun TO {AUDIT}",
            f"REVOKE ALL ON retention_purgerun FROM {AUDIT}; GRANT SELECT ON retention_purgerun TO {AUDIT}",
        ),
    ]
