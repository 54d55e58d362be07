"""What one line means; first of all that without a yes nothing but a number is read."""

from datetime import UTC, date, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.importing.errors import Reason
from outreach.importing.features import NO_POINT
from outreach.importing.mapping import Mapping
from outreach.importing.rows import Counted, Kept, Outcome, Reader, SetAside, looks_like_formula
from outreach.importing.table import Row
from outreach.records import encounter
from privacy.core.policy import DEFAULT, Policy
from tests.outreach.importing.files import HEADER, mapping, night, row

PARIS = ZoneInfo("Europe/Paris")
TODAY = night(0)
EAST = uuid4()


def reader(wanted: Mapping | None = None, policy: Policy = DEFAULT) -> Reader:
    return Reader(wanted or mapping(), policy, PARIS, TODAY, TODAY, {"e": EAST, "secteur est": EAST})


def read(wanted: Mapping | None = None, policy: Policy = DEFAULT, point: Any = None, **cells: Any) -> Outcome:
    line = dict(zip(HEADER, row(**cells), strict=True))
    return reader(wanted, policy).read(Row(7, line, point=point))


def kept(wanted: Mapping | None = None, policy: Policy = DEFAULT, **cells: Any) -> Kept:
    found = read(wanted, policy, **cells)
    assert isinstance(found, Kept)
    return found


def aside(wanted: Mapping | None = None, **cells: Any) -> Reason:
    found = read(wanted, **cells)
    assert isinstance(found, SetAside)
    assert found.line == 7
    return found.reason


def counted(wanted: Mapping | None = None, **cells: Any) -> Counted:
    found = read(wanted, **cells)
    assert isinstance(found, Counted)
    return found


def test_a_line_with_a_yes_becomes_a_square_and_codes() -> None:
    found = kept(Nombre="2", Besoins="Repas, duvet, licorne")
    assert found.cell is not None
    assert found.cell.size == DEFAULT.team_cell
    assert found.body["needs"] == ("meal", "sleeping_bag")
    assert found.body["people"] == 2
    assert found.left_out == 1
    entry = encounter.build({**found.body, "cell": found.cell, "sector_id": found.sector_id})
    assert entry.zone
    assert not entry.recontact
    assert not entry.quote_consent


def test_the_square_follows_the_policy() -> None:
    for size in (250, 500, 1000):
        found = kept(policy=Policy(team_cell=size))
        assert found.cell is not None
        assert found.cell.size == size


@pytest.mark.parametrize("answer", ["non", "", "refus", "?", "ou", "oui ?"])
def test_anything_but_a_listed_yes_is_only_counted(answer: str) -> None:
    found = counted(Accord=answer, Nombre="3")
    assert (found.people, found.reason) == (3, Reason.NO_CONSENT)
    assert not hasattr(found, "cell")


def test_without_a_consent_column_everybody_is_only_counted() -> None:
    assert counted(mapping(consent=None)).reason is Reason.NO_CONSENT


def test_without_a_yes_no_other_cell_is_even_parsed() -> None:
    assert counted(Accord="non", X="not a number", Besoins="?", Remarques="x" * 9_000).people == 1


def test_a_minor_is_only_counted() -> None:
    assert counted(Age="mineur").reason is Reason.MINOR


def test_older_than_retention_is_only_counted() -> None:
    old = counted(Date=night(DEFAULT.record_days + 7).isoformat())
    assert old.reason is Reason.TOO_OLD
    # Week buckets round down: some days before the limit may already be over, never one after it is alive.
    alive = [ago for ago in range(120) if isinstance(read(Date=night(ago).isoformat()), Kept)]
    assert alive == list(range(len(alive)))
    assert DEFAULT.record_days - 7 <= len(alive) <= DEFAULT.record_days


def test_tomorrow_does_not_exist_yet() -> None:
    assert aside(Date=(TODAY + timedelta(days=1)).isoformat()) is Reason.FUTURE


@pytest.mark.parametrize(
    ("people", "fits"),
    [("1", True), ("200", True), ("2.0", True), ("2,00", True), ("+2", True), ("\u00a02 ", True), ("0", False),
     ("201", False), ("", False)],
)  # fmt: skip
def test_people_are_one_to_two_hundred(people: str, fits: bool) -> None:
    if fits:
        assert kept(Nombre=people).body["people"] == float(people.replace(",", "."))
    else:
        assert aside(Nombre=people) is Reason.PEOPLE


@pytest.mark.parametrize("people", ["-1", "1.5", "deux", "１", "1e1", "99999"])
def test_what_is_no_whole_number_is_set_aside(people: str) -> None:
    assert aside(Nombre=people) is Reason.PEOPLE


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ("abc", "48.87", Reason.PLACE),
        ("", "48.87", Reason.PLACE),
        ("2.36", "nan", Reason.PLACE),
        ("inf", "48.87", Reason.PLACE),
        ("0x2", "48.87", Reason.PLACE),
        ("0", "0", Reason.OUTSIDE),
        ("2.36", "91", Reason.OUTSIDE),
        ("-73.56", "45.5", Reason.OUTSIDE),
    ],
)
def test_bad_places_are_set_aside(x: str, y: str, reason: Reason) -> None:
    assert aside(X=x, Y=y) is reason


def test_a_decimal_comma_and_no_place_at_all_are_fine() -> None:
    assert kept(X="2,3601", Y="48,8701").cell == kept().cell
    assert kept(X="", Y="").cell is None
    for nothing in ("NA", "NULL", "nan", "#N/A", "-", " "):
        assert kept(X=nothing, Y=nothing).cell is None
        assert kept(mapping(place={"lat_lon": "X"}), X=nothing).cell is None


def test_sectors_are_found_by_code_or_name() -> None:
    wanted = mapping(place={"sector": "X"})
    assert kept(wanted, X="E").sector_id == kept(wanted, X=" secteur  EST ").sector_id == EAST
    assert [kept(wanted, X=nothing).sector_id for nothing in ("", "NA", "#N/A", "-")] == [None] * 4
    assert aside(wanted, X="Z") is Reason.SECTOR


def test_a_feature_without_a_geometry_has_no_place_and_a_surface_is_set_aside() -> None:
    """As empty cells of a table: the same encounter is not lost because it came as a GeoJSON."""
    wanted = mapping(place={"geometry": True})
    assert isinstance(read(wanted, point=("2.36", "48.87")), Kept)
    nowhere = read(wanted, point=None)
    assert isinstance(nowhere, Kept) and nowhere.cell is None
    assert read(wanted, point=NO_POINT) == SetAside(7, Reason.PLACE)


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd|x",
        "-2+3",
        "=HYPERLINK(1)",
        "@SUM(A1)",
        "=A1",
        '=CONCAT("a";B2)',
        "=cmd|'/C calc'!A0",
        "=Tableau1[Age]",
        "=[1]F!$A$1",
        "=$A$1",
        "={SUM(A1)}",
        "=A1>5",
        "=#REF!",
        "+A1",
        "-F!A1",
    ],
)
def test_formulas_are_set_aside_and_cost_only_the_note_when_they_stand_there(cell: str) -> None:
    for column in ("X", "Nombre", "Besoins", "Accord"):
        changed: dict[str, Any] = {column: cell}
        assert aside(**changed) is Reason.FORMULA
    found = kept(Remarques=cell)
    assert found.note_left_out and "note" not in found.body


@pytest.mark.parametrize(
    "note",
    ["-duvet", "+2 couvertures", "=)", "-5 °C", "- deux gobelets", "=> revenir", "+ un café", "@ demain", "-merci !", "-merci!",
     "-duvet (2)"],
)  # fmt: skip
def test_free_text_that_begins_like_a_formula_is_a_note(note: str) -> None:
    assert kept(Remarques=note).body["note"] == note


@pytest.mark.parametrize("cell", ["=oui", "=2 duvets", "#REF!", "#NOM ?", "#DIV/0!", "#NAME?"])
def test_outside_the_note_what_begins_as_a_formula_or_failed_as_one_sets_the_line_aside(cell: str) -> None:
    """=Tableau1[Age] that nobody computed must not keep a minor as an adult."""
    for column in ("X", "Nombre", "Besoins", "Accord", "Age"):
        changed: dict[str, Any] = {column: cell}
        assert aside(**changed) is Reason.FORMULA
    assert counted(Age='="mineur"').reason is Reason.MINOR


def test_free_text_in_another_column_is_an_answer_like_any_other() -> None:
    assert kept(Besoins="-repas,+ duvet").body["needs"] == ("meal", "sleeping_bag")
    assert kept(Besoins="@gare").left_out == 1
    assert kept(Besoins="-repas (2)").left_out == 1
    assert counted(Accord="-").reason is Reason.NO_CONSENT


def test_a_real_formula_in_the_notes_column_costs_only_the_note() -> None:
    line = dict(zip(HEADER, row(Remarques="=B2"), strict=True))
    found = reader().read(Row(7, line, formulas=frozenset({"Remarques"})))
    assert isinstance(found, Kept) and found.note_left_out


@pytest.mark.parametrize(
    "cell",
    [
        "-2.5",
        "+48.87",
        "-",
        "- deux gobelets",
        "a=b",
        "",
        "-cmd",
        "@cmd",
        "=)",
        "-5 °C",
        "==",
        "=2 duvets",
        "@gare (quai 2)",
    ],
)
def test_signed_numbers_and_dashes_are_no_formulas(cell: str) -> None:
    assert not looks_like_formula(cell)


def test_a_formula_outside_the_mapping_does_not_matter() -> None:
    line = dict(zip(HEADER, row(), strict=True)) | {"Autre": "=1+1"}
    assert isinstance(reader().read(Row(7, line)), Kept)


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("2026-10-03", "", date(2026, 10, 3)),
        ("2026-10-03T23:30", "", date(2026, 10, 3)),
        ("2026-10-04 01:30", "", date(2026, 10, 3)),
        ("2026-10-04T11:59", "", date(2026, 10, 3)),
        ("2026-10-04T12:00", "", date(2026, 10, 4)),
        ("2026-10-04T00:30:00+02:00", "", date(2026, 10, 3)),
        ("2026-10-04T10:30:00Z", "", date(2026, 10, 4)),
        ("03/10/2026", "%d/%m/%Y", date(2026, 10, 3)),
        ("04/10/2026 01:00", "%d/%m/%Y %H:%M", date(2026, 10, 3)),
    ],
)
def test_a_night_runs_from_noon_to_noon(text: str, pattern: str, expected: date) -> None:
    day = date(2026, 10, 10)
    fixed = Reader(mapping(night={"column": "Date", "pattern": pattern}), DEFAULT, PARIS, day, day)
    found = fixed.read(Row(1, dict(zip(HEADER, row(Date=text), strict=True))))
    assert isinstance(found, Kept)
    assert found.night == expected


def test_the_hour_may_stand_in_a_column_of_its_own() -> None:
    wanted = mapping(night={"column": "Date", "time": "Remarques"}, note=None)
    day = night(3).isoformat()
    assert kept(wanted, Date=day, Remarques="01:15").night == night(4)
    assert kept(wanted, Date=day, Remarques="22:15").night == night(3)
    assert kept(wanted, Date=day, Remarques="").night == night(3)
    assert aside(wanted, Date=day, Remarques="25:99") is Reason.NIGHT


@pytest.mark.parametrize("text", ["", "hier", "2026-13-01", "31/02/2026", "99999-01-01"])
def test_dates_that_do_not_read_are_set_aside(text: str) -> None:
    assert aside(Date=text) is Reason.NIGHT


def test_a_note_is_kept_only_while_a_note_would_live() -> None:
    fresh, old = night(3).isoformat(), night(DEFAULT.note_days + 1).isoformat()
    assert kept(Date=fresh, Remarques="demande un duvet").body["note"] == "demande un duvet"
    assert "note" not in kept(Date=old, Remarques="demande un duvet").body


@pytest.mark.parametrize("note", ["Jean Dupont dort ici", "appeler le 06 12 34 56 78", "est sous méthadone"])
def test_a_note_that_names_or_labels_somebody_is_left_out(note: str) -> None:
    found = kept(Remarques=note)
    assert found.note_left_out
    assert "note" not in found.body


def test_a_line_break_of_a_note_counts_once_whatever_system_wrote_it() -> None:
    note = "mouillé\n" * 62 + "abcd"
    assert len(note) == 500
    for written in ("\n", "\r\n", "\r"):
        assert kept(Remarques=note.replace("\n", written)).body["note"] == note


def test_a_note_that_is_too_long_is_not_cut() -> None:
    assert aside(Remarques="x" * 501) is Reason.TOO_LONG


@given(st.dictionaries(st.sampled_from(HEADER), st.text(max_size=30)))
def test_any_cells_mean_something_and_never_crash(cells: dict[str, str]) -> None:
    line = dict(zip(HEADER, row(), strict=True)) | cells
    found = reader().read(Row(3, line))
    assert found.line == 3
    if isinstance(found, Kept):
        assert line["Accord"].strip().casefold() == "oui"
        encounter.build({**found.body, "cell": found.cell})


@given(st.floats(2.2, 2.5), st.floats(48.8, 48.95), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_a_place_is_never_finer_than_the_teams_square(lon: float, lat: float, day: date) -> None:
    fixed = Reader(mapping(), DEFAULT, UTC, day, day)
    found = fixed.read(
        Row(1, dict(zip(HEADER, row(Date=day.isoformat(), X=f"{lon:.6f}", Y=f"{lat:.6f}"), strict=True)))
    )
    assert isinstance(found, Kept)
    assert found.cell is not None
    assert found.cell.size == 500
    assert f"{lon:.4f}"[:-1] not in repr(found)
