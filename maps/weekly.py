"""What the sealed body of a week holds, and what a page may show of it.

{"few": n, "rounds": closed, "teams": {team: {"cells": {square: people}, "needs": {code: people}, "elsewhere": people}}}

Each team's share stands apart, because what may be shown is decided from shares (`privacy.masking`). `few` is the
association's when the week began: one week read under two thresholds would narrow a count down to where they differ.
"""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from outreach.records.aggregates import Contribution
from privacy.core.policy import Policy
from privacy.masking import masked, rounded
from privacy.sealed_sums import Body

Masked = dict[str, int | None]
"""What may be shown by square or need, as `privacy.masking` says it; what says nothing is left out."""


def add(body: Body, team_id: UUID, contributions: Iterable[Contribution], policy: Policy, sign: int) -> None:
    """Add a team's encounters to the body (sign 1), or take them back (-1). People met again count once."""
    body.setdefault("few", policy.few)
    teams = body.setdefault("teams", {})
    share = teams.pop(team_id.hex, {})
    cells, needs = Counter(share.get("cells", {})), Counter(share.get("needs", {}))
    elsewhere = int(share.get("elsewhere", 0))
    for one in contributions:
        if one.again:
            continue
        people = sign * one.people
        if one.cell is None:
            elsewhere += people
        else:
            cells[one.cell.id] += people
        for need in one.needs:
            needs[need] += people
    share = {"cells": dict(+cells), "needs": dict(+needs), "elsewhere": max(0, elsewhere)}
    if any(share.values()):
        teams[team_id.hex] = share


def empty(body: Body) -> None:
    """Forget what was added; the week keeps the `few` under which it may have been read."""
    few = body.get("few")
    body.clear()
    if few is not None:
        body["few"] = few


def cells(body: Body, few: int) -> Masked:
    """What may be shown of each square. `few`: the association's of today; raising it masks older weeks as well."""
    return _masked(body, "cells", few)


def needs(body: Body, few: int) -> Masked:
    """What may be shown of each need, all squares together."""
    return _masked(body, "needs", few)


def elsewhere(body: Body, few: int) -> int | None:
    """What may be shown of the people noted without a square."""
    return _shown(body, [share["elsewhere"] for share in _shares(body)], few)


def people(body: Body, few: int) -> int | None:
    """What may be shown of everybody met, with a square or without."""
    everybody = [sum(share["cells"].values()) + share["elsewhere"] for share in _shares(body)]
    return _shown(body, everybody, few)


def threshold(body: Body, few: int) -> int:
    """The number of which everything shown is a multiple."""
    return max(few, int(body.get("few", few)))


def _shares(body: Body) -> list[Body]:
    return list(body.get("teams", {}).values())


def _masked(body: Body, kind: str, few: int) -> Masked:
    shares: dict[str, list[int]] = {}
    for share in _shares(body):
        for name, count in share[kind].items():
            shares.setdefault(name, []).append(count)
    shown = {name: _shown(body, parts, few) for name, parts in shares.items()}
    return {name: count for name, count in shown.items() if count != 0}


def _shown(body: Body, shares: Iterable[int], few: int) -> int | None:
    # Under the week's own threshold first: a later one is then a function of what was shown already.
    born = int(body.get("few", few))
    return masked([rounded(share, born) for share in shares], threshold(body, few))
