"""A request on its way in, collected in memory until it is whole.

Rule of the module: only where a request ends is decided here; what it says, gunicorn's own parser reads, from these bytes
and from no others. What cannot be taken is refused on its first bytes, before any of its body is kept; nothing is ever
written to a file.
"""

from dataclasses import dataclass

HEAD = 32 * 1024
"""Bytes of request line and headers together."""

BODY = 2 * 1024 * 1024
"""Bytes of a body, as DATA_UPLOAD_MAX_MEMORY_SIZE of the settings (a test holds them together)."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_END = b"\r\n\r\n"


def refusal(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n".encode()


TOO_LARGE = refusal("413 Content Too Large")
NO_LENGTH = refusal("411 Length Required")
HEAD_TOO_LARGE = refusal("431 Request Header Fields Too Large")
BAD = refusal("400 Bad Request")


@dataclass(slots=True)
class Request:
    """What came of one request so far. `size` is known once its head is there."""

    held: bytearray
    size: int | None = None
    expects: bool = False

    @property
    def whole(self) -> bool:
        return self.size is not None and len(self.held) >= self.size

    @property
    def more(self) -> bool:
        """Whether more came than this one request: nobody who waits for answers sends ahead."""
        return self.size is not None and len(self.held) > self.size

    def take(self, data: bytes) -> bytes:
        """Add what came; gives the answer that refuses it, or nothing."""
        start = max(len(self.held) - len(_END), 0)
        self.held += data
        if self.size is not None:
            return b""
        end = self.held.find(_END, start)
        if end < 0:
            return HEAD_TOO_LARGE if len(self.held) > HEAD else b""
        if end > HEAD:
            return HEAD_TOO_LARGE
        return self._measure(bytes(self.held[:end]), end + len(_END))

    def _measure(self, head: bytes, body_starts: int) -> bytes:
        length = 0
        seen = False
        for line in head.split(b"\r\n")[1:]:
            name, _colon, value = line.partition(b":")
            match name.strip().lower():
                case b"content-length":
                    digits = value.strip()
                    if seen or not digits.isdigit() or len(digits) > 12:
                        return BAD
                    seen, length = True, int(digits)
                case b"transfer-encoding":
                    return NO_LENGTH
                case b"expect":
                    self.expects = True
        if length > BODY:
            return TOO_LARGE
        self.size = body_starts + length
        return b""


class Answer:
    """Takes the place of the socket while a request is answered: what is written waits here until the thread is free again."""

    def __init__(self) -> None:
        self.written = bytearray()

    def sendall(self, data: bytes) -> None:
        self.written += data

    def send(self, data: bytes) -> int:
        self.written += data
        return len(data)

    def recv(self, *_anything: object) -> bytes:
        return b""

    def gettimeout(self) -> float:
        return 0.0

    def settimeout(self, _seconds: float | None) -> None:
        """There is nothing to wait for."""

    setblocking = settimeout

    def shutdown(self, _how: int) -> None:
        """The connection itself is closed where it is held."""

    def close(self) -> None:
        """As above."""
