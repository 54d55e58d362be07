"""Lines of a month whose totals are final: their encounters are kept, and the report says that no total holds them."""

from pathlib import Path

import pytest

from outreach.records.models import TallyMonth
from privacy.core.policy import DEFAULT
from tests import databases, factories, totals
from tests.outreach.importing.files import night, row, written
from tests.outreach.importing.test_import_records import mapping, run, stored  # noqa: F401

pytestmark = pytest.mark.database


def test_lines_of_a_frozen_month_are_taken_and_said_to_be_in_no_total(
    lanterne: factories.Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    recent, old = night(40), night(DEFAULT.record_days + 30)
    with databases.as_owner():
        for day in (recent, old):
            TallyMonth.objects.create(association=lanterne.association, month=day.replace(day=1), totals={})
    rows = [row(Date=recent.isoformat()), row(Date=old.isoformat()), row(2)]
    said = run(written(tmp_path / "f.csv", rows), mapping, "--wet-run")
    assert "2 lignes d’un mois déjà arrêté" in said
    assert stored()["Record"] == 2
    with databases.as_owner():
        assert set(totals.months()) == {night(2).replace(day=1)}
