"""Whoever says nothing, sends a byte a second or reads none keeps nobody from an answer; a large upload is refused unread."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory, override_settings

from config import arriving, waiting

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = """
import hashlib
def application(environ, start_response):
    body = environ["wsgi.input"].read()
    told = hashlib.sha256(body).hexdigest().encode()
    if environ["PATH_INFO"] == "/large":
        told = b"x" * 30_000_000
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(told)))])
    return [told]
"""
GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
IDLE = (8, 64, 256)


@contextmanager
def served(folder: Path, *more: str, application: str = APPLICATION) -> Iterator[int]:
    """gunicorn as the service starts it, one process, on an application of a few lines; gives its port."""
    (folder / "echo.py").write_text(application)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["-m", "gunicorn", "echo:application", "--config", "python:config.gunicorn", "--workers", "1"]
    bound = ["--bind", f"127.0.0.1:{port}", "--pythonpath", str(folder), *more]
    with (folder / "said").open("wb") as said:
        server = subprocess.Popen([sys.executable, *command, *bound], cwd=ROOT, stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + 60
        while True:
            assert server.poll() is None and time.monotonic() < deadline, (folder / "said").read_text()
            try:
                ask(port)
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=4)


def ask(port: int, sent: bytes = GET) -> bytes:
    """What is answered, to the end; TimeoutError when nothing comes for four seconds."""
    with connect(port) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


SLOW = {
    "says nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: x\r\n",
    "half a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf",
    "reads nothing": b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("how", SLOW)
def test_the_slow_keep_nobody_from_an_answer(how: str, tmp_path: Path) -> None:
    many = IDLE if how != "reads nothing" else (8,)
    with served(tmp_path) as port, ExitStack() as held:
        there = 0
        for number in many:
            for connection in [held.enter_context(connect(port)) for _ in range(number - there)]:
                connection.sendall(SLOW[how])
            there = number
            assert ask(port).startswith(b"HTTP/1.1 200"), f"{number} connections: {how}"


@pytest.mark.slow
def test_the_control_is_stopped_by_eight(tmp_path: Path) -> None:
    """gunicorn's own threads wait with the visitor: four of them in this process."""
    with (
        served(tmp_path, "--worker-class", "gthread") as port,
        ExitStack() as held,
        pytest.raises(TimeoutError),
    ):
        for _ in range(8):
            held.enter_context(connect(port)).sendall(SLOW["half a head"])
        ask(port)


@pytest.mark.slow
def test_more_than_there_is_room_for_push_out_the_oldest(tmp_path: Path) -> None:
    """Each of them a byte: none of them idle."""
    (tmp_path / "small.py").write_text(
        "from config import waiting\nwaiting.MOST = 40\nWorker = waiting.Worker\n"
    )
    with served(tmp_path, "--worker-class", "small.Worker") as port, ExitStack() as held:
        first = held.enter_context(connect(port))
        for _ in range(100):
            held.enter_context(connect(port)).sendall(b"G")
        assert ask(port).startswith(b"HTTP/1.1 200")
        assert first.recv(1) == b""


@pytest.mark.slow
def test_a_large_upload_is_refused_unread_and_never_written(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    with served(tmp_path) as port:
        assert ask(port, head % 120_000_000).startswith(b"HTTP/1.1 413")
        assert ask(port, head % (arriving.BODY + 1) + bytes(1000)).startswith(b"HTTP/1.1 413")
        body = os.urandom(arriving.BODY)
        whole = (head % len(body)).replace(b"Host", b"Connection: close\r\nHost") + body
        assert ask(port, whole).startswith(b"HTTP/1.1 200")
        chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        assert ask(port, chunked).startswith(b"HTTP/1.1 411")


@pytest.mark.slow
def test_a_connection_serves_on_and_a_body_waits_for_its_word(tmp_path: Path) -> None:
    with served(tmp_path) as port, connect(port) as connection:
        for _ in range(3):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65536) == arriving.CONTINUE
        connection.sendall(b"hello")
        assert b"HTTP/1.1 200" in connection.recv(65536)


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", arriving.BAD),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", arriving.BAD),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999999999\r\n\r\n", arriving.BAD),
        (b"POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n", arriving.TOO_LARGE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", arriving.NO_LENGTH),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * arriving.HEAD, arriving.HEAD_TOO_LARGE),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_where_a_request_ends_does_not_depend_on_how_it_comes(
    sent: bytes, refused: bytes, piece: int
) -> None:
    request = arriving.Request(bytearray())
    answers = [request.take(sent[at : at + piece]) for at in range(0, len(sent), piece)]
    assert next((answer for answer in answers if answer), b"") == refused
    assert request.whole == (not refused) and not request.more


def test_the_limit_is_the_one_of_the_settings() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == arriving.BODY
    assert waiting.HEAD_SECONDS < waiting.BODY_SECONDS <= waiting.ANSWER_SECONDS


def test_no_page_takes_a_file() -> None:
    from django.core.exceptions import SuspiciousOperation
    from django.core.files.uploadedfile import SimpleUploadedFile

    def sent() -> object:
        return RequestFactory().post("/", {"a": SimpleUploadedFile("a.txt", b"x" * 10)}).FILES

    with override_settings(
        FILE_UPLOAD_HANDLERS=["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    ):
        assert sent()  # the control: Django's own handler takes it, and writes it down
    with pytest.raises(SuspiciousOperation):
        sent()
