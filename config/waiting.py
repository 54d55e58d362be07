"""Threads of gunicorn that wait for no visitor, however slow.

Rule of the module: one loop collects requests and hands out answers; a thread gets a whole request and leaves a whole one.
Whoever opens a connection and says nothing, sends a byte a second or reads a byte a second holds a little memory, for a
limited time; when there are too many of them, the one that has been waiting longest goes first. Nothing of what a
visitor sends leaves this module.
"""

import errno
import resource
import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import ThreadWorker

from config import arriving

HEAD_SECONDS = 10
"""From the opening of a connection, or the first byte of a further request, to the end of its headers."""

BODY_SECONDS = 30
"""From the end of the headers to the end of the body: 2 MB at 70 kB a second."""

ANSWER_SECONDS = 60
"""To take an answer."""

LINGER_SECONDS = 2
"""For what was still on its way when we refused: closing at once would take the refusal away again."""

MOST = 1000
"""Connections of one process; fewer where the system allows fewer files."""

HELD = 64 * 1024 * 1024
"""Bytes of requests and answers in one process: on their way in, in the queue of the threads, and on their way out."""

SMALL = 64 * 1024
"""A whole request of this size enters the queue whatever is held: their number is bounded, and a sign-in is one of them."""

BUSY = arriving.refusal("503 Service Unavailable")

_PIECE = 64 * 1024
_SPARE_FILES = 64


class Visit:
    """One connection. gunicorn reads `sock`, `client`, `server` and `parser` of it."""

    def __init__(self, wire: socket.socket, client: Any, server: Any) -> None:
        self.wire, self.client, self.server = wire, client, server
        self.sock = arriving.Answer()
        self.parser: Any = None
        self.request = arriving.Request(bytearray())
        self.going = memoryview(b"")
        self.keep = False
        self.lingers = False
        self.served = False
        self.weight = 0
        self.deadline = time.monotonic() + HEAD_SECONDS


def allow_files() -> int:
    """Let this process open as many files as it may, and say how many connections that leaves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MOST if soft == resource.RLIM_INFINITY else max(min(MOST, soft - _SPARE_FILES), 16)


class Worker(ThreadWorker):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = allow_files()
        self.worker_connections = self.most * 2  # we make room ourselves and never stop accepting
        self.held = 0
        self.waiting: dict[Visit, None] = {}
        """Visits that the loop holds, the longest first; those that a thread answers are not among them."""

    # Coming in

    def accept(self, listener: Any) -> None:
        try:
            wire, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._make_room()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        wire.setblocking(False)
        self.nr_conns += 1
        if self.nr_conns > self.most:
            self._make_room()
        self._wait(Visit(wire, client, listener.getsockname()), selectors.EVENT_READ, self._arrive)

    def _make_room(self) -> None:
        for visit in self.waiting:
            self._end(visit)
            return

    def _wait(self, visit: Visit, event: int, then: Callable[[Visit, Any], None]) -> None:
        self.waiting[visit] = None
        self.poller.register(visit.wire, event, partial(then, visit))

    def _leave(self, visit: Visit) -> None:
        """The loop holds it no longer."""
        if self.waiting.pop(visit, self) is not self:
            self.poller.unregister(visit.wire)

    def _end(self, visit: Visit) -> None:
        self._leave(visit)
        self._close(visit)

    def _close(self, visit: Visit) -> None:
        self.held -= visit.weight
        visit.weight = 0
        self.nr_conns -= 1
        visit.wire.close()

    def _weigh(self, visit: Visit) -> None:
        """Count what this visit holds now. One number for all is kept: adding up a thousand at each byte is a way to stop us."""
        weight = len(visit.request.held) + len(visit.going)
        self.held += weight - visit.weight
        visit.weight = weight

    def _arrive(self, visit: Visit, _wire: Any) -> None:
        if visit not in self.waiting:
            return
        try:
            data = visit.wire.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end(visit)
            return
        request = visit.request
        if visit.served and not request.held:
            visit.deadline = time.monotonic() + HEAD_SECONDS
        known = request.size is not None
        refused = request.take(data)
        self._weigh(visit)
        if request.whole and not refused and len(request.held) > SMALL and self.held > HELD:
            refused = BUSY
        if refused:
            self._leave(visit)
            visit.request = arriving.Request(bytearray())
            self._send(visit, refused, keep=False)
        elif request.whole:
            self._leave(visit)
            self.enqueue_req(visit)
        else:
            if not known and request.size is not None:
                self._welcome(visit)
            self._bound_memory()

    def _welcome(self, visit: Visit) -> None:
        """The head is there: the body has its own time, and may be waiting for a word."""
        visit.deadline = time.monotonic() + BODY_SECONDS
        if visit.request.expects:
            try:
                visit.wire.send(arriving.CONTINUE)
            except OSError:
                self._end(visit)

    def _bound_memory(self) -> None:
        """Who has been waiting longest with something in hand goes, until the rest has room."""
        if self.held > HELD:
            for visit in [one for one in self.waiting if one.weight]:
                if self.held <= HELD:
                    return
                self._end(visit)

    # In a thread

    def handle(self, conn: Visit) -> bool:
        request = conn.request
        source = iter([bytes(request.held[: request.size])])
        parsed = None
        try:
            conn.parser = http.get_parser(self.cfg, source, conn.client)
            parsed = next(conn.parser)
            return bool(self.handle_request(parsed, conn)) and not request.more
        except (NoMoreData, StopIteration, OSError):
            return False
        except Exception as error:
            self.handle_error(parsed, conn.sock, conn.client, error)
            return False

    # Going out

    def finish_request(self, conn: Visit, fs: Any) -> None:
        keep = bool(not fs.cancelled() and fs.exception() is None and fs.result())
        conn.request = arriving.Request(bytearray())
        conn.parser = None
        written, conn.sock = bytes(conn.sock.written), arriving.Answer()
        self._send(conn, written, keep=keep)

    def _send(self, visit: Visit, data: bytes, *, keep: bool) -> None:
        visit.going, visit.keep = memoryview(data), keep
        self._weigh(visit)
        visit.deadline = time.monotonic() + ANSWER_SECONDS
        self._wait(visit, selectors.EVENT_WRITE, self._go_on)
        self._go_on(visit, visit.wire)
        self._bound_memory()

    def _go_on(self, visit: Visit, _wire: Any) -> None:
        if visit not in self.waiting:
            return
        try:
            while visit.going:
                visit.going = visit.going[visit.wire.send(visit.going[: 4 * _PIECE]) :]
        except BlockingIOError:
            return
        except OSError:
            self._end(visit)
            return
        self._leave(visit)
        visit.going = memoryview(b"")  # an empty piece of the answer would keep all of it
        self._weigh(visit)
        if visit.keep and self.alive:
            visit.served = True
            visit.deadline = time.monotonic() + self.cfg.keepalive
            self._wait(visit, selectors.EVENT_READ, self._arrive)
        else:
            self._linger(visit)

    def _linger(self, visit: Visit) -> None:
        try:
            visit.wire.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(visit)
            return
        visit.deadline = time.monotonic() + LINGER_SECONDS
        visit.lingers = True
        self._wait(visit, selectors.EVENT_READ, self._drop)

    def _drop(self, visit: Visit, _wire: Any) -> None:
        """Throw away what still comes after a refusal."""
        if visit not in self.waiting:
            return
        try:
            if visit.wire.recv(_PIECE):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._end(visit)

    def murder_pending(self) -> None:
        """Called each second: whoever took too long goes; when the process stops, also whoever has said nothing yet."""
        now = time.monotonic()
        for visit in list(self.waiting):
            silent = not visit.going and not visit.request.held
            if now >= visit.deadline or (not self.alive and silent):
                self._end(visit)
