"""Nothing that stays after a round's close tells the order in which its team walked (docs/threat-model.md, A9).

Teams walk in a known order through the real server; then both databases, the file of the draft table, the sealed log, the
sequences and the server's own lines are read by somebody who wants that order back. Long: the upper bound of |τ| is at most 0.1
everywhere. Short: fewer rounds and a looser bar, which the control passes far above by transaction only; by place in the file it
need not, so of places the short form shows nothing.
"""

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from maps.models import WeeklySummary
from outreach.records import selectors
from outreach.records.models import Record
from privacy import sealed_sums
from privacy.audit import sealing
from privacy.audit import services as audit
from privacy.audit.actors import ROUND
from privacy.audit.events import Event
from privacy.audit.models import LogEntry
from tests import databases, leak_places, moment
from tests.e2e.processes import Processes
from tests.resilience import heap_pages, reading_order, walking
from tests.resilience.conftest import Drill
from tests.resilience.kendall import Found, pooled, tau
from tests.resilience.stack import until
from tests.resilience.walking import Team

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.usefixtures("new_files")]

BAR, LOOSE = 0.1, 0.55
"""Upper bound of |τ|, long and short."""


@pytest.fixture
def processes(db_clean: None, tmp_path: Path) -> Processes:
    return Processes(tmp_path)


def told(drill: Drill, name: str, found: Mapping[str, Found]) -> None:
    for channel, one in found.items():
        drill.say(f"order: {name}: {channel}: {one} ({one.rounds} rounds)")


def too_telling(found: Mapping[str, Found], bar: float) -> list[str]:
    return [f"{channel}: {one}" for channel, one in found.items() if one.bound > bar]


def truth_of_records() -> dict[UUID, tuple[UUID, int]]:
    """Each record opened with its key: the number of people says which encounter it was."""
    with databases.as_owner(), transaction.atomic():
        rows = list(Record.objects.select_related("round"))
        opened = selectors.open_rows(rows)
    rounds = {row.id: row.round_id for row in rows}
    return {one.id: (rounds[one.id], one.encounter.people - 1) for one in opened}


def truth_of_drafts(teams: list[Team]) -> dict[UUID, tuple[UUID, int]]:
    return {id_: (team.round.id, number) for team in teams for number, id_ in enumerate(team.drafts)}


def file_of(table: str) -> Path:
    """The table's file, after a checkpoint."""
    database = leak_places.name_of("data")
    [folder] = leak_places.superuser("SHOW data_directory")
    [path] = leak_places.superuser(f"SELECT pg_relation_filepath('{table}')", database=database)
    leak_places.superuser("CHECKPOINT")
    return Path(folder) / path


def test_a_team_s_walk_is_in_nothing_that_stays(processes: Processes, drill: Drill) -> None:
    teams_out, late_teams, encounters = drill.times(12, 300), drill.times(2, 12), drill.times(8, 10)
    draw = random.Random(3)  # noqa: S311 — a scene, no secret
    _vacuum("off")  # it comes within a minute, and what it would take away is looked for first
    with processes.web() as address:
        with databases.as_owner():
            teams = [walking.gathered(number, address, draw) for number in range(teams_out)]
        before, lines = reading_order.sequences(), processes.outputs["web-0"].read_bytes()
        assert b"web.ready" in lines, "the server writes its lines here"
        closed = walking.walk(teams[: teams_out // 2], encounters, draw)
        between = reading_order.sequences()
        # The other half meets fewer: a sequence that counts encounters would move by another step.
        closed += walking.walk(teams[teams_out // 2 :], encounters - 2, draw)
        after = reading_order.sequences()
        lying = list(heap_pages.rows(file_of("outreach_draft")))
        written = processes.outputs["web-0"].read_bytes().removeprefix(lines).decode().splitlines()
        drill.say(f"order: lines the server wrote during {len(closed)} rounds: {len(written)} {written[:3]}")
        # A busy machine may make it say something of itself; of a round, of the field or of the API it says nothing.
        assert len(written) < len(closed) / 4, written
        assert not any(word in line for line in written for word in ("route=field", "route=api")), written
        moved = {name: (between[name] - before[name], after[name] - between[name]) for name in before}
        drill.say(f"order: sequences that moved: { {name: by for name, by in moved.items() if any(by)} }")
        assert all(first == second for first, second in moved.values()), moved

        records, drafts = truth_of_records(), truth_of_drafts(teams)
        assert len(records) == len(drafts) == teams_out * (encounters - 1)
        assert set(records).isdisjoint(drafts)
        _sums_are_sorted()
        found = reading_order.orders(reading_order.RECORDS, records)
        found |= reading_order.orders(reading_order.DRAFTS, drafts)
        told(drill, "after the close", found)
        _closings(closed, drill)
        _dead_drafts(lying, teams, records, drill)

        # The control writes as it goes: drafts brought one by one to a round that is closed are stored as they come.
        with databases.as_owner():
            late = [walking.gathered(number, address, draw, "late") for number in range(late_teams)]
        for team in late:
            team.close()
            for number in range(encounters):
                team.bring_late(number)
    mine = {team.round.id for team in late}
    as_it_goes = {id_: at for id_, at in truth_of_records().items() if at[0] in mine}
    control = reading_order.orders(reading_order.RECORDS, as_it_goes)
    told(drill, "control that writes as it goes", control)
    _control_is_found(control, drill)
    assert too_telling(found, BAR if drill.long else LOOSE) == []
    # Ids tell nothing even in the control; ids that grow with time would tell everything by the same reading.
    grown: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
    for round_id, number in as_it_goes.values():
        grown[round_id].append((UUID(int=number), number))
    assert pooled(grown).low == 1


def _control_is_found(control: dict[str, Found], drill: Drill) -> None:
    """By transaction in every table; by place less, since a page with room is filled first; never by id, which is random."""
    by_place = [one.mean for channel, one in control.items() if channel.endswith(" ctid")]
    for channel, one in control.items():
        if channel.endswith(" xmin"):
            assert one.mean > 0.9, f"the control is not found by {channel}: {one}"
    # Two rounds say too little of one table: their tables are asked together.
    found = min(by_place) if drill.long else sum(by_place) / len(by_place)
    assert found > (0.3 if drill.long else 0.1), f"the control is not found by place: {by_place}"


def _sums_are_sorted() -> None:
    """Whoever opens a sum finds its squares in the order of their names, not in the order they were added."""
    with databases.as_owner(), transaction.atomic():
        for _week, body in sealed_sums.read(list(WeeklySummary.objects.all())):
            for share in body["teams"].values():
                assert list(share["cells"]) == sorted(share["cells"])


def _closings(closed: list[Team], drill: Drill) -> None:
    """The order in which teams closed their rounds does stand in the transaction numbers of their records: said, not barred."""
    with databases.raw("owner") as connection:
        rows = connection.execute("SELECT DISTINCT round_id, xmin::text FROM outreach_record").fetchall()
    written = {round_id: int(xmin) for round_id, xmin in rows}
    ended = [(written[team.round.id], number) for number, team in enumerate(closed)]
    drill.say(
        f"order: of {len(ended)} closings among each other, by xmin: τ {tau(ended):+.3f}; a stated limit"
    )


def _dead_drafts(
    lying: list[heap_pages.Lying], teams: list[Team], records: Mapping[UUID, tuple[UUID, int]], drill: Drill
) -> None:
    """What the deleted drafts leave in the table's file: their own order, until vacuum; nothing that leads to a record."""
    drafts = truth_of_drafts(teams)
    dead = [row for row in lying if row.first_id in drafts]
    assert dead, "nothing of the drafts is left in the file: look elsewhere"
    held: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
    for row in dead:
        round_id, number = drafts[row.first_id]
        held[round_id].append((row.place, number))
    drill.say(
        f"order: {len(dead)} deleted drafts still lie in the file before vacuum, in the order they came:"
        f" {pooled(held)}; a stated limit"
    )
    living = {
        row.first_id: row for row in heap_pages.rows(file_of("outreach_record")) if row.first_id in records
    }
    assert len(living) == len(records)
    ours, lent = (
        _linked(dead, living, drafts, records, lent=False),
        _linked(dead, living, drafts, records, lent=True),
    )
    chance = sum(
        1 / len([one for one in records.values() if one[0] == drafts[row.first_id][0]]) for row in dead
    )
    drill.say(
        f"order: deleted drafts led to their record: {ours:.1f} of {len(dead)} (blind guessing: {chance:.1f});"
        f" with ids shared as before: {lent:.1f}"
    )
    assert lent > 0.9 * len(dead), "the control is not found"
    spread = 4 * (chance * (1 - chance / len(dead))) ** 0.5
    assert ours <= chance + spread
    _vacuum("on")
    if drill.long:  # by itself, as in a service left alone
        until(lambda: file_of("outreach_draft").stat().st_size == 0, "autovacuum comes by", 600)
    else:
        with databases.raw("owner") as connection:
            connection.execute("VACUUM outreach_draft")
    path = file_of("outreach_draft")
    left = path.read_bytes()
    assert not any(row.first_id in drafts for row in heap_pages.rows(path))
    drill.say(
        f"order: after vacuum: {sum(id_.bytes in left for id_ in drafts)} of {len(drafts)} draft ids in the file,"
        f" {len(left)} bytes long"
    )


def _vacuum(state: str, table: str = "outreach_draft") -> None:
    change = sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = {})")
    with databases.raw("owner") as owner:
        owner.execute(change.format(sql.Identifier(table), sql.Literal(state)))


def _linked(
    dead: list[heap_pages.Lying],
    living: Mapping[UUID, heap_pages.Lying],
    drafts: Mapping[UUID, tuple[UUID, int]],
    records: Mapping[UUID, tuple[UUID, int]],
    *,
    lent: bool,
) -> float:
    """How many dead drafts lead to the right record when the one that shares most with it is chosen (ties by lot).

    `lent`: as if a record still bore the id of its draft.
    """
    ids = {at: id_ for id_, at in drafts.items()}
    by_round: dict[UUID, list[tuple[UUID, set[bytes]]]] = defaultdict(list)
    for id_, row in living.items():
        data = ids[records[id_]].bytes + row.data[16:] if lent else row.data
        by_round[records[id_][0]].append((id_, heap_pages.windows(data)))
    right = 0.0
    for row in dead:
        round_id, number = drafts[row.first_id]
        mine = heap_pages.windows(row.data)
        shared = {id_: len(mine & theirs) for id_, theirs in by_round[round_id]}
        best = [id_ for id_, much in shared.items() if much == max(shared.values())]
        right += sum(records[id_] == (round_id, number) for id_ in best) / len(best)
    return right


def test_the_sealed_log_has_forgotten_the_order_of_the_day(db_clean: None, drill: Drill) -> None:
    """The leaves of each day against the order in which its events came; what waits to be sealed still has that order."""
    days, events = drill.times(4, 40), 75
    noon = moment.MOMENT.replace(hour=12) - timedelta(days=days + 1)
    truth: dict[UUID, tuple[int, int]] = {}
    waiting: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
    _vacuum("off", "audit_pendingevent")  # it would lend the pages of one day to the middle of the next
    for day in range(days):
        today = noon + timedelta(days=day)
        for number in range(events):
            stack = uuid4()  # each event is another association's, so that its leaf can be found again
            truth[stack] = (day, number)
            with databases.as_worker(), transaction.atomic():
                audit.record(Event.ROUND_CLOSED, association_id=stack, actor=ROUND, now=today)
        with databases.raw("owner") as connection:
            rows = connection.execute("SELECT association_id, ctid::text FROM audit_pendingevent").fetchall()
        for stack, ctid in rows:
            waiting[day].append((reading_order.place(ctid), truth[stack][1]))
        with databases.as_worker():
            assert sealing.publish_checkpoint(today + timedelta(days=1)) is not None
    _vacuum("on", "audit_pendingevent")
    leaves: dict[str, dict[Any, list[tuple[Any, int]]]] = {
        way: defaultdict(list) for way in ("index", "ctid", "xmin", "entry id")
    }
    with databases.raw("owner") as connection:
        query = 'SELECT association_id, "index", ctid::text, xmin::text, entry_id::text FROM audit_logentry'
        for stack, index, ctid, xmin, entry in connection.execute(query).fetchall():
            day, number = truth[stack]
            for way, at in (
                ("index", index),
                ("ctid", reading_order.place(ctid)),
                ("xmin", int(xmin)),
                ("entry id", entry),
            ):
                leaves[way][day].append((at, number))
    found = {f"sealed log, {way}": pooled(rounds) for way, rounds in leaves.items()}
    told(drill, f"{days} days of {events} events", found)
    control = pooled(waiting)
    drill.say(f"order: what waits to be sealed, in the order it came until noon: {control}; a stated limit")
    with databases.as_owner():
        assert LogEntry.objects.count() == days * events
    assert control.low > 0.9
    assert too_telling(found, BAR if drill.long else LOOSE) == []


def test_what_waits_for_a_round_s_end_is_vacuumed_at_once(db_clean: None) -> None:
    with databases.raw("owner") as connection:
        query = "SELECT relname FROM pg_class WHERE 'autovacuum_vacuum_threshold=0' = ANY (reloptions)"
        set_so = {name for (name,) in connection.execute(query).fetchall()}
    assert {"outreach_draft", "outreach_quarantine", "audit_pendingevent"} <= set_so


@given(st.permutations(range(9)), st.integers(0, 1000))
def test_tau_says_what_it_says(order: list[int], seed: int) -> None:
    pairs = list(enumerate(order))
    assert tau([(number, number) for number in order]) == 1
    assert tau([(-number, number) for number in order]) == -1
    assert tau([(0, number) for number in order]) == 0
    assert tau([(-at, number) for at, number in pairs]) == -tau(pairs)
    draw = random.Random(seed)  # noqa: S311 — mixing, no secret
    assert tau(draw.sample(pairs, len(pairs))) == tau(pairs)


def test_the_interval_covers_chance_and_finds_a_leaning() -> None:
    draw = random.Random(5)  # noqa: S311 — a scene, no secret
    blind = {number: [(draw.random(), at) for at in range(10)] for number in range(100)}
    leaning = {number: [(at + draw.gauss(0, 4), at) for at in range(10)] for number in range(100)}
    assert pooled(blind).low < 0 < pooled(blind).high  # type: ignore[arg-type]
    assert pooled(leaning).low > 0.3  # type: ignore[arg-type]
