"""An import killed in the middle and started again gives exactly the rows of one that ran through."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from outreach.importing import sources
from outreach.importing.models import ImportedRow, ImportJob
from outreach.importing.report import Report
from outreach.importing.services import Import
from outreach.members.models import Team
from outreach.records.models import Record
from privacy.keystore.models import RecordSecret
from privacy.keystore.orphans import delete_orphans
from tests import databases, factories
from tests.factories import Tenant
from tests.outreach.importing.files import many, mapping, row, written
from tests.outreach.importing.test_import_records import opened
from tests.totals import months

pytestmark = pytest.mark.database
LINES, BATCH = 60, 10


class Interrupted(Exception):
    """The power cut of these tests."""


def imported(
    lanterne: Tenant,
    path: Path,
    *,
    stop_at: int | None = None,
    team: Team | None = None,
) -> Report:
    """Run an import as the worker; with `stop_at`, cut it while it reads that line."""
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        if count == stop_at:
            raise Interrupted

    wanted = mapping()
    work = Import(path, wanted, lanterne.association, team or lanterne.teams["north"], factories.NOW)
    with databases.as_worker():
        return work.run(sources.open_source(path, wanted), wet=True, tick=tick, batch=BATCH)


def ids() -> tuple[set[object], set[object], dict[str, int]]:
    with databases.as_owner():
        totals: dict[str, int] = {}
        for month in months().values():
            for name, count in month.items():
                totals[name] = totals.get(name, 0) + count
        totals.pop("phones")
        return (
            set(Record.objects.values_list("id", flat=True)),
            set(ImportedRow.objects.values_list("id", flat=True)),
            totals,
        )


@pytest.mark.parametrize("stop_at", [1, 5, 11, 20, 35, 60])
def test_resuming_gives_exactly_the_rows_of_one_run(lanterne: Tenant, tmp_path: Path, stop_at: int) -> None:
    path = written(tmp_path / "f.csv", many(LINES))
    with pytest.raises(Interrupted):
        imported(lanterne, path, stop_at=stop_at)
    partial = opened(lanterne)
    report = imported(lanterne, path)
    assert report.known == 0
    records, memory, totals = ids()
    assert len(records) == 48
    assert len(memory) == LINES
    assert totals == {"people_count": sum(1 + n % 3 for n in range(LINES)), "encounters": LINES}
    assert partial <= opened(lanterne)
    # One run through, by the other team: another file digest, so it reads every line again and knows every record.
    whole = written(tmp_path / "whole.csv", [*many(LINES), row(9, Nombre="8")])
    again = imported(lanterne, whole)
    assert (again.known, again.kept) == (LINES, 1)
    assert ids()[0] > records


def test_a_cut_between_the_two_commits_is_healed(
    lanterne: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys commit before data: when the data's commit is lost, the next run issues new ones and the first ones are reaped."""
    path = written(tmp_path / "f.csv", many(10))

    def cut(*_arguments: object) -> None:
        raise Interrupted

    with monkeypatch.context() as broken, pytest.raises(Interrupted):
        broken.setattr(Import, "_remember", cut)
        imported(lanterne, path)
    with databases.as_owner():
        assert RecordSecret.objects.filter(retention_class="record").count() == 8
        assert Record.objects.count() == 0
    assert imported(lanterne, path).kept == 8
    assert sum(opened(lanterne).values()) == 8
    with databases.as_worker():
        delete_orphans()
        assert RecordSecret.objects.filter(retention_class="record").count() == 8
    assert sum(opened(lanterne).values()) == 8


KILLED = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from django.db import connections
settings.KEK_DIR = settings.MARAUDES_KEK_DIR = sys.argv[1]
for alias in connections:
    connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["TEST"]["NAME"]
from pathlib import Path
from outreach.associations.models import Association
from outreach.importing import sources
from outreach.importing.services import Import
from outreach.members.models import Team
from privacy import clock
from tests import moment
from tests.outreach.importing.files import mapping
moment.follow()
count = 0
def tick():
    global count
    count += 1
    if count == 34:
        os.kill(os.getpid(), signal.SIGKILL)
path = Path(sys.argv[2])
home = Association.objects.get(slug="lanterne")
team = Team.objects.get(association=home, name="Équipe Nord")
Import(path, mapping(), home, team, clock.now()).run(sources.open_source(path, mapping()), wet=True, tick=tick, batch=10)
"""


def test_a_killed_process_is_resumed_by_the_next(lanterne: Tenant, tmp_path: Path) -> None:
    path = written(tmp_path / "f.csv", many(LINES))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(settings.KEK_DIR), str(path)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "MARAUDES_DB_ROLE": "worker"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    with databases.as_owner():
        job = ImportJob.objects.get()
        assert (job.next_line, job.finished) == (32, False)
        assert Record.objects.count() == 24
    report = imported(lanterne, path)
    assert (report.resumed_at, report.kept, report.lines) == (32, 24, 30)
    records, memory, totals = ids()
    assert (len(records), len(memory), totals["encounters"]) == (48, LINES, LINES)
    with databases.as_owner():
        job = ImportJob.objects.get()
    assert (job.records, job.tallied, job.known, job.finished) == (48, 12, 0, True)


def test_what_another_run_of_the_file_brought_in_meanwhile_is_told_as_known(
    lanterne: Tenant, tmp_path: Path
) -> None:
    """Two operators start it at once: the second read "0 kept, 0 already imported" of lines that were all there."""
    rows = many(LINES)
    rows[3] = row(X="?")
    path = written(tmp_path / "f.csv", rows)
    other: list[Report] = []

    def tick() -> None:
        if not other:
            other.append(Report())
            other[0] = imported(lanterne, path)

    wanted = mapping()
    work = Import(path, wanted, lanterne.association, lanterne.teams["north"], factories.NOW)
    with databases.as_worker():
        told = work.run(sources.open_source(path, wanted), wet=True, tick=tick, batch=BATCH)
    assert (other[0].kept + other[0].counted, other[0].known, other[0].set_aside) == (LINES - 1, 0, 1)
    assert (told.kept + told.counted, told.known, told.set_aside) == (0, LINES - 1, 1)
    assert told.lines == LINES
    with databases.as_owner():
        assert ImportedRow.objects.count() == LINES - 1
