"""The web behind its socket: gunicorn trusts whoever speaks through it, so no visitor's header may change where a page lies."""

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    told = [environ[name] for name in ("SCRIPT_NAME", "PATH_INFO", "REMOTE_ADDR", "HTTP_X_FORWARDED_FOR")]
    return ["|".join(told).encode()]
"""
ASKED = b"GET /base/page HTTP/1.0\r\nHost: x\r\nSCRIPT_NAME: /base\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n"


def ask(path: Path, server: "subprocess.Popen[bytes]") -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        while connection.connect_ex(str(path)):
            assert server.poll() is None, "gunicorn ended by itself"
            time.sleep(0.05)
        connection.sendall(ASKED)
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode().rpartition("\r\n")[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "seen"),
    [
        ((), "|/base/page||203.0.113.7"),
        (
            ("--forwarder-headers", "SCRIPT_NAME"),
            "/base|/page||203.0.113.7",
        ),  # the control: gunicorn's default
    ],
)
def test_no_visitor_renames_the_path_through_the_socket(more: tuple[str, ...], seen: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "echo.py").write_text(APPLICATION)
        path = Path(folder) / "web.sock"
        command = ["-m", "gunicorn", "echo:application", "--config", "python:config.gunicorn"]
        bound = ["--bind", f"unix:{path}", "--pythonpath", folder, "--workers", "1", *more]
        server = subprocess.Popen([sys.executable, *command, *bound], cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            while not path.exists() and server.poll() is None:
                time.sleep(0.05)
            assert ask(path, server) == seen
        finally:
            server.terminate()
            server.wait()
