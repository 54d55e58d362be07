"""`python -m config.alive web|worker|beat`: exit status 0 while that process lives; for container health checks."""

import http.client
import os
import socket
import sys

from config.heartbeat import STALE, Pulse, age

WEB_SOCKET = "/run/web/web.sock"


def web() -> bool:
    """Whether the web process answers at all; whether everything is in order is what /healthz itself says."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(5)
    connection.sock.connect(WEB_SOCKET)
    host = os.environ.get("MARAUDES_HOSTS", "localhost").split(",")[0]
    connection.request("GET", "/healthz", headers={"Host": host})
    return connection.getresponse().status in (200, 503)


def main(name: str) -> int:
    try:
        if name == "web":
            return 0 if web() else 1
        seconds = age(Pulse(name))
    except Exception as error:
        sys.stderr.write(f"{name}: {type(error).__name__}\n")
        return 1
    return 0 if seconds is not None and seconds < STALE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "web"))
