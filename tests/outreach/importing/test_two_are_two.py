"""Two encounters are two, one is one: pages of a night, teams, formats, mappings, lines that could not come in before."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from outreach.associations import services as associations
from outreach.closing import withdrawal
from outreach.importing.identity import PEPPER, Names
from outreach.importing.models import ImportedRow, ImportLine
from outreach.importing.rows import Kept, Reader
from outreach.importing.table import Row
from outreach.records.models import Record
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy.audit.actors import OPERATOR
from privacy.core import envelope
from privacy.core.policy import DEFAULT
from privacy.db.scope import tenant_transaction
from privacy.keystore import services as keystore
from privacy.keystore.models import RecordSecret
from privacy.retention import services as retention
from tests import databases, factories, totals
from tests.factories import Tenant
from tests.outreach.importing.files import HEADER, mapping_file, night, row, workbook, written
from tests.outreach.importing.files import mapping as mappings
from tests.outreach.importing.test_import_records import mapping, opened, run, stored  # noqa: F401

pytestmark = pytest.mark.database


def people() -> int:
    with databases.as_owner():
        return sum(month["people_count"] for month in totals.months().values())


def test_two_pages_of_one_night_are_two_encounters(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    run(written(tmp_path / "page1.csv", [row(X="2,3601", Y="48,8701")]), mapping, "--wet-run")
    said = run(written(tmp_path / "page2.csv", [row(X="2,3555", Y="48,8688")]), mapping, "--wet-run")
    assert "1 gardée avec accord" in said
    assert (sum(opened(lanterne).values()), people()) == (2, 2)


def test_two_teams_are_two(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:  # noqa: F811
    run(written(tmp_path / "north.csv", [row()]), mapping, "--wet-run")
    said = run(written(tmp_path / "south.csv", [row(), row(4)]), mapping, "--wet-run", team="Équipe Sud")
    assert "2 gardées avec accord" in said
    assert (sum(opened(lanterne).values()), people()) == (3, 3)


def test_one_file_for_two_teams_is_told(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    file = written(tmp_path / "f.csv", [row()])
    run(file, mapping, "--wet-run")
    assert "Équipe Nord" in run(file, mapping, team="Équipe Sud")
    assert "Équipe Nord" not in run(file, mapping)


def test_notes_and_answers_tell_encounters_apart(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    pages = [row(), row(Besoins="duvet"), row(Nombre="2"), row(4), row(4, Remarques="demande un duvet")]
    # A note that names somebody is not kept, and still says that this is another encounter than one without a note.
    pages.append(row(Remarques="Jean Dupont dort ici"))
    for number, line in enumerate(pages):
        run(written(tmp_path / f"page{number}.csv", [line]), mapping, "--wet-run")
    assert sum(opened(lanterne).values()) == len(pages)


def test_what_nothing_tells_apart_is_told_and_may_come_in(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    lines = [row(), row(Accord="non")]
    run(written(tmp_path / "page1.csv", lines), mapping, "--wet-run")
    page = written(tmp_path / "page2.csv", [*lines, row(5)])
    said = run(page, mapping)
    assert "2 déjà importées" in said
    assert "--another-page" in said
    said = run(page, mapping, "--wet-run", "--another-page")
    assert "--another-page" not in said
    assert (sum(opened(lanterne).values()), people()) == (3, 5)
    # Known from now on: the same page in another format brings nothing.
    typed = [[day, float(x), float(y), int(count), *rest] for day, x, y, count, *rest in [*lines, row(5)]]
    assert "3 déjà importées" in run(workbook(tmp_path / "page2.xlsx", typed), mapping, "--wet-run")
    both = written(tmp_path / "both.csv", [*lines, *lines, row(5)])
    assert "5 déjà importées" in run(both, mapping, "--wet-run")
    assert people() == 5


def test_a_line_comes_in_once_its_cause_is_gone(lanterne: Tenant, tmp_path: Path) -> None:
    by_sector = mapping_file(tmp_path / "m.json", place={"sector": "X"})
    file = written(tmp_path / "sec.csv", [row(X="Quartier Neuf"), row(X="E"), row(X="E", Date="?")])
    said = run(file, by_sector, "--wet-run")
    assert "1 gardée avec accord" in said
    assert "1 le secteur n’est pas connu" in said
    with databases.as_owner():
        factories.sector(lanterne.association, "N", "Quartier Neuf", ["CRS3035RES500mN2891500E3761000"])
    dry = run(file, by_sector)
    assert "1 à garder avec accord" in dry
    assert "1 déjà importée\n" in dry
    again = run(file, by_sector, "--wet-run")
    assert "1 gardée avec accord" in again
    assert "1 déjà importée\n" in again
    assert "1 la date ne se lit pas" in again
    assert (sum(opened(lanterne).values()), people()) == (2, 2)
    with databases.as_owner():
        assert dict(ImportLine.objects.values_list("line", "reason")) == {4: "night"}
    third = run(file, by_sector, "--wet-run")
    assert "0 gardée avec accord" in third
    assert people() == 2


def test_a_twin_that_was_set_aside_is_no_line_of_before(lanterne: Tenant, tmp_path: Path) -> None:
    """The line that came in keeps its name: the twin above it, read at last, is another encounter."""
    by_sector = mapping_file(tmp_path / "m.json", place={"sector": "X"})
    file = written(tmp_path / "sec.csv", [row(X="Quartier Neuf"), row(X="E")])
    run(file, by_sector, "--wet-run")
    with databases.as_owner():
        lanterne.sectors["east"].__class__.objects.filter(pk=lanterne.sectors["east"].pk).update(
            name="Quartier Neuf"
        )
    assert "1 gardée avec accord" in run(file, by_sector, "--wet-run")
    assert sum(opened(lanterne).values()) == 2


def test_what_the_reception_refused_is_counted_once(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It lies in quarantine, from where it comes in or not: the file does not bring it again."""
    file = written(tmp_path / "f.csv", [row()])
    with monkeypatch.context() as smaller:
        smaller.setattr(envelope, "RECORD", 16)
        assert "1 refusée à la réception" in run(file, mapping, "--wet-run")
    assert (stored()["Quarantine"], people()) == (1, 1)
    assert "rien à faire" in run(file, mapping, "--wet-run")
    assert (stored()["Quarantine"], people()) == (1, 1)
    # Nor does the same file saved anew.
    assert "1 déjà importée\n" in run(written(tmp_path / "g.csv", [row(), row(5)]), mapping, "--wet-run")
    assert (stored()["Quarantine"], people()) == (1, 2)


def test_a_night_planned_and_not_walked_takes_an_import(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("outreach.management.commands.import_records.clock.now", lambda: factories.NOW)
    with tenant_transaction(lanterne.scope("north")):
        for ago in (2, 0):
            rounds.plan_round(
                association_id=lanterne.association.id,
                team_id=lanterne.teams["north"].id,
                night=night(ago),
                sector_ids=[lanterne.sectors["east"].id],
            )
    file = written(tmp_path / "f.csv", [row(2), row(2, Nombre="2", Accord="non"), row(0)])
    said = run(file, mapping, "--wet-run")
    assert "1 gardée avec accord" in said
    assert "1 l’équipe a une tournée prévue cette nuit-là" in said
    assert "déjà une tournée notée" not in said
    assert [one[0] for one in opened(lanterne)] == [night(2)]
    assert people() == 3
    with tenant_transaction(lanterne.scope("north")):
        walked = Round.objects.get(night=night(2))
        assert (walked.status, walked.started_hour) == (Round.Status.CLOSED, None)
        rounds.cancel_round(Round.objects.get(night=night(0)).id, now=factories.NOW)
    said = run(file, mapping, "--wet-run")
    assert "1 cette nuit n’est pas finie" in said, "it would close the round that the team has still to walk"
    with databases.as_owner():
        assert Round.objects.filter(night=night(0), status=Round.Status.CLOSED).count() == 0
    monkeypatch.setattr(
        "outreach.management.commands.import_records.clock.now", lambda: factories.NOW + timedelta(days=1)
    )
    run(file, mapping, "--wet-run")
    assert {one[0] for one in opened(lanterne)} == {night(2), night(0)}, "once it is over it comes in"


def test_a_night_cancelled_or_of_another_team_is_free(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    with tenant_transaction(lanterne.scope("north", "south")):
        round_ = rounds.plan_round(
            association_id=lanterne.association.id,
            team_id=lanterne.teams["north"].id,
            night=night(2),
            sector_ids=[],
        )
        rounds.cancel_round(round_.id, now=factories.NOW)
        factories.open_round(lanterne, "south", night=night(2))
    assert "1 gardée avec accord" in run(written(tmp_path / "f.csv", [row(2)]), mapping, "--wet-run")


@pytest.mark.parametrize("more", ["note", "fields", "people"])
def test_one_more_column_brings_nothing_in_twice(lanterne: Tenant, tmp_path: Path, more: str) -> None:
    rows = [row(Remarques="demande un duvet", Nombre="2"), row(4, Accord="non"), row(5, X="2.31")]
    file = written(tmp_path / "f.csv", rows)
    lean = mapping_file(tmp_path / "lean.json", note=None, fields=None, people=None)
    run(file, lean, "--wet-run")
    before = stored()
    wanted = {key: None for key in ("note", "fields", "people") if key != more}
    fuller = mapping_file(tmp_path / "fuller.json", **wanted)
    assert "rien à faire" in run(file, fuller)
    assert "rien à faire" in run(file, fuller, "--wet-run")
    assert stored() == before


def test_a_note_grown_old_does_not_make_a_line_new(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An export of the whole year, month after month: what was said of a night is the same when its note is over."""
    line = row(2, Remarques="demande un duvet")
    run(written(tmp_path / "november.csv", [line]), mapping, "--wet-run")
    later = factories.NOW + timedelta(days=DEFAULT.note_days)
    monkeypatch.setattr("outreach.management.commands.import_records.clock.now", lambda: later)
    again = written(tmp_path / "december.csv", [line, row(1, X="2.31")])
    said = run(again, mapping, "--wet-run")
    assert "1 déjà importée\n" in said
    assert "1 gardée avec accord" in said


def test_a_record_taken_back_stays_away_from_every_format(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    run(written(tmp_path / "f.csv", [row()]), mapping, "--wet-run")
    with databases.as_worker(), tenant_transaction(lanterne.scope("north")):
        assert withdrawal.withdraw(Record.objects.get().id, actor=factories.ACTOR, now=factories.NOW)
    day, x, y, count, *rest = row()
    typed = [[day, float(x), float(y), int(count), *rest]]
    assert "1 déjà importée\n" in run(workbook(tmp_path / "f.xlsx", typed), mapping, "--wet-run")
    assert opened(lanterne) == Counter()


def test_what_is_remembered_of_a_record_dies_with_it(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    run(written(tmp_path / "f.csv", [row(2), row(60)]), mapping, "--wet-run")
    with databases.as_owner():
        records = Counter(Record.objects.values_list("expires_on", flat=True))
        assert Counter(ImportedRow.objects.values_list("expires_on", flat=True)) == records
        assert len(records) == 2


def ends_of_keys() -> dict[str, list[date]]:
    """The days on which the keys of records and of the names of their lines die."""
    with databases.as_owner():
        rows = RecordSecret.objects.filter(retention_class__in=["record", "import"])
        found: dict[str, list[date]] = {"record": [], "import": []}
        for kind, day in rows.values_list("retention_class", "bucket__expires_on"):
            found[kind].append(day)
    return {kind: sorted(days) for kind, days in found.items()}


def test_the_key_of_a_night_dies_with_its_records(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    run(written(tmp_path / "f.csv", [row(2), row(30)]), mapping, "--wet-run")
    ends = ends_of_keys()
    assert ends["import"] == ends["record"]
    assert len(set(ends["record"])) == 2
    with databases.as_worker():
        associations.shorten(
            lanterne.association.id, {"record_days": 60}, actor=OPERATOR, now=factories.NOW, wet=True
        )
    shorter = ends_of_keys()
    assert shorter["import"] == shorter["record"] < ends["record"]
    # The same lines in another file are known under the shorter rule too.
    assert "2 déjà importées" in run(written(tmp_path / "g.csv", [row(30), row(2)]), mapping, "--wet-run")
    with databases.as_worker():
        retention.purge(datetime.combine(shorter["record"][0], time(12), UTC), wet=True)
    assert ends_of_keys() == {kind: days[1:] for kind, days in shorter.items()}


def test_a_line_of_before_this_version_is_known(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    """Ids of the version before live on until their day; its jobs are gone, so its files are read again."""
    lines = [row(), row(), row(4, Accord="non")]
    wanted = mappings()
    day = factories.NIGHT
    reader = Reader(wanted, DEFAULT, ZoneInfo(lanterne.association.timezone), day, day)
    outcomes = [reader.read(Row(1, dict(zip(HEADER, line, strict=True)))) for line in lines[:2]]
    with databases.as_worker():
        names = Names(
            keystore.pepper(PEPPER),
            lanterne.association.id,
            lanterne.teams["north"].id,
            lambda _night: bytes(32),
        )
    with databases.as_owner():
        for outcome in outcomes:
            assert isinstance(outcome, Kept)
            ImportedRow.objects.create(
                id=names.former(outcome), association=lanterne.association, expires_on=night(-30)
            )
    said = run(written(tmp_path / "f.csv", [*lines, row()]), mapping, "--wet-run")
    assert "2 déjà importées" in said
    assert "1 gardée avec accord" in said
