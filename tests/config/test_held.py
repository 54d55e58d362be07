"""What visitors make one process hold is counted as it changes, whether it comes, queues or goes, and has one bound."""

import select
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from config import arriving, waiting
from tests.config.test_waiting import GET, connect, served

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
APPLICATION = """
import os, time
def application(environ, start_response):
    while environ["PATH_INFO"] == "/hold" and not os.path.exists({go!r}):
        time.sleep(0.01)
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]
"""


class Loop(waiting.Worker):
    """The loop without a server around it: nothing is parsed, nobody answers by themselves."""

    def __init__(self) -> None:
        self.poller, self.waiting, self.alive = selectors.DefaultSelector(), {}, True
        self.held, self.nr_conns, self.cfg = 0, 0, SimpleNamespace(keepalive=5)
        self.queue: list[waiting.Visit] = []

    def enqueue_req(self, visit: waiting.Visit) -> None:
        self.queue.append(visit)

    def come(self, stack: ExitStack) -> tuple[waiting.Visit, socket.socket]:
        ours, theirs = (stack.enter_context(end) for end in socket.socketpair())
        ours.setblocking(False)
        visit = waiting.Visit(ours, None, None)
        self.nr_conns += 1
        self._wait(visit, selectors.EVENT_READ, self._arrive)
        return visit, theirs

    def take(self, visit: waiting.Visit, theirs: socket.socket, data: bytes) -> None:
        theirs.sendall(data)
        self._arrive(visit, None)

    def answered(self, visit: waiting.Visit, data: bytes, keep: bool) -> None:
        visit.sock.sendall(data)
        done = SimpleNamespace(cancelled=lambda: False, exception=lambda: None, result=lambda: keep)
        self.finish_request(visit, done)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_what_is_held_is_counted_on_its_whole_way(stack: ExitStack) -> None:
    loop = Loop()
    (half, sends), (whole, asks), (wrong, errs) = (loop.come(stack) for _ in range(3))
    loop.take(half, sends, HEAD % 1000 + bytes(10))
    loop.take(whole, asks, GET)
    head = len(HEAD % 1000)
    assert loop.held == head + 10 + len(GET)  # the one that a thread has counts as well
    loop.take(half, sends, bytes(5))
    assert loop.held == head + 15 + len(GET)
    loop.take(wrong, errs, HEAD % 10**9)
    assert loop.held == head + 15 + len(GET)  # refused: nothing of it is kept
    loop.answered(whole, bytes(3_000_000), keep=True)
    assert loop.held == head + 15 + 3_000_000  # not read yet
    while whole.going:
        asks.recv(1 << 20)
        loop._go_on(whole, None)
    assert loop.held == head + 15
    assert len(whole.going.obj) == 0  # type: ignore[arg-type]  # and nothing of it stays with the connection
    loop._end(half)
    assert loop.held == 0


def test_answers_that_nobody_reads_are_bounded_too(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "HELD", 10_000_000)
    loop = Loop()
    visits = [loop.come(stack) for _ in range(8)]
    for visit, theirs in visits:
        loop.take(visit, theirs, GET)
        loop.answered(visit, bytes(3_000_000), keep=False)
    assert loop.held <= 10_000_000
    assert [visit in loop.waiting for visit, _ in visits] == [False] * 5 + [True] * 3  # the longest first


def test_large_requests_do_not_queue_without_end(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole ones, each by itself allowed: what no thread has time for is refused, but for small ones."""
    monkeypatch.setattr(waiting, "HELD", 1_000_000)
    loop = Loop()
    body = HEAD % 300_000 + bytes(300_000)
    visits = [loop.come(stack) for _ in range(6)]
    for visit, theirs in visits:
        for at in range(0, len(body), 50_000):
            if visit in loop.waiting and not visit.going:
                loop.take(visit, theirs, body[at : at + 50_000])
    assert len(loop.queue) == 3 and loop.held <= 1_000_000
    small, asks = loop.come(stack)
    loop.take(small, asks, GET)
    assert small in loop.queue


def test_a_further_request_has_its_own_time(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept for five seconds of silence; the next request begins in the last of them and comes in two pieces."""
    now = [1000.0]
    monkeypatch.setattr("config.waiting.time.monotonic", lambda: now[0])
    loop = Loop()
    visit, theirs = loop.come(stack)
    loop.take(visit, theirs, GET)
    loop.answered(visit, b"HTTP/1.1 200 OK\r\n\r\n", keep=True)
    now[0] += 4.9
    loop.take(visit, theirs, GET[:10])
    now[0] += waiting.HEAD_SECONDS - 1
    loop.murder_pending()
    assert visit in loop.waiting
    now[0] += 1
    loop.murder_pending()
    assert visit not in loop.waiting  # and not more than that


@pytest.mark.slow
def test_a_flood_of_whole_uploads_leaves_memory_and_a_place_for_a_small_request(tmp_path: Path) -> None:
    go = tmp_path / "go"
    large = HEAD % arriving.BODY + bytes(arriving.BODY)
    with served(tmp_path, application=APPLICATION.format(go=str(go))) as port, ExitStack() as opened:
        for _ in range(4):
            opened.enter_context(connect(port)).sendall(GET.replace(b"/ ", b"/hold ", 1))
        flood = [opened.enter_context(connect(port)) for _ in range(40)]
        for connection in flood:
            connection.sendall(large)
        waits = opened.enter_context(connect(port))
        waits.sendall(GET)
        deadline = time.monotonic() + 20
        while len(select.select(flood, [], [], 0.1)[0]) < len(flood) - waiting.HELD // arriving.BODY:
            assert time.monotonic() < deadline, "more is held than there is room for"
        go.write_text("")
        assert waits.recv(65536).startswith(b"HTTP/1.1 200")
        taken = 0
        for connection in flood:
            with suppress(ConnectionError):
                taken += connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert 0 < taken <= waiting.HELD // arriving.BODY
