"""Breaking every rule of the schema once, on purpose: rows made of planted values, each wrong in exactly one way.

Rule of the module: nothing is listed by hand that the catalogue can tell; the values come from `planted.py`. Every attempt is
rolled back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from tests.privacy.planted import Column, breaking, fitting
from tests.privacy.spared import SPARED


@dataclass(frozen=True)
class Trip:
    """One refusal: which rule, the error's code, all that PostgreSQL told the client, and who it says refused: the
    constraint it names, and where functions spoke.
    """

    rule: str
    code: str
    told: str
    constraint: str
    context: str


class Tripper:
    """Breaks the rules of one database, connected as the owner of its tables. `token` (a short word) is in every value."""

    def __init__(self, connection: psycopg.Connection[Any], token: str) -> None:
        self.connection, self.token = connection, token

    def rows(self, query: str, *values: Any) -> list[Any]:
        return self.connection.execute(query, values or None).fetchall()

    def tables(self) -> list[str]:
        found = self.rows(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname NOT IN ('spatial_ref_sys', 'residue_control') ORDER BY 1"
        )
        return [name for (name,) in found]

    def columns(self, table: str) -> list[Column]:
        found = self.rows(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            table,
        )
        return [Column(*row) for row in found]

    def row(self, table: str, changed: Mapping[str, Any] | None = None, seed: int = 0) -> dict[str, Any]:
        made = {column.name: fitting(table, column, self.token, seed) for column in self.columns(table)}
        return {**made, **(changed or {})}

    def insert(self, table: str, *rows: dict[str, Any]) -> None:
        names = list(rows[0])
        line = sql.SQL("({})").format(sql.SQL(", ").join(sql.Placeholder() * len(names)))
        query = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join([line] * len(rows)),
        )
        self.connection.execute(query, [row[name] for row in rows for name in names])

    def rules(self) -> set[str]:
        """Every rule the catalogue knows: constraints and unique indexes as table.name, our triggers as table.name()."""
        found = self.rows(
            "SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
            " AND contype <> 'n' AND conrelid <> 0 UNION"
            " SELECT i.indrelid::regclass || '.' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace UNION"
            " SELECT tgrelid::regclass || '.' || tgname || '()' FROM pg_trigger WHERE NOT tgisinternal"
        )
        return {name for (name,) in found if name.split(".")[0] in self.tables()} - SPARED.keys()

    def told_by(self, trips: Iterable[Trip]) -> set[str]:
        """The rules that PostgreSQL itself names in these refusals: the constraint, or the function of a trigger that raised."""
        functions = self.rows(
            "SELECT tgrelid::regclass || '.' || tgname || '()', tgrelid::regclass || ' ' || tgname, proname FROM pg_trigger"
            " JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal"
        )
        trips = list(trips)
        raised = {
            name
            for name, rule, function in functions
            for trip in trips
            if trip.rule.startswith(f"{rule} ") and f"function {function}(" in trip.context
        }
        return {trip.constraint for trip in trips} | raised

    def attempt(
        self, rule: str, table: str, *rows: dict[str, Any], then: str = "", code: str = "", name: str = ""
    ) -> Trip | None:
        """Try, roll back, and say what PostgreSQL said; None when it let the rows in or gave another reason than `code`.

        name: the constraint that shall speak; others of the table that speak first are taken away until the rollback.
        """
        aside: list[str] = []
        while len(aside) < 8:
            try:
                with self.connection.transaction(force_rollback=True):
                    self._alone(table, aside)
                    self.insert(table, *rows)
                    if then:
                        self.connection.execute(then)
            except psycopg.Error as error:
                spoke = error.diag.constraint_name
                if name and spoke and spoke != name:
                    aside.append(spoke)
                    continue
                return told(rule, error) if code in ("", error.sqlstate) else None
            return None
        return None

    def _alone(self, table: str, aside: Iterable[str]) -> None:
        """Take the table's triggers and the named constraints or unique indexes away: they would speak first."""
        on = sql.Identifier(table)
        self.connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(on))
        for name in map(sql.Identifier, aside):
            self.connection.execute(
                sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {} CASCADE").format(on, name)
            )
            self.connection.execute(sql.SQL("DROP INDEX IF EXISTS {}").format(name))

    def not_null(self) -> Iterator[tuple[str, Trip | None]]:
        for table in self.tables():
            for column in self.columns(table):
                if column.required:
                    rule = f"{table}.{column.name} NOT NULL"
                    yield rule, self.attempt(rule, table, self.row(table, {column.name: None}), code="23502")

    def unique(self) -> Iterator[tuple[str, Trip | None]]:
        found = self.rows(
            "SELECT i.indrelid::regclass::text, c.relname,"
            " array(SELECT attname::text FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = ANY (i.indkey)),"
            " 0 = ANY (i.indkey) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY 2"
        )
        for table, name, columns, by_expression in found:
            if table in self.tables():
                first, kinds = self.row(table), {column.name: column.kind for column in self.columns(table)}
                same = {column: first[column] for column in columns}
                if by_expression:  # such as lower(email): equal for the index, different for every plain one
                    texts = [
                        column for column, kind in kinds.items() if "varying" in kind and column != "type"
                    ]
                    same |= {column: str(first[column]).upper() for column in texts}
                second = self.row(table, same, 1)
                yield name, self.attempt(name, table, first, second, code="23505", name=name)

    def foreign(self) -> Iterator[tuple[str, Trip | None]]:
        found = self.rows(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 2"
        )
        for table, name in found:
            yield (
                name,
                self.attempt(
                    name,
                    table,
                    self.row(table),
                    then=f'SET CONSTRAINTS "{name}" IMMEDIATE',
                    code="23503",
                    name=name,
                ),
            )

    def checks(self) -> Iterator[tuple[str, Trip | None]]:
        found = self.rows(
            "SELECT conrelid::regclass::text, conname,"
            " array(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey))"
            " FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 2"
        )
        for table, name, columns in found:
            if table in self.tables():
                yield name, self._against(table, name, columns)

    def _against(self, table: str, name: str, columns: list[str]) -> Trip | None:
        """The refusal of this very check, reached by one of a few values that are wrong somehow."""
        kinds = {column.name: column.kind for column in self.columns(table)}
        for column in columns:
            for wrong in breaking(kinds[column], self.token):
                trip = self.attempt(name, table, self.row(table, {column: wrong}), code="23514", name=name)
                if trip:
                    return trip
        return None

    def triggers(self) -> Iterator[tuple[str, Trip | None]]:
        """Each trigger of ours, by every event it listens to; needs rows in the tables it guards."""
        found = self.rows(
            "SELECT tgrelid::regclass::text, tgname, tgtype, tgfoid::regproc::text FROM pg_trigger WHERE NOT tgisinternal"
            " AND tgenabled = 'O' ORDER BY 1, 2"
        )
        for table, name, kind, function in found:
            if f"{table}.{name}()" in SPARED:
                continue
            statements = {
                4: [""],
                8: [f'DELETE FROM "{table}"'],
                16: self._updates(table),
                32: [f'TRUNCATE "{table}" CASCADE'],
            }
            for bit, ways in statements.items():
                if kind & bit:
                    rule = f"{table} {name} {ways[0].split()[0] if ways[0] else 'INSERT'}"
                    trips = (self._fired(rule, table, way) for way in ways)
                    yield (
                        rule,
                        next((trip for trip in trips if trip and f"{function}(" in trip.context), None),
                    )

    def _updates(self, table: str) -> list[str]:
        """Changes of one column; of a day, to a far past and to a far future; of a count, to one less."""
        columns = {column.name: column.kind for column in self.columns(table)}
        days = [name for name, kind in columns.items() if kind == "date"]
        words = [name for name, kind in columns.items() if "varying" in kind or kind == "text"]
        sets = [f"\"{name}\" = '{day}'" for name in days for day in ("1999-01-01", "2199-01-01")]
        sets += [f"\"{name}\" = '{self.token}'" for name in words]
        sets += [f'"{name}" = "{name}" - 1' for name, kind in columns.items() if kind == "integer"]
        sets += ['"id" = gen_random_uuid()'] if columns.get("id") == "uuid" else []
        sets += [f'"{name}" = NOT "{name}"' for name, kind in columns.items() if kind == "boolean"]
        return [f'UPDATE "{table}" SET {one}' for one in sets or [f'"{next(iter(columns))}" = DEFAULT']]

    def _fired(self, rule: str, table: str, statement: str) -> Trip | None:
        try:
            with self.connection.transaction(force_rollback=True):
                if not statement or not self.rows(f'SELECT 1 FROM "{table}" LIMIT 1'):
                    self.insert(table, self.row(table))
                if statement:
                    self.connection.execute(statement)
        except psycopg.Error as error:
            return told(rule, error)
        return None

    def types(self) -> Iterator[tuple[str, Trip | None]]:
        """A word where a number, a day, an id belongs, and a text longer than its column."""
        for table in self.tables():
            for column in self.columns(table):
                kind = column.kind
                if kind.startswith("character varying(") and not kind.endswith("[]"):
                    wrong = self.token * (int(kind[18:-1]) // len(self.token) + 1)
                elif kind in (
                    "uuid",
                    "date",
                    "time without time zone",
                    "integer",
                    "bigint",
                    "smallint",
                    "jsonb",
                    "inet",
                    "boolean",
                ):
                    wrong = f"{self.token} near 48.8765"
                else:
                    continue
                rule = f"{table}.{column.name} {kind}"
                yield rule, self.attempt(rule, table, self.row(table, {column.name: wrong}))


def told(rule: str, error: psycopg.Error) -> Trip:
    parts = (
        error.diag.message_primary,
        error.diag.message_detail,
        error.diag.context,
        error.diag.constraint_name,
    )
    return Trip(
        rule,
        error.sqlstate or "",
        " | ".join([str(error), *(part for part in parts if part)]),
        f"{error.diag.table_name}.{error.diag.constraint_name}",
        error.diag.context or "",
    )


def as_web(connection: psycopg.Connection[Any], association: UUID, team: UUID) -> None:
    """Set the scope of one person for the transaction that is open."""
    connection.execute(
        "SELECT set_config('app.association_id', %s, true), set_config('app.team_ids', %s, true)",
        [str(association), f"{{{team}}}"],
    )
