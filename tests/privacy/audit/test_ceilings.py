"""One person cannot fill the log: after a few lines of one kind a day, one that says so, and then none."""

from collections import Counter
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import transaction

from privacy.audit import events, services
from privacy.audit.actors import Actor
from privacy.audit.events import DONE, Event
from privacy.db.scope import Scope, use_tenant
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import signed_in, strong
from tests.privacy.audit.scenes import LANTERNE, NOON, PASSERELLE

pytestmark = pytest.mark.database

ONE = Actor("worker:0123456789ab")
OTHER = Actor("worker:ba9876543210")


def record(
    times: int,
    event: Event = Event.DENIED,
    actor: Actor = ONE,
    association: UUID = LANTERNE,
    kind: str = "",
    outcome: str = DONE,
) -> None:
    with use_tenant(Scope(association_id=association)), transaction.atomic():
        for _ in range(times):
            services.record(
                event, association_id=association, actor=actor, subject_kind=kind, outcome=outcome, now=NOON
            )


def lines(event: str) -> Counter[str]:
    """How many lines wait, by outcome."""
    with databases.raw("owner") as owner:
        rows = owner.execute("SELECT outcome FROM audit_pendingevent WHERE event = %s", [event]).fetchall()
    return Counter(row[0] for row in rows)


def test_sixty_refused_pages_make_six_lines(lanterne: Tenant) -> None:
    member = signed_in(lanterne.people["omar"])
    for _time in range(60):
        assert member.get("/coordination/membres/").status_code == 403
    assert lines("denied") == {"wrong-role": 5, "wrong-role-ceiling": 1}
    assert signed_in(lanterne.people["paul"]).get("/cartes/equipe/").status_code == 403
    assert lines("denied") == {"wrong-role": 6, "wrong-role-ceiling": 1}, "the ceiling is a person's own"


@pytest.mark.parametrize(
    ("who", "path", "event", "outcome"),
    [
        ("omar", "/cartes/equipe/", "record_revealed", "team-map"),
        ("omar", "/maraude/notes/", "record_revealed", "prepare-round"),
        ("claire", "/cartes/coordination/", "map_read", "done"),
        ("victor", "/control/", "ledger_read", "done"),
    ],
)
def test_a_page_that_is_read_again_and_again_stays_visible_and_fills_nothing(
    lanterne: Tenant, who: str, path: str, event: str, outcome: str
) -> None:
    reader = strong(lanterne.people[who])
    for _time in range(20):
        assert reader.get(path).status_code == 200
    assert lines(event) == {outcome: 5, f"{outcome}-ceiling": 1}


def test_each_kind_has_a_ceiling_of_its_own_so_that_one_reading_hides_no_other() -> None:
    record(20, Event.LEDGER_READ, kind="retention-ledger")
    record(20, Event.LEDGER_READ, kind="audit-log")
    record(20, Event.RECORD_REVEALED, outcome="team-map")
    record(1, Event.RECORD_REVEALED, outcome="prepare-round")
    record(1, Event.RECORD_REVEALED, outcome="team-map", association=PASSERELLE)
    assert lines("ledger_read") == {"done": 10, "done-ceiling": 2}
    assert lines("record_revealed") == {"team-map": 6, "team-map-ceiling": 1, "prepare-round": 1}


def test_an_act_always_has_its_line() -> None:
    record(20, Event.MEMBER_CHANGED, kind="roles")
    record(20, Event.INVITATION_MADE, kind="member")
    record(20, Event.SECOND_FACTOR_CHANGED, kind="reset")
    record(20, Event.SECOND_FACTOR_CHANGED, kind="added")
    assert lines("member_changed") == {"done": 20}
    assert lines("invitation_made") == {"done": 20}
    assert lines("second_factor_changed") == {"done": 25, "done-ceiling": 1}


def test_what_was_not_committed_does_not_use_the_ceiling_up() -> None:
    with pytest.raises(ZeroDivisionError), use_tenant(Scope(association_id=LANTERNE)), transaction.atomic():
        for _time in range(9):
            services.record(Event.DENIED, association_id=LANTERNE, actor=ONE, now=NOON)
        raise ZeroDivisionError
    assert lines("denied") == {}
    record(9)
    assert lines("denied") == {"done": 5, "done-ceiling": 1}


def test_the_longest_outcome_still_fits() -> None:
    long = "x" * 30
    record(9, outcome=long)
    assert lines("denied") == {long: 5, f"{'x' * 22}{events.CEILING_REACHED}": 1}


def test_requests_at_once_make_no_line_too_many(request: pytest.FixtureRequest) -> None:
    """Twelve connections, four lines each, all let loose together; another person's lines are not held up."""
    together = Barrier(13)

    def insist(actor: str, times: int) -> None:
        with databases.raw("web") as web:
            web.execute("SELECT set_config('app.association_id', %s, false)", [str(LANTERNE)])
            together.wait()
            for _time in range(times):
                web.execute(
                    "INSERT INTO audit_pendingevent (id, day, event, association_id, actor, subject_kind, outcome)"
                    " VALUES (gen_random_uuid(), %s, 'denied', %s, %s, '', 'wrong-role')",
                    [NOON.date(), LANTERNE, actor],
                )

    threads = [Thread(target=insist, args=(ONE, 4)) for _number in range(12)] + [
        Thread(target=insist, args=(OTHER, 2))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lines("denied") == {"wrong-role": 7, "wrong-role-ceiling": 1}
