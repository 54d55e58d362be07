"""Killed at random points of record, close, purge, rotation and rebuild: nothing is lost, nothing expired comes back."""

from collections.abc import Callable, Iterator

import pytest

from tests.drills.conftest import Drill
from tests.drills.house import House, until
from tests.drills.siege import STEP, Siege, plan
from tests.drills.striking import OPERATIONS, VICTIMS

SHORT = [("record", "web"), ("close", "db"), ("purge", "itself"), ("rotation", "all"), ("rebuild", "worker")]


@pytest.fixture(scope="module")
def siege(house: House) -> Iterator[Siege]:
    made = Siege(house)
    try:
        yield made
    finally:
        made.end()


def test_killed_at_random_points_nothing_is_lost_and_nothing_comes_back(siege: Siege, drill: Drill) -> None:
    for at, points in enumerate(plan(8) if drill.long else [SHORT]):
        if at:
            siege.tomorrow()
        siege.turn(points)
        print(f"turn {at + 1}: {sum(siege.table.values())} points, {siege.findings}", flush=True)
        assert not siege.findings, siege.findings
    if drill.long:
        until(lambda: set(siege.house.health().values()) == {"ok"}, "everything is in order by itself", 300)
        drill.say(f"kills: /healthz after the last blow: {siege.house.health()}")
    for operation in OPERATIONS:
        each = ", ".join(f"{victim} {siege.table[operation, victim]}" for victim in VICTIMS)
        drill.say(f"kills: {operation}: {each}")
    slow = sorted(siege.striker.recoveries)
    drill.say(
        f"kills: {sum(siege.table.values())} points, {siege.striker.gates} of them held in the middle;"
        f" {len(siege.book.entries)} encounters in {len(siege.book.walks)} rounds,"
        f" answers {dict(sorted(siege.caller.answers.items()))}; back after {slow[len(slow) // 2]:.1f} s"
        f" (median), {slow[-1]:.1f} s at most; findings: {siege.findings or 'none'}"
    )


def _owner(siege: Siege, *statements: str) -> None:
    with siege.house.raw("owner") as data:
        for statement in statements:
            data.execute(statement)


def _lose_a_record(siege: Siege) -> None:
    newest = "(SELECT id FROM outreach_record ORDER BY expires_on DESC, id LIMIT 1)"
    _owner(
        siege,
        f"DELETE FROM outreach_sealedpart WHERE record_id = {newest}",
        f"DELETE FROM outreach_record WHERE id = {newest}",
    )


def _lose_a_key(siege: Siege) -> None:
    """Of a record that is still there: the key of the one just lost would be no loss."""
    with siege.house.raw("owner") as data, siege.house.raw("owner", "maraudes_keys") as keys:
        newest = data.execute(
            "SELECT id FROM outreach_record ORDER BY expires_on DESC, id LIMIT 1"
        ).fetchone()
        assert newest is not None
        gone = keys.execute(
            "DELETE FROM keystore_recordsecret WHERE retention_class = 'record' AND subject_id = %s", newest
        )
        assert gone.rowcount == 1


def _half_a_round(siege: Siege) -> None:
    _owner(
        siege,
        "DELETE FROM outreach_tally WHERE id = (SELECT id FROM outreach_tally ORDER BY expires_on DESC LIMIT 1)",
    )


def _reopen(siege: Siege) -> None:
    _owner(siege, f"UPDATE outreach_round SET status = 'open' WHERE id = '{siege.book.walks[-1].id}'")


def _book_a_sum_twice(siege: Siege) -> None:
    """As two first closes of a week at once could."""
    _owner(
        siege,
        "UPDATE retention_ledgerentry SET stored = stored + 1 WHERE retention_class = 'summary' AND erased_on IS NULL",
    )


def _lose_a_week(siege: Siege) -> None:
    _owner(siege, "DELETE FROM maps_weeklysummary")


def _cut_the_log(siege: Siege) -> None:
    _owner(
        siege,
        "ALTER TABLE audit_logentry DISABLE TRIGGER USER",
        "DELETE FROM audit_logentry WHERE index = 3",
        "ALTER TABLE audit_logentry ENABLE TRIGGER USER",
    )


def _rows_before_keys(siege: Siege) -> None:
    """A purge in the wrong order, killed in between."""
    siege.days += 4 * STEP
    with siege.house.raw("owner") as data:
        data.execute("DELETE FROM outreach_sealedpart WHERE expires_on <= %s", [siege.today])


def _show_what_is_over(siege: Siege) -> None:
    """A policy forgotten: the day has come, no purge yet, and nothing hides the rows."""
    _owner(siege, "ALTER TABLE outreach_tombstone DISABLE ROW LEVEL SECURITY")


WEAK: list[tuple[Callable[[Siege], None], str]] = [
    (_lose_a_record, "live records lost"),
    (_lose_a_key, "without their key"),
    (_half_a_round, "half a round"),
    (_reopen, "acknowledged is open"),
    (_book_a_sum_twice, "differ from the rows of summary"),
    (_lose_a_week, "the weeks say"),
    (_rows_before_keys, "keys outlive their day"),
    (_show_what_is_over, "expired rows of outreach_tombstone are shown"),
    (_cut_the_log, "log-contradicted"),
]
"""Each thing that a careless house would do, and the word by which the verdict must tell it."""


def test_the_verdict_tells_each_thing_that_would_be_wrong(siege: Siege, drill: Drill) -> None:
    """The control: on the same house, which was clean a moment ago."""
    found = list(siege.verdict())
    assert found == []
    for harm, word in WEAK:
        assert not any(word in one for one in found), (word, found)
        harm(siege)
        found = list(siege.verdict())
        assert any(word in one for one in found), (word, found)
    drill.say(f"kills: control: {len(WEAK)} of {len(WEAK)} planted losses told by the verdict")


@pytest.mark.long
def test_a_database_that_does_not_wait_for_its_disk_loses_what_it_acknowledged(
    siege: Siege, drill: Drill
) -> None:
    """The other control: with synchronous_commit off the same blow loses drafts, and the verdict says so."""
    _owner(siege, "ALTER DATABASE maraudes SET synchronous_commit = off")
    siege.tomorrow()  # every process begins anew, on new connections
    siege.caller.sign_in()
    walk = siege.plan_round(1, 0, "night")
    for tries in range(1, 31):
        while not siege.caller.bring(walk, *(walk.seal(siege.chance) for _ in range(5))):
            walk.entries = [one for one in walk.entries if one.acknowledged]
        until(siege.house.kept["db"].kill, "the database is there")
        siege.striker.recover()
        found = [one for one in siege.verdict() if "held encounters lost" in one]
        if found:
            drill.say(f"kills: control: synchronous_commit=off: {found[0]} at blow {tries}")
            return
    raise AssertionError("30 blows and nothing was lost: the drill does not see what it must")
