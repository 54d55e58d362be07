"""A house that has lived through some weeks, as its phones know it: the part that every drill on a whole house begins with."""

from typing import Any, Generic, TypeVar

from tests.drills.house import House, until
from tests.drills.phone import Phone

Kind = TypeVar("Kind", bound=House)


class Outside(Generic[Kind]):
    """What a drill knows of a house from outside it. `made`: what `tests.drills.weeks.fill` says of its weeks."""

    def __init__(self, house: Kind) -> None:
        self.house = house
        house.start()
        self.made: dict[str, Any] = house.run("tests.drills.weeks", "fill")
        sealed = house.manage("audit_seal")  # what a house does at noon of each day that it has lived through
        assert sealed.returncode == 0
        self.phone = Phone.of(house, self.made)

    def opened(self) -> int:
        return self.phone.opened()

    def failing(self) -> frozenset[str]:
        health = self.house.health()
        return (
            frozenset(part for part, said in health.items() if said != "ok") if health else frozenset({"web"})
        )

    def green(self, but: frozenset[str] = frozenset()) -> None:
        until(lambda: self.failing() == but, f"every part is ok but {sorted(but)}", 4000, pause=2)
