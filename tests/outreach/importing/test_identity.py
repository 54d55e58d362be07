"""The same line has the same id in every file; twins are told apart; nothing exact enters the id."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from outreach.importing.errors import Reason
from outreach.importing.identity import Names
from outreach.importing.rows import Counted, Kept, SetAside
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


def names(
    pepper: bytes = PEPPER, lanterne: UUID = HOME, team: UUID = TEAM, keys: dict[date, bytes] | None = None
) -> Names:
    return Names(pepper, lanterne, team, lambda night: (keys or {}).get(night, b"k" * 32))


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
    assert base != names().of(kept(words="x"))
    assert base != names().of(kept(cell=FAR))
    assert base != names().of(kept(cell=None))
    assert base != names().of(kept(cell=None, sector_id=uuid4()))
    assert base != names().of(counted())


def test_a_place_enters_as_the_square_that_is_kept() -> None:
    """Two squares are two places, and nothing finer than the record's own square can enter: `Kept` has nothing finer."""
    assert names().of(kept(cell=NEIGHBOUR)) != names().of(kept(cell=CELL))
    assert names().former(kept(cell=NEIGHBOUR)) == names().former(kept(cell=CELL))


def test_the_words_of_a_note_enter_whether_they_are_kept_or_not() -> None:
    """A note that grew old or that named somebody still tells two encounters apart, and one from itself never."""
    fresh = kept(body={"note": "demande un duvet"}, words="demande un duvet")
    old = kept(words="demande un duvet")
    assert names().of(fresh) == names().of(old)
    assert names().of(old) != names().of(kept(words="demande un repas"))


def test_of_the_words_one_byte_enters() -> None:
    """A note that was left out because it names somebody cannot be found by trying names: one in 256 gives the same id."""
    ids = {names().of(kept(words=f"personne{number}")) for number in range(2000)}
    assert 200 < len(ids) <= 256
    assert names().of(kept()) not in ids


def test_another_team_or_key_of_the_night_gives_other_ids() -> None:
    assert names(team=UUID(int=9)).of(kept()) != names().of(kept())
    assert names(keys={NIGHT: b"x" * 32}).of(kept()) != names().of(kept())
    assert names(pepper=OTHER).of(kept()) == names().of(kept())
    assert names(pepper=OTHER).of(counted()) != names().of(counted())
    assert names(lanterne=UUID(int=9)).of(counted()) != names().of(counted())


def test_a_line_set_aside_has_no_id() -> None:
    assert names().all_of(SetAside(2, Reason.NIGHT)) == ()
    assert len(names().all_of(counted())) == 1
    assert len(set(names().all_of(kept()))) == 2


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
