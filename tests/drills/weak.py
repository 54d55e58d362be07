"""A second web process of a house, with pages that are broken on purpose: what a scanner or fuzzer must find to be believed."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.drills.house import House, Keeper, free_port, until
from tests.journeys.processes import answers


@contextmanager
def weak_web(house: House) -> Iterator[str]:
    """The address of the weak web of a house whose database and broker run."""
    port = free_port()
    environment = house.environment(
        MARAUDES_DB_ROLE="web", DJANGO_SETTINGS_MODULE="tests.drills.weak_settings"
    )
    keeper = Keeper("weak", house.command("web", port), environment, house.folder / "log")
    keeper.start()
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: answers(address), "the weak web answers")
        yield address
    finally:
        keeper.stop()
