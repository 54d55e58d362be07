"""A second web process of a service, with pages that are broken on purpose: what a scanner or fuzzer must find to be believed."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.processes import answers
from tests.resilience.stack import Keeper, Stack, free_port, until


@contextmanager
def weak_web(stack: Stack) -> Iterator[str]:
    """The address of the weak web of a service whose database and broker run."""
    port = free_port()
    environment = stack.environment(
        MARAUDES_DB_ROLE="web", DJANGO_SETTINGS_MODULE="tests.resilience.vulnerable_settings"
    )
    keeper = Keeper("weak", stack.command("web", port), environment, stack.folder / "log")
    keeper.start()
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: answers(address), "the weak web answers")
        yield address
    finally:
        keeper.stop()
