"""The auditor's pages through HTTP: due, done, late; consent in bands; the seals. And never a place."""

import base64
import html
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.test import Client

from outreach.access import Denied
from outreach.closing import services as closing
from outreach.members import access_denied
from outreach.records.selectors import Reason
from outreach.records.tally import Counts
from outreach.templatetags.coordination import OUTCOMES
from privacy.audit import sealing
from privacy.audit import services as audit
from privacy.audit.events import DONE, Event
from privacy.audit.models import Checkpoint
from privacy.db.scope import tenant_transaction
from privacy.retention import selectors as books
from privacy.retention import services as retention
from privacy.retention.models import PurgeRun
from tests import databases, factories
from tests.factories import CELL, NOW, Tenant
from tests.markup import bare
from tests.outreach.members.people import signed_in, strong

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.database


def a_round(lanterne: Tenant, records: int = 3) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(2, note="duvet gris")) for _ in range(records)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(refused=2), now=NOW, drafts=drafts)


def test_the_ledger_goes_from_due_to_late_to_done(lanterne: Tenant) -> None:
    a_round(lanterne)
    client = strong(lanterne.people["victor"])
    page = client.get("/control/").content.decode()
    assert 'id="ahead"' in page
    assert "rencontres" in page
    with databases.as_worker():
        retention.raise_high_water(NOW.date() + timedelta(days=31))
    with databases.raw("owner") as connection:
        connection.execute(
            "UPDATE retention_ledgerentry SET expires_on = app_today() WHERE retention_class = 'note'"
        )
    assert "en retard" in client.get("/control/").content.decode()
    with databases.as_worker():
        retention.purge(NOW, wet=True)
    # The mark stands a month ahead, so the purge ended this session too: another reader opens the book.
    client = strong(lanterne.people["agnes"])
    page = client.get("/control/").content.decode()
    assert "Rien n’est en retard" in page
    assert "fait" in page
    # Every row of hers may be gone while a key of the service lives on.
    with databases.as_worker():
        PurgeRun.objects.update(complete=False)
    page = client.get("/control/").content.decode()
    assert "Rien n’est en retard" not in page
    assert "La dernière purge n’est pas allée au bout" in page


def rows_of(page: str, heading: str) -> list[str]:
    """The rows of the tables that stand under the section labelled by `heading`."""
    page = bare(page)
    section = page[page.index(f'<section aria-labelledby="{heading}"') :].partition("</section>")[0]
    return re.findall(r"<tr>(?:(?!</tr>).)*</tr>", section.partition("<tbody>")[2], re.S)


def test_what_was_due_stands_first_and_the_future_is_collapsed(lanterne: Tenant) -> None:
    """Rounds of ten weeks: the page was a line for each week and kind to come, and what was late one of them."""
    with tenant_transaction(lanterne.scope("north")):
        for week in range(10):
            round_ = factories.open_round(lanterne, night=factories.NIGHT - timedelta(weeks=week))
            draft = factories.sealed(round_, factories.yes(2, note="duvet gris"))
            closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[draft])
    client = strong(lanterne.people["victor"])
    page = client.get("/control/").content.decode()
    book = books.book(lanterne.association.id, today=NOW.date())
    kinds = {line.kind for line in book.lines}
    assert len(book.lines) > 2 * len(kinds) > 4
    assert len(rows_of(page, "ahead")) == len(kinds)
    assert rows_of(page, "past") == []
    with databases.raw("owner") as connection:
        for kind, change in (
            ("record", "expires_on - 140, erased_on = app_today()"),
            ("note", "expires_on - 140"),
        ):
            connection.execute(
                f"UPDATE retention_ledgerentry SET expires_on = {change} WHERE id ="
                f" (SELECT id FROM retention_ledgerentry WHERE retention_class = '{kind}' ORDER BY expires_on DESC LIMIT 1)"
            )
    page = client.get("/control/").content.decode()
    past = rows_of(page, "past")
    assert ["badge-late" in row for row in past] == [True] + [False] * (len(past) - 1) and len(past) > 1
    assert page.index('id="past"') < page.index('id="ahead"')


def test_every_outcome_that_an_association_reads_has_words() -> None:
    """Found in the code that records them: a code word on an auditor's page says nothing to her."""
    recorded = {
        DONE,
        access_denied.NOT_FOUND,
        Denied.WRONG_ROLE.value,
        Denied.NO_MEMBERSHIP.value,
        *map(str, Reason),
    }
    for app in ("outreach", "maps"):
        for file in (ROOT / app).rglob("*.py"):
            for said in re.findall(r"outcome=(.+)|_log\((\".+)", file.read_text()):
                recorded |= set(re.findall(r'"([a-z-]+)"', "".join(said)))
    assert {"nothing", "started", "withdrawn", "not-found"} <= recorded
    assert recorded <= OUTCOMES.keys()


def test_no_control_page_shows_a_place_an_exact_count_or_a_note(lanterne: Tenant) -> None:
    a_round(lanterne)
    client = strong(lanterne.people["victor"])
    for path in ("/control/", "/control/accords/", "/control/registre/"):
        answer = client.get(path)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert CELL not in page
        assert "duvet" not in page
        assert lanterne.sectors["east"].name not in page


def test_consent_shows_finished_quarters_in_bands_only(lanterne: Tenant) -> None:
    a_round(lanterne)
    client = strong(lanterne.people["victor"])
    assert "Aucun trimestre fini" in client.get("/control/accords/").content.decode()
    with databases.raw("owner") as connection:
        connection.execute(
            "INSERT INTO outreach_consentcounter"
            " (association_id, quarter, purpose, asked, given, refused, withdrawn, always_yes, frozen)"
            " VALUES (%s, '2026-01-01', 'zone', 50, 50, 0, 0, true, true),"
            " (%s, '2025-10-01', 'zone', 0, 61, 1, 0, false, false)",  # of a version before, not sealed yet
            [lanterne.association.id, lanterne.association.id],
        )
    page = client.get("/control/accords/").content.decode()
    assert "2026-T1" in page and "2025-T4" not in page
    assert "50+" in page
    assert "61" not in page[page.index("<main") : page.index("</main>")]  # outside it stand random tokens
    assert "presque personne n’a dit non" in page
    assert "2026-Q1" in client.get("/control/accords/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_the_share_of_no_is_told_in_tenths_from_fifty_answers_on(lanterne: Tenant) -> None:
    """Bands alone say 50+ asked and 20–49 no: a third, or nearly everybody."""
    with databases.raw("owner") as connection:
        for quarter, asked, tenth in (("2026-04-01", 50, 9), ("2026-01-01", 50, 2), ("2025-10-01", 20, None)):
            connection.execute(
                "INSERT INTO outreach_consentcounter (association_id, quarter, purpose,"
                " asked, given, refused, withdrawn, always_yes, refused_tenth, frozen)"
                " VALUES (%s, %s, 'zone', %s, 0, 20, 0, false, %s, true)",
                [lanterne.association.id, quarter, asked, tenth],
            )
    page = strong(lanterne.people["victor"]).get("/control/accords/").content.decode()
    shares = re.findall(r"<strong>(\d+–\d+)\N{NO-BREAK SPACE}%</strong>", page)
    assert shares == ["90–100", "20–29"]
    assert page.index('class="verdict"') < page.index("<table")


def test_the_log_shows_its_seal_and_anyone_may_keep_it(lanterne: Tenant) -> None:
    a_round(lanterne)
    with databases.as_worker():
        sealing.publish_checkpoint(NOW + timedelta(days=1))
    client = strong(lanterne.people["victor"])
    page = client.get("/control/registre/").content.decode()
    assert "Dernier sceau" in page
    root = re.search(r"/control/registre/([0-9a-f]{64})/", page)
    assert root is not None
    passerelle = Client()
    note = passerelle.get(f"/control/registre/{root[1]}/")
    assert note.status_code == 200
    assert base64.b64decode(note.content.decode().splitlines()[2]).hex() == root[1]  # origin, size, root
    assert note.content.decode() in html.unescape(page)
    other = f"{int(root[1][0], 16) ^ 1:x}{root[1][1:]}"
    assert passerelle.get(f"/control/registre/{other}/").status_code == 404


def test_a_kept_seal_is_checked_in_the_page(lanterne: Tenant) -> None:
    """Until now the page showed a seal to keep, and only whoever runs the server could say what became of it."""
    a_round(lanterne)
    with databases.as_worker():
        kept = sealing.publish_checkpoint(NOW + timedelta(days=1))
    assert kept is not None
    client = strong(lanterne.people["victor"])
    assert 'action="/control/registre/verifier/"' in client.get("/control/registre/").content.decode()
    path = "/control/registre/verifier/"
    assert "verdict" not in client.get(path).content.decode()
    page = client.post(path, {"note": kept.note}).content.decode()
    assert 'class="verdict good"' in page and "Tient" in page
    with databases.raw("owner") as owner:
        owner.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        owner.execute("UPDATE audit_logentry SET day = day - 1")
        owner.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")
    page = client.post(path, {"note": kept.note}).content.decode()
    assert 'class="verdict bad"' in page and "Ne tient pas" in page
    answer = client.post(path, {"note": "bonjour"})
    assert answer.status_code == 422 and "verdict" not in answer.content.decode()
    assert strong(lanterne.people["agnes"]).post(path, {"note": kept.note}).status_code == 403


def test_each_check_reads_the_whole_log_so_they_are_counted(lanterne: Tenant) -> None:
    client, path = strong(lanterne.people["victor"]), "/control/registre/verifier/"
    answers = [client.post(path, {"note": "bonjour"}).status_code for _ in range(8)]
    assert answers == [422] * 6 + [429] * 2
    assert client.get(path).status_code == 200, "the page itself is not refused"


def test_the_day_is_announced_and_not_counted(lanterne: Tenant) -> None:
    """One more act of today moves nothing on the page: a number that grows while one looks is a diary."""
    a_round(lanterne)
    client = strong(lanterne.people["victor"])

    def page() -> str:
        text = client.get("/control/registre/").content.decode()
        return text[text.index("<h1") : text.index('<section aria-labelledby="proof"')]

    before = page()
    assert re.search(r"après 1[34] h", before)  # noon UTC, in Paris
    assert strong(lanterne.people["agnes"]).get("/control/").status_code == 200
    assert signed_in(lanterne.people["nadia"]).get("/control/").status_code == 403
    assert page() == before


def test_two_quarters_have_regions_of_two_names(lanterne: Tenant) -> None:
    """Found by axe in the demonstration: a reader by ear could not tell this quarter's table from the last one's."""
    with databases.as_worker():
        for ago in (1, 95):
            audit.record(
                Event.MAP_READ,
                association_id=lanterne.association.id,
                actor=factories.ACTOR,
                now=NOW - timedelta(days=ago),
            )
        sealing.publish_checkpoint(NOW)
    page = strong(lanterne.people["victor"]).get("/control/registre/").content.decode()
    names = re.findall(r'role="region" tabindex="0" aria-label="([^"]+)"', page)
    assert len(set(names)) == len(names) >= 2


def test_a_stranger_does_not_learn_how_long_the_log_is(lanterne: Tenant) -> None:
    """250 requests, one a size, told the length of the log of every day; an address names a hash now."""
    a_round(lanterne)
    for ahead in range(1, 4):
        with databases.as_worker():
            sealing.publish_checkpoint(NOW + timedelta(days=ahead))
    with databases.as_owner():
        sizes = set(Checkpoint.objects.values_list("size", flat=True))
    assert sizes
    passerelle = Client()
    answers = {
        size: passerelle.get(f"/control/registre/{size}/").status_code for size in {*sizes, *range(1, 30)}
    }
    assert set(answers.values()) == {404}
    page = strong(lanterne.people["victor"]).get("/control/registre/").content.decode()
    assert not re.search(r"\d+ lignes", page)


def test_a_band_does_not_move_while_the_auditor_looks(lanterne: Tenant) -> None:
    """A week of 19 and then of 20 encounters: the page of one is the page of the other until the week is over and destroyed."""

    def lines() -> list[tuple[str, str | None]]:
        book = books.book(lanterne.association.id, today=NOW.date())
        return sorted((line.kind, line.stored) for line in book.lines)

    a_round(lanterne, records=19)
    before = lines()
    assert ("record", None) in before
    page = strong(lanterne.people["victor"]).get("/control/").content.decode()
    assert "en cours" in page and "0–19" not in page
    with tenant_transaction(lanterne.scope("south")):
        round_ = factories.open_round(lanterne, "south")
        closing.close_round(
            round_.id,
            phone=uuid4(),
            counts=Counts(),
            now=NOW,
            drafts=[factories.sealed(round_, factories.yes(1))],
        )
    assert lines() == before
    with databases.raw("owner") as owner:
        owner.execute(
            "UPDATE retention_ledgerentry SET erased_on = app_today(), erased = stored,"
            " expires_on = expires_on - 371 WHERE retention_class = 'record'"
        )
    far = books.book(lanterne.association.id, today=NOW.date(), weeks_back=200)
    assert [line.stored for line in far.lines if line.kind == "record"] == ["20–49"]


def test_the_auditors_role_reads_no_exact_count(lanterne: Tenant) -> None:
    a_round(lanterne, records=7)
    with databases.raw("audit") as auditor:
        auditor.execute("SELECT set_config('app.association_id', %s, false)", [str(lanterne.association.id)])
        for table in (
            "retention_ledgerentry",
            "retention_purgerun",
            "outreach_tallymonth",
            "outreach_runningquarter",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                auditor.execute(f"SELECT * FROM {table}")
        rows = auditor.execute("SELECT kind, stored, withdrawn FROM retention_book(app_today())").fetchall()
        assert {("record", None, None), ("note", None, None)} <= set(rows)
        auditor.execute("SELECT set_config('app.association_id', %s, false)", [str(uuid4())])
        assert auditor.execute("SELECT * FROM retention_book(app_today())").fetchall() == []


@pytest.mark.parametrize("first", ["claire", "omar"])
def test_only_auditors_and_admins_read_the_ledger(lanterne: Tenant, first: str) -> None:
    client = strong(lanterne.people[first]) if first == "claire" else signed_in(lanterne.people[first])
    assert client.get("/control/").status_code == 403
