"""The same line has the same id in every file; twins are told apart; nothing exact enters the id."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from outreach.importing.errors import Reason
from outreach.importing.identity import Names
from outreach.importing.rows import Counted, Kept
from privacy.core.values import Cell

PEPPER, OTHER = b"p" * 32, b"q" * 32
HOME, TEAM = UUID(int=1), UUID(int=2)
NIGHT = date(2026, 10, 3)
CELL = Cell.parse("CRS3035RES500mN2890000E3761000")
NEIGHBOUR = Cell.parse("CRS3035RES500mN2890500E3761500")  # same kilometre
FAR = Cell.parse("CRS3035RES500mN2892000E3761000")


def kept(line: int = 2, **changes: Any) -> Kept:
    body = {"people": 1, "zone": True, "needs": ("meal",)} | changes.pop("body", {})
    return Kept(line, changes.pop("night", NIGHT), body, **({"cell": CELL} | changes))


def counted(line: int = 2, people: int = 1, night: date = NIGHT) -> Counted:
    return Counted(line, night, people, Reason.NO_CONSENT)


def names(pepper: bytes = PEPPER, home: UUID = HOME, team: UUID = TEAM) -> Names:
    return Names(pepper, home, team)


def test_the_same_line_has_the_same_id_wherever_it_stands() -> None:
    assert names().of(kept(2)) == names().of(kept(99))


def test_ids_are_random_looking_version_four() -> None:
    assert names().of(kept()).version == 4


def test_twins_in_one_file_are_two_and_stay_the_same_two() -> None:
    first, again = names(), names()
    pair = [first.of(kept(2)), first.of(kept(3))]
    assert pair[0] != pair[1]
    assert pair == [again.of(kept(8)), again.of(kept(9))]


def test_whatever_is_kept_of_a_line_changes_its_id() -> None:
    base = names().of(kept())
    assert base != names().of(kept(night=date(2026, 10, 4)))
    assert base != names().of(kept(body={"people": 2}))
    assert base != names().of(kept(body={"note": "x"}))
    assert base != names().of(kept(cell=FAR))
    assert base != names().of(kept(cell=None))
    assert base != names().of(kept(cell=None, sector_id=uuid4()))
    assert base != names().of(counted())


def test_a_place_enters_as_its_kilometre_only() -> None:
    assert names().of(kept(cell=NEIGHBOUR)) == names().of(kept(cell=CELL))


def test_another_association_or_pepper_gives_other_ids_and_another_team_the_same_record() -> None:
    assert names(home=UUID(int=9)).of(kept()) != names().of(kept())
    assert names(pepper=OTHER).of(kept()) != names().of(kept())
    assert names(team=UUID(int=9)).of(kept()) == names().of(kept())


def test_counted_people_of_two_teams_are_not_taken_for_each_other() -> None:
    assert names(team=UUID(int=9)).of(counted()) != names().of(counted())


def test_why_somebody_is_only_counted_does_not_matter() -> None:
    old = Counted(2, NIGHT, 1, Reason.TOO_OLD)
    assert names().of(old) == names().of(counted())


@given(st.lists(st.sampled_from([1, 2, 3]), max_size=30))
def test_every_line_of_a_file_has_its_own_id_and_reading_again_gives_them_all_again(
    people: list[int],
) -> None:
    first, again = names(), names()
    ids = [first.of(counted(line, n)) for line, n in enumerate(people)]
    assert len(set(ids)) == len(ids)
    assert ids == [again.of(counted(line + 5, n)) for line, n in enumerate(people)]
