"""What is wrong with a service after it was killed: the book of its client against what teams can open, and store against store.

Every finding is one sentence; none is the only good answer. Nothing here repairs anything.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests import sums
from tests.resilience import expired
from tests.resilience.expected_state import Book, Walk
from tests.resilience.stack import Stack


def of_rounds(book: Book, state: dict[str, Any], today: date) -> Iterator[str]:
    """Each acknowledged record opens with what was sent, once; a round is closed with everything or open with nothing."""
    for walk in book.walks:
        held = state["rounds"].get(walk.id)
        if held is None:
            yield "a round is gone"
            continue
        if walk.closed:
            yield from _closed(walk, held, today)
        else:
            yield from _open(walk, held)


def _closed(walk: Walk, held: dict[str, Any], today: date) -> Iterator[str]:
    if held["status"] != "closed":
        yield f"a round whose close was acknowledged is {held['status']}"
    found = Counter((row[0], row[1], tuple(row[2]), row[3]) for row in held["records"])
    expected = walk.expected(today)
    if lost := (expected - found).total():
        yield f"{lost} live records lost or changed"
    if more := (found - expected).total():
        word = "expired records or notes readable" if walk.over("note", today) else "records too many"
        yield f"{more} {word}"
    if held["rows"] != len(held["records"]):
        yield f"{held['rows'] - len(held['records'])} live records without their key"
    if held["drafts"]:
        yield f"{len(held['drafts'])} drafts left in a closed round"
    for kind, made in (
        ("tally", sorted([one.people, one.refused] for one in walk.closes)),
        ("handover", sorted(one.handover for one in walk.closes if one.handover)),
    ):
        there = held["tallies" if kind == "tally" else "handovers"]
        if there != ([] if walk.over(kind, today) else made):
            yield f"half a round: {len(there)} of {len(made)} {kind} rows, or others"


def _open(walk: Walk, held: dict[str, Any]) -> Iterator[str]:
    if held["status"] != "open":
        yield f"a round that nobody closed is {held['status']}"
    if held["rows"] or held["tallies"] or held["handovers"]:
        yield "half a round: an open one has records, counts or a transmission"
    wanted = {str(one.id) for one in walk.entries if one.acknowledged and one.body}
    if lost := len(wanted - set(held["drafts"])):
        yield f"{lost} held encounters lost"
    if len(held["drafts"]) > len(walk.entries):
        yield "more drafts held than were sent"


def of_sums(book: Book, state: dict[str, Any], names: dict[str, str], today: date) -> Iterator[str]:
    """Weeks equal what their records make; months and counters equal what the client sent."""
    if state["weeks"] != state["again"]:
        yield "a week's sum is not what its records make"
    if state["unread"]:
        yield f"{state['unread']} weekly sums without their key"
    weeks = {week: (body.get("rounds", 0), sums.cells(body).total()) for week, body in state["weeks"].items()}
    if weeks != book.weeks(today):
        yield f"the weeks say {weeks} instead of {book.weeks(today)}"
    for month, lines in book.sectors().items():
        held = {names[one]: (v["n"], v["s"]) for one, v in state["sectors"].get(month, {}).items()}
        if held != lines:
            yield f"the month by sector says {held} instead of {lines}"
    for month, totals in book.months().items():
        there = {name: state["months"].get(month, {}).get(name, 0) for name in totals}
        if there != totals:
            yield f"the month's totals say {there} instead of {dict(totals)}"
    closed = [walk for walk in book.walks if walk.closed]
    asked = [sum(len(walk.entries) for walk in closed), sum(one.refused for w in closed for one in w.closes)]
    if state["given"] != asked:
        yield f"the counters of consent say {state['given']} instead of {asked}"


def of_stores(stack: Stack, today: date, *, purged: bool) -> Iterator[str]:
    """Both databases as the owner sees them: nothing expired is left or shown, and each key has its data and each row its key."""
    with stack.raw("owner") as data, stack.raw("owner", "maraudes_keys") as keys:
        if purged:
            for table in expired.tables(data):
                if rows := _count(data, f"SELECT count(*) FROM {table} WHERE expires_on <= %s", today):
                    yield f"{rows} rows of {table} outlive their day"
            for table, column in (("bucketkey", "expires_on"), ("ingresskey", "dies_on")):
                if rows := _count(keys, f"SELECT count(*) FROM keystore_{table} WHERE {column} <= %s", today):
                    yield f"{rows} keys outlive their day"
        secrets = keys.execute("SELECT retention_class, subject_id FROM keystore_recordsecret").fetchall()
        held = {kind: {row[1] for row in secrets if row[0] == kind} for kind in {row[0] for row in secrets}}
        for kind, query in (
            ("record", "SELECT id FROM outreach_record WHERE expires_on > %s"),
            (
                "note",
                "SELECT record_id FROM outreach_sealedpart WHERE retention_class = 'note' AND expires_on > %s",
            ),
            ("tally", "SELECT id FROM outreach_tally WHERE expires_on > %s"),
            ("handover", "SELECT id FROM outreach_handover WHERE expires_on > %s"),
        ):
            living = {row[0] for row in data.execute(query, [today]).fetchall()}
            if bare := len(living - held.get(kind, set())):
                yield f"{bare} living {kind} rows without their key"
        yield from _book_of_accounts(data)
        if many := _count(
            data,
            "SELECT count(*) FROM outreach_record r WHERE (SELECT count(*) FROM"
            " outreach_consentevent e WHERE e.subject = r.id AND e.decision = 'given') <> 1",
        ):
            yield f"{many} records without exactly one yes"
        if _count(keys, "SELECT count(*) FROM keystore_kekepoch WHERE current") != 1:
            yield "not exactly one current epoch"


def _book_of_accounts(data: Any) -> Iterator[str]:
    for kind, table, more in (
        ("record", "outreach_record", ""),
        ("note", "outreach_sealedpart", " AND retention_class = 'note'"),
        ("tally", "outreach_tally", ""),
        ("handover", "outreach_handover", ""),
        ("summary", "maps_weeklysummary", ""),
        ("accumulator", "maps_monthlyaccumulator", ""),
        ("running_month", "outreach_runningmonth", ""),
        ("running_quarter", "outreach_runningquarter", ""),
        ("quarantine", "outreach_quarantine", ""),
    ):
        wrong = _count(
            data,
            "SELECT count(*) FROM retention_ledgerentry l WHERE retention_class = %s AND erased_on IS NULL AND"
            f" stored - withdrawn <> (SELECT count(*) FROM {table} WHERE expires_on = l.expires_on{more})",
            kind,
        )
        if wrong:
            yield f"{wrong} open lines of the account book differ from the rows of {kind}"


def shown(stack: Stack, association: str, teams: list[str]) -> Iterator[str]:
    """What is over and still shown to a person of the team: asked over a bare connection of the web role."""
    with stack.raw("owner") as owner, stack.raw("web") as web:
        [(today,)] = owner.execute("SELECT app_today()").fetchall()
        for table, rows in expired.shown(owner, web, association, teams, today).items():
            if rows:
                yield f"{rows} expired rows of {table} are shown"


def orphans(stack: Stack) -> int:
    """Keys of records, notes, tallies and transmissions that seal nothing."""
    with stack.raw("owner") as data, stack.raw("owner", "maraudes_keys") as keys:
        rows = {
            row[0]
            for table in ("outreach_record", "outreach_tally", "outreach_handover")
            for row in data.execute(f"SELECT id FROM {table}").fetchall()
        }
        kinds = ["record", "note", "tally", "handover"]
        held = keys.execute(
            "SELECT subject_id FROM keystore_recordsecret WHERE retention_class = ANY(%s)", [kinds]
        ).fetchall()
        return sum(row[0] not in rows for row in held)


def _count(connection: Any, query: str, *values: object) -> int:
    return int(connection.execute(query, list(values)).fetchone()[0])
