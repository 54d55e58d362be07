"""Lines that an earlier import left: the other sheet, what was alike, what the reception refused, a note written otherwise."""

from pathlib import Path

import openpyxl
import pytest

from tests import cast
from tests.outreach.importing.files import HEADER, mapping_file, row
from tests.outreach.importing.test_import_records import mapping, opened, run  # noqa: F401
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


def test_each_sheet_of_a_workbook_comes_in(home: cast.House, tmp_path: Path) -> None:
    file = two_sheets(tmp_path / "year.xlsx")
    october = mapping_file(tmp_path / "october.json", sheet="octobre")
    november = mapping_file(tmp_path / "november.json", sheet="novembre")
    run(file, october, "--wet-run")
    assert people() == 1
    said = run(file, november, "--wet-run")
    assert "2 gardées avec accord" in said
    assert "0 déjà importées" in said
    assert (sum(opened(home).values()), people()) == (3, 4)
    assert "rien à faire" in run(file, november, "--wet-run")
    # The sheet of before is still known by its own lines.
    assert "1 la date ne se lit pas" in run(file, october, "--wet-run")
    assert people() == 4
