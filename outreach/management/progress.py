"""A progress bar for commands: one line that redraws itself on a terminal, and nothing at all in a log.

Rule of the module: it counts, it never names what it counts.
"""

import sys
from types import TracebackType
from typing import Self, TextIO

WIDTH = 30
"""Characters of the bar."""


class Progress:
    """`with Progress("Lecture", 80) as bar: … bar.step()`. Silent unless the stream is a terminal."""

    def __init__(self, title: str, total: int, stream: TextIO | None = None) -> None:
        self._stream = stream = sys.stderr if stream is None else stream
        self._title = title
        self._total = max(total, 1)
        self._done = 0
        self._shown = -1
        self._alive = stream.isatty()

    def __enter__(self) -> Self:
        self._draw()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._alive:
            self._stream.write("\n")
            self._stream.flush()

    def step(self, count: int = 1) -> None:
        """`count` more are done. Redraws only when the percentage changes."""
        self._done = min(self._done + count, self._total)
        self._draw()

    def _draw(self) -> None:
        percent = 100 * self._done // self._total
        if not self._alive or percent == self._shown:
            return
        self._shown = percent
        full = WIDTH * self._done // self._total
        bar = "█" * full + "·" * (WIDTH - full)
        self._stream.write(f"\r{self._title:<24} {bar} {percent:>3} % ({self._done}/{self._total})")
        self._stream.flush()
