"""Who may do what: every route × GET and POST × person × object, own and foreign, against a table that a person wrote.

No 2xx without right, no foreign thing shown, foreign and random ids answered alike, every refusal of a member in the log; the
same walk over routes that are wrong on purpose finds each of them.
"""

from collections import Counter

import pytest
from django.core.cache import cache
from django.test import override_settings

from tests import databases
from tests.resilience import permission_scene, permission_table
from tests.resilience.conftest import Drill
from tests.resilience.permission_scene import Things, Visitor
from tests.resilience.permission_table import LINES, Line
from tests.resilience.permission_walk import RANDOM, VARIED, Found, Question, Walk, fill, routes

pytestmark = pytest.mark.database
with_demo = override_settings(DEMO=True, ROOT_URLCONF="tests.resilience.permission_urls")
with_wrong = override_settings(DEMO=True, ROOT_URLCONF="tests.resilience.permission_wrong")


@pytest.fixture
def scene(db_clean: None) -> tuple[list[Visitor], Things]:
    return permission_scene.make()


def logged() -> Counter[tuple[str, str, str]]:
    """What the log holds: (association, roles, outcome) of each refusal."""
    with databases.raw("owner") as owner:
        rows = owner.execute(
            "SELECT coalesce(a.slug, ''), split_part(e.actor, ':', 1), e.outcome FROM audit_pendingevent e"
            " LEFT JOIN outreach_association a ON a.id = e.association_id WHERE e.event = 'denied'"
        ).fetchall()
    return Counter((slug, roles, outcome) for slug, roles, outcome in rows)


def lines_missing(lines: dict[str, Line]) -> tuple[set[str], set[str]]:
    """Routes without a line, and lines without a route."""
    return set(routes()) - lines.keys(), lines.keys() - set(routes())


def walked(visitors: list[Visitor], things: Things, lines: dict[str, Line], every: int = 1) -> Found:
    """Each person on each route; with `every` n, a person takes each n-th, another one for each person."""
    walk = Walk(visitors, things, lines)
    for number, visitor in enumerate(visitors):
        for place, (name, route) in enumerate(sorted(routes().items())):
            if name in lines and (place + number) % every == 0:
                walk.route(name, route, visitor)
    for visitor in visitors[: 2 if every > 1 else None]:
        for place, (name, route) in enumerate(sorted(routes().items())):
            if name in lines and "<" in route and place % every == 0:
                walk.malformed(name, route, visitor)
    return walk.found


@with_demo
def test_every_route_has_its_line_in_the_table() -> None:
    assert lines_missing(LINES) == (set(), set())
    assert len(LINES) > 60


@with_demo
def test_nobody_gets_what_is_not_theirs(scene: tuple[list[Visitor], Things], drill: Drill) -> None:
    visitors, things = scene
    cache.clear()
    before = logged()
    found = walked(visitors, things, LINES, drill.times(6, 1))
    cache.clear()
    assert found.wrong == [], "\n".join(sorted(set(found.wrong))[:100])
    assert logged() - before == found.logged
    # Presence first: what is not shut did open for somebody.
    never = {name for name, line in LINES.items() if line.who != permission_table.ANONYMOUS} - found.opened
    assert len(found.opened) > 20
    assert not drill.long or never <= {
        "healthz",
        "auditing:checkpoint",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_reauthenticate_webauthn",  # needs a security key in the hand
        "invitation_accept",  # needs the link's token in the session
    }, never
    asked = sum(found.asked[method] for method in ("GET", "POST")) + found.asked["malformed"]
    drill.say(
        f"matrix: {len(routes())} routes, {len(visitors)} people, {asked} questions: {found.asked['opened']} opened to whom they"
        f" are for, {found.asked['refused']} refused, {found.asked['malformed']} about ids that are none; 0 without right,"
        f" {sum(found.refusals.values())} refusals of members, all in the log up to its ceiling"
    )
    with databases.raw("owner") as owner:
        counted = owner.execute("SELECT count FROM audit_anonymouscounter WHERE kind = 'page'").fetchone()
    assert counted and counted[0] > 0


KEPT = ("round", "roundsector", "invitation", "teammembership", "membership", "draft")


def rows() -> dict[str, int]:
    with databases.raw("owner") as owner:
        return {
            name: int(owner.execute(f"SELECT count(*) FROM outreach_{name}").fetchone()[0])  # type: ignore[index]
            for name in KEPT
        }


@with_demo
def test_a_form_takes_nothing_that_is_anothers(scene: tuple[list[Visitor], Things]) -> None:
    """Objects named in a body: another team's, another association's and one that never was change nothing and read alike."""
    visitors, things = scene
    by_name = {one.name: one for one in visitors}
    walk = Walk(visitors, things)
    member = by_name["omar"].membership
    cases = [
        ("nadia", "field:plan", "", "team", ("south", "quay")),
        ("nadia", "field:plan", "", "sectors", ("passerelle",)),
        ("nadia", "coordination:agenda", "", "team", ("south", "quay")),
        ("rosa", "coordination:agenda", "", "team", ("quay",)),
        ("rosa", "coordination:agenda", "", "sectors", ("passerelle",)),
        ("agnes", "coordination:invite", "", "teams", ("quay",)),
        ("agnes", "coordination:member", member, "teams", ("quay",)),
        ("omar", "membership:switch", "", "membership", ("lanterne", "passerelle")),
    ]
    kinds = {"team": "team", "teams": "team", "sectors": "sector", "membership": "member"}
    before = rows()
    for name, route, about, field, whose in cases:
        visitor, told = by_name[name], set()
        walk.ask(visitor, Question("membership:choose", "GET", "/place/"), undo=False)  # reads its greeting
        for id_ in (*(things.some(kinds[field], one)[0] for one in whose), RANDOM):
            body = walk.forms.body(LINES[route].sends, visitor) | {field: id_}
            question = Question(route, "POST", fill(routes()[route], about), "", True, body)
            answer = walk.ask(visitor, question, undo=False)
            told.add((answer.status_code, VARIED.sub(b"", answer.content).replace(id_.encode(), b"")))
        assert rows() == before, (name, route, field)
        assert len(told) == 1, (name, route, field, [status for status, _text in told])
    # Presence first: the same form with one's own is taken.
    answer = walk.ask(
        by_name["nadia"],
        Question(
            "field:plan", "POST", "/maraude/cette-nuit/prevoir/", "", True, walk.forms.plan(by_name["nadia"])
        ),
        undo=False,
    )
    assert answer.status_code == 302
    assert rows()["round"] == before["round"] + 1


@with_wrong
def test_routes_that_are_wrong_on_purpose_are_found(
    scene: tuple[list[Visitor], Things], drill: Drill
) -> None:
    """The control: no line, no rule, too wide a rule, a forgotten filter, an id told from a random one, a silent refusal."""
    visitors, things = scene
    assert lines_missing(LINES)[0] >= {"no-line"}
    wrong = {
        "forgotten": Line(permission_table.TEAM),
        "too-wide": Line(permission_table.COORDINATION),
        "any-team": Line(permission_table.TEAM, about="round", reach=permission_table.OWN_TEAM),
        "any-tenant": Line(permission_table.TEAM, about="round", reach=permission_table.OWN_TEAM),
        "tells": Line(permission_table.TEAM, about="round", reach=permission_table.OWN_TEAM),
        "silent": Line(permission_table.CONTROL),
        "no-token": Line(permission_table.TEAM, "POST"),
    }
    before = logged()
    few = [one for one in visitors if one.name in ("omar", "victor", "stranger")]
    found = walked(few, things, wrong)
    said = " ".join(found.wrong)
    for sentence in (
        "is refused to whom it is for: omar GET forgotten",
        "opens: omar GET too-wide",
        "reaches: omar GET any-team (other team) 200",
        "reaches: omar GET any-tenant (foreign) 200",
        "tells foreign from random: omar GET tells",
        "without a token: omar POST no-token",
    ):
        assert sentence in said, sentence
    assert any(one.startswith("shows ") and "any-tenant (foreign)" in one for one in found.wrong)
    silent = found.logged - (logged() - before)
    assert silent["lanterne", "worker", "wrong-role"] > 0
    drill.say(f"matrix: {len(wrong) + 1} wrong routes of the control, each found")
