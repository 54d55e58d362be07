"""A service that has lived through some weeks, as its phones know it: where every drill on a whole service begins."""

from typing import Any, Generic, TypeVar

from tests.resilience.phone import Phone
from tests.resilience.stack import Stack, until

Kind = TypeVar("Kind", bound=Stack)


class WholeService(Generic[Kind]):
    """What a drill knows of a service from outside it. `made`: what `tests.resilience.weeks.fill` says of its weeks."""

    def __init__(self, stack: Kind) -> None:
        self.stack = stack
        stack.start()
        self.made: dict[str, Any] = stack.run("tests.resilience.weeks", "fill")
        sealed = stack.manage(
            "audit_seal"
        )  # what a service does at noon of each day that it has lived through
        assert sealed.returncode == 0
        self.phone = Phone.of(stack, self.made)

    def opened(self) -> int:
        return self.phone.opened()

    def failing(self) -> frozenset[str]:
        health = self.stack.health()
        return (
            frozenset(part for part, said in health.items() if said != "ok") if health else frozenset({"web"})
        )

    def green(self, but: frozenset[str] = frozenset()) -> None:
        until(lambda: self.failing() == but, f"every part is ok but {sorted(but)}", 4000, pause=2)
