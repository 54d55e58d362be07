"""The journey of a "no": a place was chosen and a note typed, then the person refused. Of it a count remains, and nothing else.

gunicorn, worker and beat are the real ones; the browser is real and really sends what was typed. Afterwards everything the
service leaves behind is searched for the place, the note and the time. The same for a yes: only what is sealed remains of it,
and after a withdrawal not even that.
"""

import secrets
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Browser, Page, expect

from config.celery import app
from outreach.closing import withdrawal
from outreach.records import tally
from outreach.records.models import Record, Tally
from privacy import clock
from privacy.core.grid import EUROPE
from privacy.core.values import Cell
from privacy.db.scope import tenant_transaction
from tests import databases, factories, leak_places, leak_search, moment
from tests.browser import open_page, screenshot
from tests.e2e import steps
from tests.e2e.processes import Processes
from tests.factories import Tenant
from tests.leak_control import planted

pytestmark = [
    pytest.mark.database,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.usefixtures("new_files"),
]

NOTE = f"tente orange {leak_search.word()} côté canal"
"""What a worker may type: harmless words that no check questions, and found nowhere else."""


def a_square() -> Cell:
    """A square of the outskirts that no other sector of the cast has."""
    return Cell(500, 2_893_000 + 500 * secrets.randbelow(8), 3_756_000 + 500 * secrets.randbelow(8))


def of_the_square(cell: Cell) -> dict[str, bytes | str]:
    """The ways a square could be written: its id, its coordinates as text, and as the integers of C, Python and PostgreSQL."""
    lon, lat = EUROPE.inverse(cell.east + cell.size / 2, cell.north + cell.size / 2)
    found: dict[str, bytes | str] = {
        "id": cell.id,
        "half id": f"N{cell.north}E{cell.east}",
        "degrees": f"{lat:.6f}"[:-1],
        "degrees east": f"{lon:.6f}"[:-1],
        "kilometre": f"N{cell.north // 1000 * 1000}E{cell.east // 1000 * 1000}",
    }
    for order in ("little", "big"):
        for width in (4, 8):
            pair = (cell.north, cell.east)
            found[f"int{8 * width} {order}"] = b"".join(n.to_bytes(width, order) for n in pair)
            found[f"int{8 * width} {order} east first"] = b"".join(
                n.to_bytes(width, order) for n in reversed(pair)
            )
    return found


def stored() -> Counter[str]:
    """Rows of every table of both databases, and of sessions every byte."""
    found: Counter[str] = Counter()
    for store, alias in leak_places.STORES.items():
        with databases.raw("owner", alias) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                row = connection.execute(
                    f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM \"{table}\" t"
                ).fetchone()
                assert row
                found[f"{store} {table} {row[1]}"] = row[0]
    return found


@pytest.fixture
def secret_place(lanterne: Tenant) -> Cell:
    """A third sector of Lanterne, of one square, which tonight's round does not plan and nobody else uses."""
    cell = a_square()
    with databases.as_owner():
        lanterne.sectors["far"] = factories.sector(
            lanterne.association, "X", f"Secteur {secrets.token_hex(4)}", [cell.id]
        )
    return cell


def test_of_a_refusal_a_count_remains_and_nothing_else(  # noqa: PLR0915
    lanterne: Tenant, secret_place: Cell, processes: Processes, browser: Browser
) -> None:
    lon, lat = EUROPE.inverse(secret_place.east + 250, secret_place.north + 250)
    position = {"latitude": lat, "longitude": lon, "accuracy": 8}
    far = lanterne.sectors["far"]
    wanted = {
        **of_the_square(secret_place),
        "note": NOTE,
        "note, a word of it": NOTE.split()[2],
        "sector id": far.id.bytes,
        "sector id as text": str(far.id),
        "sector name": far.name,
    }
    kept_note, kept_cell = f"passer avec un duvet {leak_search.word()}", Cell.parse(factories.CELLS_EAST[7])
    sealed = {
        "kept note": kept_note,
        "kept square": kept_cell.id,
        "kept half id": f"N{kept_cell.north}E{kept_cell.east}",
    }
    clear = f"temoin-{secrets.token_hex(8)}"
    with leak_places.watching() as watch, processes.web() as address, ExitStack() as later:
        before = leak_search.search(watch.places(), {**wanted, **sealed})
        assert before["id"] and before["sector name"], "the territory is in clear, and the search sees it"
        watch = watch.from_here()
        with (
            open_page(browser, "phone") as nadia,
            open_page(browser, "phone", geolocation=position, permissions=["geolocation"]) as omar,
        ):
            steps.sign_in(nadia, address, lanterne.people["nadia"])
            round_id = steps.leave(nadia, "Secteur Est")
            steps.sign_in(omar, address, lanterne.people["omar"])

            rows, first, since = stored(), datetime.now(UTC), leak_places.position()
            # A sign-in is kept as the end of its quarter of an hour, which may fall into the refusal: it stood there before.
            foretold = leak_search.instants(
                list(leak_places.session_places()), first, first + timedelta(minutes=16)
            )
            assert foretold, "a session says until which quarter of an hour its proof holds"
            sent = _refuse(omar, far.name, secret_place)
            until, last = leak_places.position(), datetime.now(UTC)
            # Presence: the browser sent the place and the note to the server.
            assert NOTE in sent and secret_place.id in sent and "zone=no" in sent
            assert watch.writes(since, until) == [], "a refusal changed something in a database"
            assert stored() == rows

            # The control of "nothing changed": a yes does change something, and is seen.
            _accept(omar, kept_note, kept_cell)
            agreed = watch.writes(until, leak_places.position())
            assert "data outreach_draft INSERT" in agreed

            # Only now: a task of theirs that falls into the refusal would be taken for it.
            later.enter_context(processes.background())
            steps.close(nadia, address, round_id)
            steps.close(omar, address, round_id)
            screenshot(omar, "journey-no-receipt-phone")
        for task in ("outreach.closing.tasks.close_forgotten", "privacy.retention.tasks.purge"):
            app.send_task(task)
        processes.wait_for("worker", b"task=privacy.retention.tasks.purge outcome=success")

        with tenant_transaction(lanterne.scope("north")):
            counts = tally.read(list(Tally.objects.all()))
            assert sum(one.refused for one in counts) == 1
            [record] = Record.objects.all()
        blob = {"blob": bytes(record.blob)[:48]}
        with planted(clear) as everywhere:
            places = watch.places(processes.printed())
            found = leak_search.search(places, {**wanted, **sealed, **blob, "control": clear})
        missed = everywhere - leak_search.places_of(found["control"])
        assert not missed, f"the search is blind in {missed}"
        added = leak_search.added(before, {name: found[name] for name in (*wanted, *sealed)})
        assert leak_places.of_tonight(added) == {}
        assert not {"note", "note, a word of it", "kept note", "degrees", "degrees east"} & added.keys()
        assert {"data dump", "data heap outreach_record", "wal"} <= leak_search.places_of(found["blob"])
        # Not looked at: the pulses of beat and worker, and logs that other servers of this machine share; ours print to a file.
        clocks = ((first, last), (moment.by_the_machine(first), moment.by_the_machine(last)))
        written = [one for clock_ in clocks for one in leak_search.instants(places, *clock_)]
        times = [one for one in written if one not in foretold]
        assert [line for line in times if not line.startswith(("redis pulse", "log/"))] == []
        size = sum(len(data) for _place, data in places) / 1e6
        print(
            f"\nsearched {len(places)} places, {size:.0f} MB, for {len(wanted)} ways of saying where and what"
            f"\n  a control in clear: found in all {len(everywhere)} places: {', '.join(sorted(everywhere))}"
            f"\n  place, sector, note of the refused person: 0 added (copies of the territory's own pages: {sorted(added)})"
            f"\n  writes of both databases while refusing: 0; while agreeing: {len(agreed)}"
            f"\n  written times within the refusal ({first:%H:%M:%S} to {last:%H:%M:%S}): 0; refused in the opened tally: 1"
        )

        with tenant_transaction(lanterne.scope("north")):
            assert withdrawal.withdraw(record.id, actor=factories.ACTOR, now=clock.now())
        after = dict(leak_search.search([("dump", leak_places.dump("data"))], blob))
        assert not after["blob"], "a withdrawn record is in no backup made from now on"


def _refuse(page: Page, sector: str, cell: Cell) -> str:
    """Note an encounter as after a yes, by position, in another sector; then the person says no. Gives what the browser sent."""
    page.get_by_role("link", name="Noter une rencontre").click()
    steps.answer(page, "Oui")
    page.get_by_role("button", name="Un autre secteur").click()
    expect(page.locator("summary", has_text=sector)).to_be_visible()
    page.get_by_role("button", name="Utiliser ma position").click()
    expect(page.locator(f'input[name="place"][value="{cell.id}"]')).to_be_checked()
    steps.write_note(page, NOTE)
    screenshot(page, "journey-no-before-phone")
    steps.answer(page, "Non")
    with page.expect_request(lambda request: request.method == "POST") as posted:
        page.get_by_role("button", name="Compter, ne rien noter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tournée en cours")
    expect(page.locator(".figures dt", has_text="Refus").locator("+ dd")).to_have_text("1")
    return unquote_plus(posted.value.post_data or "")


def _accept(page: Page, note: str, cell: Cell) -> None:
    page.get_by_role("link", name="Noter une rencontre").click()
    steps.answer(page, "Oui")
    steps.choose(page, cell.id)
    steps.write_note(page, note)
    page.get_by_role("button", name="Enregistrer la rencontre").click()
    expect(page.locator(".figures dt", has_text="Rencontres notées").locator("+ dd")).to_have_text("1")
