"""The repository itself: what strings refer to exists, every column has a life, every table an eraser, every tenant row a policy.

A new column, table, task or route fails here until somebody says how long it lives, who erases it, who may see it.
"""

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

from config.celery import BEAT
from privacy.core import envelope
from privacy.core.retention import RetentionClass
from privacy.erasers import erasers
from privacy.retention.shortening import shorteners
from tests import databases

ROOT = Path(__file__).resolve().parents[1]

KEPT = "kept: says how the association works, nothing about a person met"
KEY = "dies with its bucket or epoch"
FRAMEWORK = "framework bookkeeping without people"

# Every table: the retention class of its rows, or why they need none.
TABLES: dict[str, RetentionClass | str] = {
    "keystore_kekepoch": KEY,
    "keystore_bucketkey": KEY,
    "keystore_recordsecret": KEY,
    "keystore_ingresskey": KEY,
    "keystore_pepper": KEY,
    "audit_pendingevent": RetentionClass.AUDIT_BODY,
    "audit_logentry": RetentionClass.AUDIT_BODY,
    "audit_checkpoint": "kept: hashes that prove the log, and nothing else",
    "audit_anonymouscounter": RetentionClass.AUDIT_BODY,
    "audit_lastpromise": "kept: the newest checkpoint once more, as the worker's folder knows it",
    "retention_highwater": FRAMEWORK,
    "retention_ledgerentry": "kept: counts of rows by day of expiry, no person; the proof of forgetting",
    "retention_purgerun": "kept: days on which the service forgot",
    "outreach_association": KEPT,
    "outreach_account": RetentionClass.ACCOUNT,
    "outreach_team": KEPT,
    "outreach_membership": RetentionClass.ACCOUNT,
    "outreach_teammembership": RetentionClass.ACCOUNT,
    "outreach_invitation": RetentionClass.INVITATION,
    "outreach_rolenotice": RetentionClass.ACCOUNT,
    "outreach_importjob": RetentionClass.IMPORT,
    "outreach_importline": RetentionClass.IMPORT,
    "outreach_importedrow": RetentionClass.IMPORT,
    "outreach_sector": KEPT,
    "outreach_sectorcell": KEPT,
    "outreach_round": RetentionClass.ITINERARY,
    "outreach_roundsector": RetentionClass.ITINERARY,
    "outreach_tally": RetentionClass.TALLY,
    "outreach_runningmonth": RetentionClass.RUNNING_MONTH,
    "outreach_runningquarter": RetentionClass.RUNNING_QUARTER,
    "outreach_tallymonth": "kept: totals of a finished month, without area, rounded down",
    "outreach_handover": RetentionClass.HANDOVER,
    "outreach_draft": RetentionClass.DRAFT,
    "outreach_quarantine": RetentionClass.QUARANTINE,
    "outreach_tombstone": RetentionClass.TOMBSTONE,
    "outreach_consentevent": RetentionClass.CONSENT,
    "outreach_record": RetentionClass.RECORD,
    "outreach_sealedpart": "the class stands in the row: the note",
    "outreach_consentcounter": "kept: how often a question was asked in a finished quarter, in bands",
    "maps_weeklysummary": RetentionClass.SUMMARY,
    "maps_monthlyaccumulator": RetentionClass.ACCUMULATOR,
    "auth_permission": FRAMEWORK,
    "auth_group_permissions": FRAMEWORK,
    "auth_group": FRAMEWORK,
    "django_content_type": FRAMEWORK,
    "django_migrations": FRAMEWORK,
    "django_session": RetentionClass.SESSION,
    "geometry_columns": FRAMEWORK,
    "spatial_ref_sys": FRAMEWORK,
    "account_emailaddress": RetentionClass.ACCOUNT,
    "account_emailconfirmation": RetentionClass.ACCOUNT,
    "mfa_authenticator": RetentionClass.ACCOUNT,
    "usersessions_usersession": RetentionClass.SESSION,
}

PARTS = {RetentionClass.NOTE}
"""Of `outreach_sealedpart`, whose rows say their class themselves."""

# Erased as part of the row they belong to (ON DELETE CASCADE or Django's), not by an eraser of their own.
WITH_PARENT = {"outreach_roundsector": "outreach_round", "outreach_importline": "outreach_importjob"}

# Not moved by a shorter rule: no association chooses their term, or their eraser measures it against the rules of the day.
OF_ONE_TERM = {
    *(
        "outreach_draft",
        "outreach_tombstone",
        "audit_pendingevent",
        "audit_logentry",
        "audit_anonymouscounter",
    ),
    *(
        "django_session",
        "usersessions_usersession",
        "outreach_membership",
        "outreach_teammembership",
        "outreach_account",
    ),
    *("account_emailaddress", "account_emailconfirmation", "mfa_authenticator"),
    *("outreach_runningmonth", "outreach_runningquarter"),
}

# Words that no column of the service may carry: there is no field for them, at all (docs/threat-model.md, A6).
FORBIDDEN = re.compile(
    r"(first|last|full|birth|sur|nick)_?name|birth|nationalit|origin_country|religion|sexual|diagnos|substance|photo|"
    r"latitude|longitude|\blat\b|\blon\b|\bpoint\b|address|phone_number|created_at|updated_at|last_login|last_seen|last_used"
)
# Columns of the login library that the pattern names; each is emptied or cut to the day by ours (tests/outreach/members).
TOLERATED = {
    "mfa_authenticator.created_at",
    "mfa_authenticator.last_used_at",
    "usersessions_usersession.created_at",
    "usersessions_usersession.last_seen_at",
    "account_emailconfirmation.email_address_id",
}


# Every moment in the whole schema, and why it follows nobody. Days are dates; whatever is finer than a day stands here.
MOMENTS = {
    "account_emailconfirmation.created": "never filled: no role may insert",
    "account_emailconfirmation.sent": "never filled: no role may insert",
    "django_migrations.applied": "when the operator migrated",
    "django_session.expire_date": "CHECK",
    "mfa_authenticator.created_at": "CHECK",
    "mfa_authenticator.last_used_at": "CHECK",
    "outreach_round.planned_start": "a team's plan, made before anybody walks; forgotten once it left",
    "usersessions_usersession.created_at": "CHECK",
    "usersessions_usersession.last_seen_at": "CHECK",
}
# A number or a text could hold a moment as well: these words name one. Columns that end so are dates, or stand above.
MOMENT_WORDS = re.compile(r"(_at|_used|_seen|_time|timestamp|^sent|^created|^applied|^modified|^updated)$")


def tables() -> dict[str, list[Field]]:  # type: ignore[type-arg]
    return {
        model._meta.db_table: list(model._meta.concrete_fields)
        for model in apps.get_models(include_auto_created=True)
    }


def test_every_table_has_a_life() -> None:
    assert set(tables()) - TABLES.keys() == set()
    assert TABLES.keys() - set(tables()) - {"django_migrations"} == set()


def test_every_table_that_dies_has_an_eraser() -> None:
    erased = {table for eraser in erasers() for table in eraser.tables}
    dying = {table for table, life in TABLES.items() if isinstance(life, RetentionClass)}
    without = {table for table in dying if table not in erased and WITH_PARENT.get(table) not in erased}
    assert without == set()
    assert "outreach_sealedpart" in erased


def test_a_shorter_rule_reaches_every_table_that_dies() -> None:
    moved = {table for shortener in shorteners() for table in shortener.tables}
    assert moved, "presence first"
    dying = {table for eraser in erasers() for table in eraser.tables}
    assert dying - moved == OF_ONE_TERM


def test_the_data_flow_says_where_everything_that_dies_lies() -> None:
    page = (ROOT / "docs" / "data-flow.md").read_text()
    dying = {table for table, life in TABLES.items() if isinstance(life, RetentionClass)}
    assert {table for table in dying if not re.search(rf"`{table}`", page)} == set()


def test_an_eraser_names_the_class_of_its_tables() -> None:
    for eraser in erasers():
        for table in eraser.tables:
            life = TABLES[table]
            if isinstance(life, RetentionClass):
                assert life in eraser.classes, (eraser.name, table)


def test_every_retention_class_is_that_of_a_row() -> None:
    """A class without rows is a promise about nothing (docs/adr/0043-nothing-without-a-reader.md)."""
    assert (
        set(RetentionClass) == {life for life in TABLES.values() if isinstance(life, RetentionClass)} | PARTS
    )


def test_no_column_names_what_must_never_be_recorded() -> None:
    found = {
        f"{table}.{field.column}"
        for table, fields in tables().items()
        for field in fields
        if FORBIDDEN.search(field.column or "")
    }
    # Presence first: the pattern does catch what it is meant to catch.
    assert all(
        FORBIDDEN.search(word)
        for word in ("birth_date", "nationality", "last_login", "latitude", "created_at")
    )
    assert {one for one in found if not one.startswith(("geometry_columns", "spatial_ref_sys"))} <= TOLERATED


@pytest.mark.database
def test_every_moment_in_the_schema_is_known_and_coarse(db_clean: None) -> None:
    """All tables, those of libraries too, in both databases: a new column finer than a day fails until it is made coarse."""
    found: set[str] = set()
    writers: set[str] = set()
    coarse: dict[str, str] = {}
    for database in ("default", "keystore"):
        with databases.raw("owner", database) as connection:
            columns = connection.execute(
                "SELECT c.table_name || '.' || c.column_name, c.column_name, c.data_type FROM information_schema.columns c"
                " JOIN information_schema.tables t USING (table_schema, table_name)"
                " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            ).fetchall()
            found |= {
                name
                for name, column, kind in columns
                if kind.startswith(("time", "interval")) or (kind != "date" and MOMENT_WORDS.search(column))
            }
            rows = connection.execute(
                "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"
            ).fetchall()
            for table, definition in rows:
                coarse[table] = coarse.get(table, "") + definition
            writers |= {
                row[0]
                for row in connection.execute(
                    "SELECT DISTINCT table_name FROM information_schema.role_table_grants"
                    " WHERE privilege_type IN ('INSERT', 'UPDATE') AND grantee <> 'maraudes_owner'"
                ).fetchall()
            }
    assert all(MOMENT_WORDS.search(word) for word in ("last_used_at", "created", "last_seen", "timestamp"))
    assert found == MOMENTS.keys()
    for name, why in MOMENTS.items():
        if why.startswith("a team's plan"):  # tests/outreach/coordination/test_departure.py
            continue
        table, column = name.split(".")
        if why == "CHECK":
            assert re.search(rf"{column} IS NULL|date_trunc\('(day|hour)'::text, {column}", coarse[table]), (
                name
            )
        else:
            assert table not in writers, name


def test_no_geometry_column_but_the_outline_of_a_sector() -> None:
    shapes = [
        f"{table}.{field.column}"
        for table, fields in tables().items()
        for field in fields
        if hasattr(field, "geom_type")
    ]
    assert shapes == ["outreach_sector.outline"]


@pytest.mark.database
def test_every_tenant_table_has_row_security_and_every_role_only_what_it_was_granted(db_clean: None) -> None:
    with databases.raw("owner") as connection:
        open_tables = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity"
        ).fetchall()
        granted = connection.execute(
            "SELECT DISTINCT table_name FROM information_schema.role_table_grants"
            " WHERE grantee = 'maraudes_audit'"
        ).fetchall()
        public = connection.execute(
            "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = 'PUBLIC' AND table_schema = 'public'"
        ).fetchall()
    assert {row[0] for row in open_tables} <= {
        "django_migrations",
        "django_content_type",
        "django_session",
        "auth_permission",
        "auth_group",
        "auth_group_permissions",
        "spatial_ref_sys",
    }
    assert {table for (table,) in granted} <= {
        "audit_leaf",
        "audit_logentry",
        "audit_checkpoint",
        "audit_lastpromise",
        "retention_ledgerentry",
        "retention_purgerun",
        "outreach_consentcounter",
    }
    assert {row[0] for row in public} <= {"spatial_ref_sys", "geometry_columns", "geography_columns"}


def test_blob_sizes_in_the_migration_are_those_of_the_envelope() -> None:
    floor = import_module("outreach.migrations.0003_floor")
    assert envelope.RECORD + envelope.OVERHEAD == floor.SEALED_1024
    assert envelope.NOTE + envelope.OVERHEAD == floor.SEALED_1024


def test_every_scheduled_task_exists_under_its_name_and_takes_no_argument() -> None:
    from config.celery import app

    app.loader.import_default_modules()
    for name, (task, _when) in BEAT.items():
        assert task in app.tasks, name
        found = app.tasks[task]
        module = import_module(task.rpartition(".")[0])
        assert found.name == task
        function = getattr(module, task.rpartition(".")[2])
        assert function.run.__code__.co_argcount == 0, task


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_actors_of_the_log_are_made_in_one_place() -> None:
    """Elsewhere in the product a text is no actor: who reads or acts has a pseudonym (privacy/audit/actors.py)."""
    made = [
        path.relative_to(ROOT).as_posix()
        for app in ("config", "privacy", "outreach", "maps", "tension", "demo")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"\bActor\(", path.read_text())
    ]
    assert made == ["privacy/audit/actors.py"]


def test_nothing_committed_names_a_registry_or_this_machine() -> None:
    # The whole path of this checkout: its parent alone may be /tmp or /srv, which prose and configuration name rightly.
    machine = re.compile(rf"(?<![\w.]){re.escape(str(ROOT))}(?![\w-])")
    registry = re.compile(r"https?://(registry\.npmjs|pypi\.org/simple|files\.pythonhosted|deb\.debian)")
    found = []
    for path in tracked():
        if path.suffix in {".png", ".gpkg", ".zip", ".mo"}:
            continue
        text = path.read_text(errors="ignore")
        if machine.search(text) or registry.search(text):
            found.append(path.relative_to(ROOT).as_posix())
    assert found == []
