"""What PostgreSQL may remember of rows for its plans: of those about people, nothing but two drawn ids.

ANALYZE copies values into `pg_statistic`: the most frequent ones, a histogram, how the order on the disk follows the order of
values. They outlive the rows they came from for as long as nobody analyses again: session keys, bodies of the log, records per
round and night were there 400 days later. So every column gets no statistics unless its table is listed here as harmless, and
every table about people is vacuumed as soon as one row of it is dead, however small it is (PostgreSQL waits for fifty).

Applied after every `migrate` (privacy.retention.apps), so that a new column has none until somebody says that it may.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

HARMLESS = frozenset(
    {
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "django_content_type",
        "django_migrations",
        "outreach_sector",
        "outreach_sectorcell",
        "spatial_ref_sys",
    }
)
"""Tables without people, rounds, sessions or keys: a territory's geography and the framework's own lists."""

DRAWN = frozenset({"keystore_recordsecret.subject_id", "outreach_sealedpart.record_id"})
"""Ids drawn at random in the two largest tables, which are looked up by hundreds: with no idea of how many differ PostgreSQL
reads the whole table. The least it can be told to keep is kept: how many differ, and the lowest and highest of a sample."""

SETTINGS = {
    "autovacuum_vacuum_threshold": "0",
    "autovacuum_vacuum_scale_factor": "0",
    "vacuum_index_cleanup": "on",
    "toast.autovacuum_vacuum_threshold": "0",
    "toast.autovacuum_vacuum_scale_factor": "0",
    "toast.vacuum_index_cleanup": "on",
}

# A column of an index counts when it is an expression; others have no statistics of their own. NULL is the default from 17 on.
REMEMBERED = """
SELECT c.relkind::text, c.oid::regclass::text, CASE c.relkind WHEN 'i' THEN a.attnum::text ELSE quote_ident(a.attname) END,
    CASE WHEN t.relname || '.' || a.attname = ANY (%s) THEN 1 ELSE 0 END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_index i ON i.indexrelid = c.oid
JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attstattarget IS DISTINCT FROM (CASE WHEN t.relname || '.' || a.attname = ANY (%s) THEN 1 ELSE 0 END)
  AND t.relname <> ALL (%s)
  AND pg_has_role(t.relowner, 'USAGE') AND (i.indexrelid IS NULL OR i.indkey[a.attnum - 1] = 0)
ORDER BY 2, 3
"""

UNTIDY = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL (%s) AND pg_has_role(c.relowner, 'USAGE')
  AND NOT coalesce(c.reloptions, '{}') @> %s
ORDER BY 1
"""


def forbid(connection: Any) -> None:
    """Turn statistics off and prompt vacuuming on for every table of ours that is not harmless. Does nothing a second time.

    What was remembered before is in a catalogue that only the cluster's superuser may empty: the set-up scripts do that.
    """
    harmless = sorted(HARMLESS)
    plain = [f"{name}={value}" for name, value in SETTINGS.items() if "." not in name]
    with connection.cursor() as cursor:
        cursor.execute(REMEMBERED, asked())
        for (kind, relation), names in _by_relation(cursor.fetchall()).items():
            what = "INDEX" if kind == "i" else "MATERIALIZED VIEW" if kind == "m" else "TABLE"
            for name in names if kind == "i" else [None]:
                columns = [name] if name else names
                changes = ", ".join(
                    f"ALTER COLUMN {column} SET STATISTICS {target}" for column, target in columns
                )
                cursor.execute(f"ALTER {what} {relation} {changes}")
        cursor.execute(UNTIDY, [harmless, plain])
        options = ", ".join(f"{name} = {value}" for name, value in SETTINGS.items())
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} SET ({options})")


def asked() -> list[list[str]]:
    """What REMEMBERED is asked with."""
    return [sorted(DRAWN), sorted(DRAWN), sorted(HARMLESS)]


def _by_relation(
    rows: Iterable[tuple[str, str, str, int]],
) -> dict[tuple[str, str], list[tuple[str, int]]]:
    found = defaultdict(list)
    for kind, relation, name, target in rows:
        found[kind, relation].append((name, target))
    return found
