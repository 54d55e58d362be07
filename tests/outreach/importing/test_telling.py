"""What the command tells of a file before anything is written, and what an older version's numbers become."""

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.translation import override

from outreach.importing import telling
from outreach.importing.errors import COUNTED, Reason, sentence
from outreach.importing.models import ImportJob, ImportLine
from outreach.importing.report import Report
from tests import databases, totals
from tests.factories import Tenant
from tests.outreach.importing.files import collection, mapping_file, night, row, written
from tests.outreach.importing.test_import_records import mapping, run, stored  # noqa: F401

pytestmark = pytest.mark.database


def test_one_is_told_as_one_and_two_as_two() -> None:
    """In French every word bends; a reason about the place itself is the same for any number of lines."""

    def said(count: int) -> set[str]:
        report = Report(kept=count, known=count, left_out=count, notes_left_out=count, after_frozen=count)
        for reason in (Reason.PLACE, *COUNTED, Reason.ALIKE):
            for line in range(7, 7 + count):
                report.note(reason, line)
        del report.reasons[Reason.ALIKE]
        return {line.split(maxsplit=1)[1] for line in telling.lines(report, wet=True)}

    with override("fr"):
        assert len(said(1)) == len(said(2)) == 11
        assert said(1) & said(2) == {sentence(Reason.PLACE, 1)}


def test_a_dry_run_tells_where_the_header_stands_and_which_nights_it_reads(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    file = written(tmp_path / "f.csv", [row(3), row(9), row(Date="hier")])
    file.write_text("Maraudes de novembre;\n\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    said = run(file, mapping)
    assert "en-tête : ligne 3" in said
    assert f"nuits du {night(9)} au {night(3)}" in said
    assert "ligne 6\n" in said
    assert "night.pattern" not in said
    assert "en-tête" not in run(written(tmp_path / "g.csv", [row(3)]), mapping)
    lost = run(written(tmp_path / "h.csv", [row(Date="03/10/2026")]), mapping)
    assert "nuits du" not in lost
    assert "night.pattern" in lost


def test_an_import_stopped_by_an_older_version_reads_its_file_from_the_first_line_again(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    """Line 800 of then, with breaks inside cells, may be row 300 of now: nothing after row 300 was read."""
    file = written(tmp_path / "f.csv", [row(3), row(4)])
    columns = "id, association_id, team_id, file_digest, mapping_digest, next_line, records, tallied, known, finished, expires_on"
    with databases.before("outreach", "0026_shortened") as migrate, databases.as_owner():
        job = uuid4()
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO outreach_importjob ({columns}) VALUES (%s, %s, %s, 'f', 'm', 800, 0, 0, 0, false, %s)",
                [job, lanterne.association.id, lanterne.teams["north"].id, night(-30)],
            )
        ImportLine.objects.create(association=lanterne.association, job_id=job, line=3, reason="night")
        migrate()
        assert not ImportJob.objects.filter(next_line__gt=0).exists()
        assert not ImportLine.objects.exists()
    assert "2 gardées" in run(file, mapping, "--wet-run")


def test_epochs_are_summed_in_months_of_their_own_year(lanterne: Tenant, tmp_path: Path) -> None:
    """Case 1: 73 of 2,000 lines were added, wet, to months of the 18th century."""
    wanted = mapping_file(
        tmp_path / "m.json",
        night={"column": "d"},
        place=None,
        people=None,
        consent=None,
        fields=None,
        note=None,
    )
    stamps = [1743102000000, 1757012400000, 1743102000, -6_000_000_000_000, 0]
    said = run(collection(tmp_path / "f.json", [(None, {"d": one}) for one in stamps]), wanted, "--wet-run")
    assert "2 la date ne se lit pas" in said
    with databases.as_owner():
        assert set(totals.months()) == {date(2025, 3, 1), date(2025, 9, 1)}
    assert stored()["ImportLine"] == 2
