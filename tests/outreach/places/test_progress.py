"""The bar of long commands: one line that redraws itself for a person, nothing for a log."""

import io

import pytest

from outreach.management.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_sees_it_fill() -> None:
    screen = Terminal()
    with Progress("Lecture", 4, screen) as bar:
        for _ in range(4):
            bar.step()
    drawn = screen.getvalue().split("\r")
    assert "0 % (0/4)" in drawn[1]
    assert "100 % (4/4)" in drawn[-1]
    assert len(drawn) == 6
    assert screen.getvalue().endswith("\n")


def test_it_redraws_once_a_percent() -> None:
    screen = Terminal()
    with Progress("Lecture", 10_000, screen) as bar:
        for _ in range(10_000):
            bar.step()
    assert screen.getvalue().count("\r") == 101


def test_a_log_stays_empty() -> None:
    log = io.StringIO()
    with Progress("Lecture", 3, log) as bar:
        bar.step(3)
    assert log.getvalue() == ""


def test_nothing_to_do_and_too_much_done() -> None:
    screen = Terminal()
    with Progress("Lecture", 0, screen) as bar:
        bar.step(5)
    assert "100 % (1/1)" in screen.getvalue()


def test_a_failure_still_ends_the_line() -> None:
    screen = Terminal()
    with pytest.raises(KeyError), Progress("Lecture", 2, screen):
        raise KeyError
    assert screen.getvalue().endswith("\n")
