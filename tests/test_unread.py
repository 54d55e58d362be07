"""What nothing reads does not exist: each name of the product is asked who uses it (ADR 43)."""

import re
from dataclasses import fields
from pathlib import Path

from django.conf import settings

from outreach.records.encounter import Encounter

ROOT = Path(__file__).resolve().parents[1]


def product(*leaving_out: str) -> str:
    """All Python of the product but migrations and `leaving_out`, a path's beginning each."""
    return "\n".join(
        path.read_text()
        for app in ("config", "privacy", "outreach", "maps", "tension")
        for path in sorted((ROOT / app).rglob("*.py"))
        if "/migrations/" not in path.as_posix()
        and not path.relative_to(ROOT).as_posix().startswith(leaving_out)
    )


def test_every_connection_is_opened_by_a_module_of_its_name() -> None:
    code = product("config/settings/", "privacy/db/router.py")
    further = set(settings.DATABASES) - {"default", "keystore"}  # the router sends there by application
    assert further, "presence first"
    assert {name for name in further if not re.search(rf'^[A-Z]+ = "{name}"', code, re.MULTILINE)} == set()


def test_every_role_of_the_cluster_is_some_connection_s() -> None:
    made = set(
        re.findall(r"ALTER ROLE maraudes_(\w+) NOSUPERUSER", (ROOT / "script/lib/roles.sql").read_text())
    )
    connected = {str(one["USER"]).removeprefix("maraudes_") for one in settings.DATABASES.values()}
    assert made == connected | {"owner", "worker"}  # MARAUDES_DB_ROLE, of migrations and of the worker


PAY_OFF = "A night's work pays off"
"""The open issue whose pages and totals will read what nobody reads today."""

READERS: dict[str, tuple[str, str]] = {
    "people": ("maps/services.py", "encounter.people"),
    "zone": ("outreach/closing/intake.py", "encounter.zone"),
    "recontact": ("outreach/field/views/notes.py", "encounter.recontact"),
    "notice": ("outreach/closing/intake.py", "encounter.notice"),
    "cell": ("maps/services.py", "encounter.cell"),
    "sector_id": ("outreach/field/views/notes.py", "encounter.sector_id"),
    "met_this_round": ("maps/services.py", "encounter.met_this_round"),
    "needs": ("maps/services.py", "encounter.needs"),
    "age_band": ("outreach/closing/intake.py", "encounter.age_band"),
    "note": ("outreach/field/views/notes.py", "note=one.note"),
}
"""Every field of an encounter that a page, a total or the gate reads: where, and in which words."""

AWAITED: dict[str, str] = dict.fromkeys(
    (
        *("quote_consent", "quote", "contact_kind", "given", "referrals", "referral_outcome", "wellbeing"),
        *("household_kind", "gender", "shelter_kind", "interpreter_needed", "has_animal"),
    ),
    PAY_OFF,
)
"""Fields that are asked and sealed and that no page reads: the issue that is to read them, or to take them out of the form."""


def test_every_field_of_an_encounter_has_a_reader_or_the_name_of_the_issue_that_brings_one() -> None:
    assert READERS.keys() | AWAITED.keys() == {field.name for field in fields(Encounter)}
    assert READERS.keys() & AWAITED.keys() == set()


def test_a_reader_of_a_field_reads_it() -> None:
    without = {name for name, (path, words) in READERS.items() if words not in (ROOT / path).read_text()}
    assert without == set()


def test_what_waits_for_its_reader_has_none() -> None:
    code = product("tension/", "outreach/records/encounter.py")
    assert re.search(r"\bencounter\.needs\b", code), "presence first"
    assert {name for name in AWAITED if re.search(rf"\bencounter\.{name}\b", code)} == set()
