"""The journey of a "yes": from a street to a map, and to nothing; and an auditor proves it.

Everything a person does is done in a browser, against gunicorn; time passes by restarting it with a clock moved ahead, and by
`manage.py purge --wet-run` under the worker's database role, as the system timer calls it.
"""

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.records.models import ConsentEvent, Record, SealedPart
from tests import databases, factories, leak_places, leak_search
from tests.browser import open_page, screenshot
from tests.e2e import steps
from tests.e2e.processes import Processes
from tests.factories import Tenant
from tests.outreach.members.people import enrol, signed_in

pytestmark = [
    pytest.mark.database,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.usefixtures("new_files"),
]

NEXT_WEEK, AFTER = 11, 95
"""Days ahead: the week of tonight is complete; everything of tonight has reached its day."""

NOTE = f"passer avec un duvet {leak_search.word()}"


def test_from_a_street_to_a_map_and_to_nothing(
    lanterne: Tenant, processes: Processes, browser: Browser, tmp_path: Path
) -> None:
    square = f"N{factories.CELL.partition('N')[2]}"
    wanted = {
        "note": NOTE,
        "a word of it": NOTE.rsplit(maxsplit=1)[-1],
        "square": factories.CELL,
        "half of its id": square,
    }
    with leak_places.watching() as watch:
        before = leak_search.search(watch.places(), wanted)
        watch = watch.from_here()
        blob = _the_way(lanterne, processes, browser, tmp_path)
        places = watch.places(processes.printed())
    found = leak_search.search(places, {**wanted, "blob": blob})
    added = leak_search.added(before, {name: found[name] for name in wanted})
    assert leak_places.of_tonight(added) == {} and "note" not in added
    left = leak_search.places_of(found["blob"])
    # What PostgreSQL leaves behind of a deleted row is the sealed bytes; the keys to them are gone.
    assert left <= {"data heap outreach_record", "wal", "wal page of data outreach_record"}
    print(
        f"\nsearched {len(places)} places after the purge: note and square in clear: 0;"
        f" the sealed bytes, unreadable now, still in: {sorted(left)}"
    )


def _the_way(lanterne: Tenant, processes: Processes, browser: Browser, folder: Path) -> bytes:  # noqa: PLR0915
    """The whole way; gives bytes of a sealed record, which was in the dump before the purge and is not afterwards."""
    codes = {name: enrol(signed_in(lanterne.people[name])) for name in ("claire", "victor")}
    with processes.web() as address:
        _a_night(browser, address, lanterne)
        with open_page(browser, "phone") as omar:
            steps.sign_in(omar, address, lanterne.people["omar"])
            assert _squares(omar, address) == 1
            screenshot(omar, "journey-yes-team-map-phone")
    record = _rows()
    assert [len(rows) for rows in record] == [2, 2, 2]
    blob = bytes(record[0][0].blob)[:48]
    assert blob.hex().encode() in leak_places.dump("data")

    with processes.web(NEXT_WEEK) as address, open_page(browser, "laptop") as claire:
        steps.sign_in(claire, address, lanterne.people["claire"], codes["claire"])
        claire.goto(f"{address}/cartes/coordination/")
        row = claire.locator("table tbody tr")
        expect(row).to_have_count(1)
        expect(row.locator("td.num").first).to_have_text("peu")
        claire.locator("path.map-cell").first.wait_for()
        screenshot(claire, "journey-yes-coordinator-map-laptop")

    purge = processes.manage("purge", "--wet-run", days=AFTER)
    assert purge.returncode == 0, purge.stderr
    assert re.search(r"records\s+2 rows destroyed", purge.stdout), purge.stdout
    status = processes.manage("retention_status", days=AFTER)
    assert status.returncode == 0 and "Nothing is overdue" in status.stdout
    assert [len(rows) for rows in _rows()] == [0, 0, 0]
    assert blob.hex().encode() not in leak_places.dump("data")

    with processes.web(AFTER) as address:
        with open_page(browser, "phone") as omar:
            steps.sign_in(omar, address, lanterne.people["omar"])
            assert _squares(omar, address) == 0
            screenshot(omar, "journey-yes-team-map-after-phone")
        with open_page(browser, "laptop") as claire:
            steps.sign_in(claire, address, lanterne.people["claire"], codes["claire"])
            claire.goto(f"{address}/cartes/coordination/")
            expect(claire.locator("table")).to_have_count(0)
            assert claire.locator("path.map-cell").count() == 0
            screenshot(claire, "journey-yes-coordinator-map-after-laptop")
        sealed = processes.manage("audit_seal", "--now-only", days=AFTER)
        assert sealed.returncode == 0, sealed.stderr
        kept = _the_auditor(browser, address, lanterne, codes["victor"], folder)

    good = processes.manage("audit_verify", "--checkpoint", str(kept), days=AFTER)
    assert good.returncode == 0, good.stdout + good.stderr
    with databases.raw("owner") as connection:
        connection.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        changed = connection.execute(
            'UPDATE audit_logentry SET body = regexp_replace(body, \'"actor":"[^"]*"\', \'"actor":"nobody"\')'
            " WHERE index = (SELECT max(index) FROM audit_logentry WHERE body IS NOT NULL)"
        )
        assert changed.rowcount == 1
        connection.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")
    bad = processes.manage("audit_verify", "--checkpoint", str(kept), days=AFTER)
    assert bad.returncode == 1
    print(
        f"\npurge: {purge.stdout.strip()}\nverify, before: {good.stdout.strip()}\nverify, after one edit: {bad.stdout.strip()}"
    )
    return blob


def _a_night(browser: Browser, address: str, lanterne: Tenant) -> UUID:
    """Nadia leaves and closes, Omar notes two encounters of one square: seven people agree."""
    with open_page(browser, "phone") as nadia, open_page(browser, "phone") as omar:
        steps.sign_in(nadia, address, lanterne.people["nadia"])
        round_id = steps.leave(nadia, "Secteur Est")
        steps.sign_in(omar, address, lanterne.people["omar"])
        for number, people in enumerate((4, 3), 1):
            omar.get_by_role("link", name="Noter une rencontre").click()
            screenshot(omar, f"journey-yes-door-{number}-phone")
            steps.answer(omar, "Oui")
            omar.locator("input[name=people]").fill(str(people))
            steps.choose(omar, factories.CELL)
            omar.locator('input[name="needs"][value="meal"]').check(force=True)
            steps.write_note(omar, NOTE)
            screenshot(omar, f"journey-yes-encounter-{number}-phone")
            omar.get_by_role("button", name="Enregistrer la rencontre").click()
            sealed = omar.locator(".figures dt", has_text="Rencontres notées").locator("+ dd")
            expect(sealed).to_have_text(str(number))
        screenshot(omar, "journey-yes-round-phone")
        # The worker's own end of the round waits for the lead.
        omar.goto(f"{address}/maraude/tournee/{round_id}/clore/")
        expect(omar.locator("main button.primary")).to_have_count(0)
        steps.close(nadia, address, round_id)
        screenshot(nadia, "journey-yes-receipt-phone")
        steps.close(omar, address, round_id)
    return round_id


def _squares(page: Page, address: str) -> int:
    page.goto(f"{address}/cartes/equipe/")
    return page.locator("table tbody tr").count()


def _rows() -> tuple[list[Record], list[SealedPart], list[ConsentEvent]]:
    """What the table owner sees: beyond row security, so expired rows too."""
    with databases.as_owner():
        return list(Record.objects.all()), list(SealedPart.objects.all()), list(ConsentEvent.objects.all())


def _the_auditor(browser: Browser, address: str, lanterne: Tenant, secret: str, folder: Path) -> Path:
    """Victor reads that it is done, and takes the newest checkpoint home."""
    with open_page(browser, "laptop") as victor:
        steps.sign_in(victor, address, lanterne.people["victor"], secret)
        victor.goto(f"{address}/control/")
        line = victor.locator("table.ledger tbody tr", has_text="rencontre").first
        expect(line).to_contain_text("fait")
        expect(victor.locator("dt", has_text="En retard").locator("+ dd")).to_have_text("0")
        screenshot(victor, "journey-yes-ledger-laptop")
        victor.goto(f"{address}/control/registre/")
        screenshot(victor, "journey-yes-log-laptop")
        with victor.expect_download() as download:
            victor.get_by_role("link", name="Sceau du").first.click()
        kept = folder / "checkpoint.txt"
        download.value.save_as(kept)
        assert factories.CELL not in victor.content() and NOTE not in victor.content()
    return kept
