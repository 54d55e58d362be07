"""The field's pages beside each other, on a team with some three hundred live records: which one makes people wait.

Every page is asked for in turns through the whole of Django, in this process; `aim` says how many times the page of tonight one
may cost. The notes open what they show; the team's map opens thirty nights.
"""

import statistics
from datetime import timedelta
from time import perf_counter
from uuid import uuid4

from tests.bench.stage import compare, stage

NIGHTS, A_NIGHT, SECTORS, TURNS = 20, 16, 8, 40
PAGES = {"/maraude/notes/": 4.0, "/cartes/equipe/": None}
BESIDE = "/maraude/cette-nuit/?toutes=1"


def fill() -> object:
    """A north team with NIGHTS nights behind it and one going on; gives Omar's client."""
    from outreach.closing import services as closing
    from outreach.records.tally import Counts
    from tests import databases, factories
    from tests.outreach.members.people import signed_in

    with databases.as_owner():
        lanterne = factories.make_lanterne()
        for number in range(SECTORS):
            squares = [f"CRS3035RES500mN{2880000 + 500 * number}E{3770000 + 500 * n}" for n in range(6)]
            lanterne.sectors[f"s{number}"] = factories.sector(
                lanterne.association, f"s{number}", f"Secteur {number}", squares
            )
    for back in range(1, NIGHTS + 1):
        with factories.tenant_transaction(lanterne.scope("north")):
            night = factories.NIGHT - timedelta(days=back)
            round_ = factories.open_round(
                lanterne, night=night, sectors=(f"s{back % SECTORS}", f"s{(back + 1) % SECTORS}")
            )
            drafts = [
                factories.sealed(
                    round_,
                    factories.yes(
                        1 + n % 3,
                        f"CRS3035RES500mN{2880000 + 500 * ((back + n % 2) % SECTORS)}E{3770000 + 500 * (n % 6)}",
                        needs=("meal",),
                        note="duvet" if n % 5 < 2 else "",
                    ),
                )
                for n in range(A_NIGHT)
            ]
            now = factories.NOW - timedelta(days=back)
            closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=now, drafts=drafts)
    with factories.tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne, sectors=("s1", "s2"))
    return signed_in(lanterne.people["omar"])


def main() -> None:
    with stage():
        omar = fill()
        times: dict[str, list[float]] = {}

        def ask(path: str) -> None:
            start = perf_counter()
            answer = omar.get(path)  # type: ignore[attr-defined]
            times.setdefault(path, []).append(perf_counter() - start)
            assert answer.status_code == 200, path

        for path, aim in PAGES.items():
            name = f"{path} against {BESIDE}"
            compare(name, lambda p=path: ask(p), lambda: ask(BESIDE), rounds=TURNS, aim=aim)  # type: ignore[misc]
        for path, taken in times.items():
            print(f"  {path}: median {1000 * statistics.median(taken):.0f} ms on this machine, now")


if __name__ == "__main__":
    main()
