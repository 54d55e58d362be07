"""Lines that an earlier import left: the other sheet, what was alike, what the reception refused, a note written otherwise."""

from pathlib import Path

import openpyxl
import pytest

from outreach.associations.models import Association
from tests import databases
from tests.factories import Tenant
from tests.outreach.importing.files import HEADER, mapping_file, row, written
from tests.outreach.importing.test_import_records import mapping, opened, refused, run  # noqa: F401
from tests.outreach.importing.test_two_are_two import people

pytestmark = pytest.mark.database


def two_sheets(path: Path) -> Path:
    """A workbook of two months, the first with a line that does not read."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheets = {"octobre": [row(3), row(Date="?")], "novembre": [row(4), row(5), row(6, Accord="non")]}
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for cells in [HEADER, *rows]:
            page.append(cells)
    book.save(path)
    return path


def test_each_sheet_of_a_workbook_comes_in(lanterne: Tenant, tmp_path: Path) -> None:
    file = two_sheets(tmp_path / "year.xlsx")
    october = mapping_file(tmp_path / "october.json", sheet="octobre")
    november = mapping_file(tmp_path / "november.json", sheet="novembre")
    run(file, october, "--wet-run")
    assert people() == 1
    said = run(file, november, "--wet-run")
    assert "2 gardées avec accord" in said
    assert "0 déjà importée\n" in said
    assert (sum(opened(lanterne).values()), people()) == (3, 4)
    assert "rien à faire" in run(file, november, "--wet-run")
    # The sheet of before is still known by its own lines.
    assert "1 la date ne se lit pas" in run(file, october, "--wet-run")
    assert people() == 4


def test_what_was_alike_comes_in_when_it_is_another_page_and_only_that(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    """Told after the wet run already: the same command with the flag does what the sentence says."""
    run(written(tmp_path / "page1.csv", [row(), row(Accord="non", Nombre="2")]), mapping, "--wet-run")
    page = written(tmp_path / "page2.csv", [row(), row(5), row(Accord="non", Nombre="2"), row()])
    said = run(page, mapping, "--wet-run")
    assert "2 gardées avec accord" in said
    assert "2 déjà importées" in said
    assert people() == 5
    said = run(page, mapping, "--wet-run")
    assert "rien à faire" in said
    assert "dont 2 semblables" in said
    # One more mapped column gives another name: without the flag such a line is left alone all the same.
    fuller = mapping_file(tmp_path / "fuller.json", fields=None)
    assert "rien à faire" in run(page, fuller, "--wet-run")
    said = run(page, mapping, "--another-page")
    assert "1 à garder avec accord" in said
    said = run(page, mapping, "--wet-run", "--another-page")
    assert "1 gardée avec accord" in said
    assert "1 sans accord" in said
    assert (sum(opened(lanterne).values()), people()) == (4, 8)
    said = run(page, mapping, "--wet-run", "--another-page")
    assert "rien à faire" in said
    assert "semblables" not in said
    assert people() == 8


@pytest.mark.parametrize(
    ("first", "anew"),
    [("", "NA"), ("2.5 km", "2,5 km"), ("un café ☕", "Un cafe\u0301 ?"), ("- duvet", "duvet")],
)
def test_a_note_saved_anew_makes_no_second_encounter(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
    first: str,
    anew: str,
) -> None:
    """Spreadsheets write empty cells, commas and signs as they like; letters and digits stay."""
    run(written(tmp_path / "f.csv", [row(Remarques=first)]), mapping, "--wet-run")
    said = run(written(tmp_path / "g.csv", [row(Remarques=anew), row(5)]), mapping, "--wet-run")
    assert "1 déjà importée\n" in said
    assert people() == 2


def test_an_association_without_teams_is_told_so(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    with databases.as_owner():
        Association.objects.create(name="Premiers", slug="premiers")
    said = refused(written(tmp_path / "f.csv", [row()]), mapping, association="premiers")
    assert "pas encore d'équipe" in said
