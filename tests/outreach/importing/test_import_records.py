"""The command as an operator runs it, under the worker's role: dry first, wet on request, never the same line twice."""

import io
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from outreach.closing import withdrawal
from outreach.importing.models import ImportedRow, ImportJob, ImportLine
from outreach.records.models import ConsentEvent, Draft, Quarantine, Record, RunningMonth, Tally
from outreach.records.selectors import open_rows
from outreach.rounds.models import Round
from privacy.audit.models import PendingEvent
from privacy.core.policy import DEFAULT
from privacy.core.retention import RetentionClass
from privacy.db.scope import tenant_transaction
from privacy.keystore.models import Pepper, RecordSecret
from privacy.retention import services as retention
from tests import databases, factories, totals
from tests.factories import Tenant
from tests.outreach.importing.files import (
    HEADER,
    collection,
    many,
    mapping_file,
    night,
    row,
    workbook,
    written,
)
from tests.reading import typed

pytestmark = pytest.mark.database


def run(
    file: Path, mapping: Path, *flags: str, team: str = "Équipe Nord", association: str = "lanterne"
) -> str:
    out = io.StringIO()
    with databases.as_worker():
        names = {"association": association, "team": team, "mapping": str(mapping)}
        call_command("import_records", str(file), *flags, **names, stdout=out)
    return typed(out.getvalue())


def refused(*arguments: Any, **options: Any) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments, **options)
    return typed(str(caught.value))


def stored() -> dict[str, int]:
    """Rows of every table an import may write."""
    models = (
        Record,
        Round,
        Tally,
        RunningMonth,
        ImportJob,
        ImportLine,
        ImportedRow,
        Quarantine,
        Draft,
        ConsentEvent,
    )
    with databases.as_owner():
        counts = {model.__name__: model._default_manager.count() for model in models}
        return counts | {"secrets": RecordSecret.objects.count(), "audit": PendingEvent.objects.count()}


def opened(lanterne: Tenant) -> Counter[tuple[object, ...]]:
    """What the records say, as the worker opens them."""
    with databases.as_worker(), tenant_transaction(lanterne.scope("north", "south")):
        rows = Record.objects.filter(association=lanterne.association).select_related("round")
        return Counter(
            (
                one.night,
                one.encounter.people,
                one.encounter.cell and one.encounter.cell.id,
                one.encounter.needs,
                one.note,
            )
            for one in open_rows(list(rows), notes=True)
        )


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return mapping_file(tmp_path / "mapping.json")


def test_a_dry_run_says_everything_and_writes_nothing(
    lanterne: Tenant, tmp_path: Path, mapping: Path
) -> None:
    before = stored()
    said = run(written(tmp_path / "f.csv", many(20)), mapping)
    assert "16 à garder avec accord" in said
    assert "4 sans accord" in said
    assert "Rien n'a été écrit" in said
    assert stored() == before
    with databases.as_owner():
        assert not Pepper.objects.exists()


def test_a_wet_run_keeps_what_was_agreed_and_counts_the_rest(
    lanterne: Tenant, tmp_path: Path, mapping: Path
) -> None:
    said = run(written(tmp_path / "f.csv", many(20)), mapping, "--wet-run")
    assert "16 gardées avec accord" in said
    found = stored()
    assert found["Record"] == found["ConsentEvent"] == 16
    assert found["ImportedRow"] == 20
    assert found["Round"] == found["Tally"] == 4
    assert found["Quarantine"] == found["Draft"] == found["ImportLine"] == 0
    assert sum(opened(lanterne).values()) == 16
    with databases.as_owner():
        assert {one.status for one in Round.objects.all()} == {Round.Status.CLOSED}
        assert sum(month["people_count"] for month in totals.months().values()) == sum(
            1 + n % 3 for n in range(20)
        )
        lines = Counter(PendingEvent.objects.filter(event="import_run").values_list("outcome", "count"))
    assert lines == {("started", None): 1, ("done", 0): 1}, "the log has the band, not the 16 of these nights"


def test_what_was_not_agreed_leaves_neither_place_nor_words(
    lanterne: Tenant, tmp_path: Path, mapping: Path
) -> None:
    rows = [row(Accord="non", X="2.3999", Remarques="PLANTED-WORDS"), row(Remarques="demande un duvet")]
    run(written(tmp_path / "f.csv", rows), mapping, "--wet-run")
    assert [one[-1] for one in opened(lanterne)] == ["demande un duvet"]
    for database in ("default", "keystore"):
        with databases.raw("owner", database) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                dump = connection.execute(f'SELECT t::text FROM "{table}" t').fetchall()
                text = str(dump)
                assert "PLANTED" not in text, table
                assert b"PLANTED".hex() not in text, table
                assert "2.3999" not in text, table


def test_the_same_file_again_has_nothing_to_do(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    file = written(tmp_path / "f.csv", many(20))
    run(file, mapping, "--wet-run")
    before = stored()
    assert "rien à faire" in run(file, mapping, "--wet-run")
    assert stored() == before


def test_the_same_lines_in_another_file_are_known(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    rows = many(20)
    run(written(tmp_path / "f.csv", rows), mapping, "--wet-run")
    records = opened(lanterne)
    shuffled = [*reversed(rows), row(3, X="2.40", Nombre="9")]
    again = written(tmp_path / "g.csv", shuffled, "cp1252", delimiter=",")
    assert "20 déjà importées" in run(again, mapping)
    said = run(again, mapping, "--wet-run")
    assert "20 déjà importées" in said
    assert "1 gardée avec accord" in said
    assert opened(lanterne) - records == Counter(dict.fromkeys(opened(lanterne) - records, 1))
    assert sum(opened(lanterne).values()) == 17
    assert stored()["ImportedRow"] == 21


def test_the_same_lines_as_a_workbook_or_geojson_are_known_too(
    lanterne: Tenant, tmp_path: Path, mapping: Path
) -> None:
    rows = many(10)
    run(written(tmp_path / "f.csv", rows), mapping, "--wet-run")
    typed = [[day, float(x), float(y), int(people), *rest] for day, x, y, people, *rest in rows]
    assert "10 déjà importées" in run(workbook(tmp_path / "f.xlsx", typed), mapping, "--wet-run")
    features = [([float(one[1]), float(one[2])], dict(zip(HEADER, one, strict=True))) for one in rows]
    by_geometry = mapping_file(tmp_path / "m2.json", place={"geometry": True})
    assert "10 déjà importées" in run(collection(tmp_path / "f.json", features), by_geometry, "--wet-run")


def test_twins_are_two_people_and_stay_two(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    run(written(tmp_path / "f.csv", [row(), row()]), mapping, "--wet-run")
    assert sum(opened(lanterne).values()) == 2
    assert "2 déjà importées" in run(written(tmp_path / "g.csv", [row(), row(), row()]), mapping, "--wet-run")
    assert sum(opened(lanterne).values()) == 3


def test_a_record_taken_back_is_never_imported_again(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    run(written(tmp_path / "f.csv", [row()]), mapping, "--wet-run")
    with databases.as_worker(), tenant_transaction(lanterne.scope("north")):
        record = Record.objects.get()
        assert withdrawal.withdraw(record.id, actor=factories.ACTOR, now=factories.NOW)
    said = run(written(tmp_path / "g.csv", [row(), row(Nombre="2")]), mapping, "--wet-run")
    assert "1 déjà importée\n" in said
    assert [one[1] for one in opened(lanterne)] == [2]


def test_bad_lines_are_numbers_and_reasons_and_nothing_else(
    lanterne: Tenant, tmp_path: Path, mapping: Path
) -> None:
    rows = [
        row(Besoins="=SECRET()"),
        row(X="SECRET"),
        row(Date="SECRET"),
        row(Nombre="SECRET"),
        [*row(), "SECRET"],
        row(),
    ]
    said = run(written(tmp_path / "f.csv", rows), mapping, "--wet-run")
    assert "SECRET" not in said
    assert "1 gardée avec accord" in said
    with databases.as_owner():
        lines = dict(ImportLine.objects.values_list("line", "reason"))
    assert lines == {2: "formula", 3: "place", 4: "night", 5: "people", 6: "columns"}


def test_without_a_consent_column_people_are_counted_and_nothing_is_kept(
    lanterne: Tenant, tmp_path: Path
) -> None:
    mapping = mapping_file(tmp_path / "m.json", consent=None)
    said = run(written(tmp_path / "f.csv", many(10)), mapping, "--wet-run")
    assert "Aucune colonne d'accord" in said
    found = stored()
    assert (found["Record"], found["ConsentEvent"]) == (0, 0)
    assert found["Tally"] == 4


def test_a_minor_is_only_counted(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    said = run(written(tmp_path / "f.csv", [row(Age="mineur")]), mapping, "--wet-run")
    assert "mineur·e" in said
    assert (stored()["Record"], stored()["Tally"]) == (0, 1)


def test_what_is_too_old_is_a_number_in_its_month(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    old = night(DEFAULT.record_days + 30)
    run(written(tmp_path / "f.csv", [row(Date=old.isoformat(), Nombre="3")]), mapping, "--wet-run")
    found = stored()
    assert (found["Record"], found["Round"], found["Tally"]) == (0, 0, 0)
    with databases.as_owner():
        [(month, counted)] = totals.months().items()
    assert (month, counted["people_count"]) == (old.replace(day=1), 3)


def test_a_night_noted_with_the_phone_is_left_alone(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    with tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne, night=night(2))
    rows = [row(2), row(3)]
    said = run(written(tmp_path / "f.csv", rows), mapping, "--wet-run")
    assert "déjà une tournée" in said
    assert [one[0] for one in opened(lanterne)] == [night(3)]


def test_two_files_may_fill_the_same_night(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    run(written(tmp_path / "f.csv", [row(X="2.31")]), mapping, "--wet-run")
    run(written(tmp_path / "g.csv", [row(X="2.39")]), mapping, "--wet-run")
    assert sum(opened(lanterne).values()) == 2
    assert stored()["Round"] == 1


def test_two_associations_import_the_same_file_and_share_nothing(
    lanterne: Tenant,
    passerelle: Tenant,
    tmp_path: Path,
    mapping: Path,
) -> None:
    file = written(tmp_path / "f.csv", many(10))
    run(file, mapping, "--wet-run")
    run(file, mapping, "--wet-run", team="Équipe des quais", association="passerelle")
    with databases.as_owner():
        ids: dict[UUID, set[UUID]] = {}
        for record in Record.objects.all():
            ids.setdefault(record.association_id, set()).add(record.id)
    assert [len(found) for found in ids.values()] == [8, 8]
    assert not set.intersection(*ids.values())
    with tenant_transaction(passerelle.scope("quay")):
        assert Record.objects.count() == 8


def test_imports_are_forgotten_like_everything_else(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    run(written(tmp_path / "f.csv", [row(), row(X="?")]), mapping, "--wet-run")
    assert stored()["ImportedRow"] == stored()["ImportLine"] == stored()["ImportJob"] == 1
    later = datetime.combine(factories.NIGHT + timedelta(days=DEFAULT.record_days), time(12), UTC)
    with databases.as_worker():
        retention.purge(later, wet=True)
    found = stored()
    assert found["ImportedRow"] == found["ImportLine"] == found["ImportJob"] == found["Record"] == 0


def test_a_memory_dies_with_its_record_and_that_of_a_count_says_nothing_of_its_night(
    lanterne: Tenant, tmp_path: Path, mapping: Path
) -> None:
    run(written(tmp_path / "f.csv", many(20)), mapping, "--wet-run")
    with databases.as_owner():
        records = Counter(Record.objects.values_list("expires_on", flat=True))
        others = Counter(ImportedRow.objects.values_list("expires_on", flat=True)) - records
        assert Counter(ImportedRow.objects.values_list("expires_on", flat=True)) - others == records
        assert list(others.values()) == [4]


def test_no_request_of_a_person_sees_the_memory(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    run(written(tmp_path / "f.csv", [row()]), mapping, "--wet-run")
    with databases.raw("web") as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute("SELECT * FROM outreach_importedrow")


def test_unknown_association_team_and_mapping_are_clear(
    lanterne: Tenant, tmp_path: Path, mapping: Path
) -> None:
    file = written(tmp_path / "f.csv", [row()])
    assert "lanterne" in refused(file, mapping, association="ailleurs")
    assert "Équipe Nord" in refused(file, mapping, team="Équipe Ouest")
    assert "correspondance" in refused(file, tmp_path / "absent.json")
    assert "1 à garder" in run(file, mapping, team="E\u0301quipe Nord")


def test_bad_files_are_refused_and_nothing_changes(lanterne: Tenant, tmp_path: Path, mapping: Path) -> None:
    before = stored()
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(200_000_000)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"Date;X\x00")
    other = written(tmp_path / "other.csv", [["a"]], header=["Autre"])
    open_quote = tmp_path / "quote.csv"
    open_quote.write_text(written(tmp_path / "q.csv", many(5)).read_text() + '"x', encoding="utf-8")
    reasons = {huge: "200 Mo", binary: "octets nuls", other: "Trop de colonnes", open_quote: "CSV"}
    for path, said in reasons.items():
        answer = refused(path, mapping, "--wet-run")
        assert said in answer
        assert "Rien n'a changé" in answer
    assert stored() == before


def test_records_of_an_import_live_and_die_as_any_other(
    lanterne: Tenant, tmp_path: Path, mapping: Path
) -> None:
    run(written(tmp_path / "f.csv", [row(2)]), mapping, "--wet-run")
    with databases.as_owner():
        record = Record.objects.get()
        event = ConsentEvent.objects.get()
    assert record.expires_on > factories.NIGHT
    assert event.notice_version == "import"
    assert event.subject == record.id
    with databases.as_owner():
        secrets = RecordSecret.objects.filter(subject_id=record.id)
        classes = set(secrets.values_list("retention_class", flat=True))
    assert classes == {RetentionClass.RECORD.value, RetentionClass.NOTE.value}
