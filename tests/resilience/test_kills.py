"""Killed at random points of record, close, purge, rotation and rebuild: nothing is lost, nothing expired comes back."""

from collections.abc import Callable, Iterator

import pytest

from tests.resilience.conftest import Drill
from tests.resilience.crash_test import STEP, CrashTest, plan
from tests.resilience.fault_injection import OPERATIONS, VICTIMS
from tests.resilience.stack import Stack, until

SHORT = [("record", "web"), ("close", "db"), ("purge", "itself"), ("rotation", "all"), ("rebuild", "worker")]


@pytest.fixture(scope="module")
def crash_test(stack: Stack) -> Iterator[CrashTest]:
    made = CrashTest(stack)
    try:
        yield made
    finally:
        made.end()


def test_killed_at_random_points_nothing_is_lost_and_nothing_comes_back(
    crash_test: CrashTest, drill: Drill
) -> None:
    for at, points in enumerate(plan(8) if drill.long else [SHORT]):
        if at:
            crash_test.tomorrow()
        crash_test.turn(points)
        print(f"turn {at + 1}: {sum(crash_test.table.values())} points, {crash_test.findings}", flush=True)
        assert not crash_test.findings, crash_test.findings
    if drill.long:
        until(
            lambda: set(crash_test.stack.health().values()) == {"ok"}, "everything is in order by itself", 300
        )
        drill.say(f"kills: /healthz after the last blow: {crash_test.stack.health()}")
    for operation in OPERATIONS:
        each = ", ".join(f"{victim} {crash_test.table[operation, victim]}" for victim in VICTIMS)
        drill.say(f"kills: {operation}: {each}")
    slow = sorted(crash_test.striker.recoveries)
    drill.say(
        f"kills: {sum(crash_test.table.values())} points, {crash_test.striker.held} of them held in the middle;"
        f" {len(crash_test.book.entries)} encounters in {len(crash_test.book.walks)} rounds,"
        f" answers {dict(sorted(crash_test.caller.answers.items()))}; back after {slow[len(slow) // 2]:.1f} s"
        f" (median), {slow[-1]:.1f} s at most; findings: {crash_test.findings or 'none'}"
    )


def _owner(crash_test: CrashTest, *statements: str) -> None:
    with crash_test.stack.raw("owner") as data:
        for statement in statements:
            data.execute(statement)


def _lose_a_record(crash_test: CrashTest) -> None:
    newest = "(SELECT id FROM outreach_record ORDER BY expires_on DESC, id LIMIT 1)"
    _owner(
        crash_test,
        f"DELETE FROM outreach_sealedpart WHERE record_id = {newest}",
        f"DELETE FROM outreach_record WHERE id = {newest}",
    )


def _lose_a_key(crash_test: CrashTest) -> None:
    """Of a record that is still there: the key of the one just lost would be no loss."""
    with crash_test.stack.raw("owner") as data, crash_test.stack.raw("owner", "maraudes_keys") as keys:
        newest = data.execute(
            "SELECT id FROM outreach_record ORDER BY expires_on DESC, id LIMIT 1"
        ).fetchone()
        assert newest is not None
        gone = keys.execute(
            "DELETE FROM keystore_recordsecret WHERE retention_class = 'record' AND subject_id = %s", newest
        )
        assert gone.rowcount == 1


def _half_a_round(crash_test: CrashTest) -> None:
    _owner(
        crash_test,
        "DELETE FROM outreach_tally WHERE id = (SELECT id FROM outreach_tally ORDER BY expires_on DESC LIMIT 1)",
    )


def _reopen(crash_test: CrashTest) -> None:
    _owner(
        crash_test, f"UPDATE outreach_round SET status = 'open' WHERE id = '{crash_test.book.walks[-1].id}'"
    )


def _book_a_sum_twice(crash_test: CrashTest) -> None:
    """As two first closes of a week at once could."""
    _owner(
        crash_test,
        "UPDATE retention_ledgerentry SET stored = stored + 1 WHERE retention_class = 'summary' AND erased_on IS NULL",
    )


def _lose_a_week(crash_test: CrashTest) -> None:
    _owner(crash_test, "DELETE FROM maps_weeklysummary")


def _cut_the_log(crash_test: CrashTest) -> None:
    _owner(
        crash_test,
        "ALTER TABLE audit_logentry DISABLE TRIGGER USER",
        "DELETE FROM audit_logentry WHERE index = 3",
        "ALTER TABLE audit_logentry ENABLE TRIGGER USER",
    )


def _rows_before_keys(crash_test: CrashTest) -> None:
    """A purge in the wrong order, killed in between."""
    crash_test.days += 4 * STEP
    with crash_test.stack.raw("owner") as data:
        data.execute("DELETE FROM outreach_sealedpart WHERE expires_on <= %s", [crash_test.today])


def _show_what_is_over(crash_test: CrashTest) -> None:
    """A policy forgotten: the day has come, no purge yet, and nothing hides the rows."""
    _owner(crash_test, "ALTER TABLE outreach_tombstone DISABLE ROW LEVEL SECURITY")


WEAK: list[tuple[Callable[[CrashTest], None], str]] = [
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
"""Each thing that a careless service would do, and the word by which the verdict must tell it."""


def test_the_verdict_tells_each_thing_that_would_be_wrong(crash_test: CrashTest, drill: Drill) -> None:
    """The control: on the same service, which was clean a moment ago."""
    found = list(crash_test.verdict())
    assert found == []
    for harm, word in WEAK:
        assert not any(word in one for one in found), (word, found)
        harm(crash_test)
        found = list(crash_test.verdict())
        assert any(word in one for one in found), (word, found)
    drill.say(f"kills: control: {len(WEAK)} of {len(WEAK)} planted losses told by the verdict")


@pytest.mark.long
def test_a_database_that_does_not_wait_for_its_disk_loses_what_it_acknowledged(
    crash_test: CrashTest, drill: Drill
) -> None:
    """The other control: with synchronous_commit off the same blow loses drafts, and the verdict says so."""
    _owner(crash_test, "ALTER DATABASE maraudes SET synchronous_commit = off")
    crash_test.tomorrow()  # every process begins anew, on new connections
    crash_test.caller.sign_in()
    walk = crash_test.plan_round(1, 0, "night")
    for tries in range(1, 31):
        while not crash_test.caller.bring(walk, *(walk.seal(crash_test.chance) for _ in range(5))):
            walk.entries = [one for one in walk.entries if one.acknowledged]
        until(crash_test.stack.kept["db"].kill, "the database is there")
        crash_test.striker.recover()
        found = [one for one in crash_test.verdict() if "held encounters lost" in one]
        if found:
            drill.say(f"kills: control: synchronous_commit=off: {found[0]} at blow {tries}")
            return
    raise AssertionError("30 blows and nothing was lost: the drill does not see what it must")
