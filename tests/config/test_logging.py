"""What a log line may hold. Presence first: a plain formatter shows each planted value, ours shows none of them."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import ResolverMatch

from config import logging as ours

NAME, COORDINATE, MAIL = "Ousmane Diallo", "48.8534951", "lea@lanterne.example"
PLANTED = (NAME, "Ousmane", COORDINATE, MAIL)


def record(message: object, *args: object, error: Any = None, **extra: Any) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord(
        "maraudes.test", logging.ERROR, "/service/outreach/records/views.py", 12, message, args, info
    )
    made.__dict__.update(extra)
    return made


def raised(make: Callable[[], BaseException]) -> BaseException:
    try:
        raise make()
    except BaseException as error:
        return error


def chained() -> BaseException:
    try:
        try:
            raise KeyError(NAME)
        except KeyError as first:
            raise ValueError(f"near {COORDINATE}") from first
    except ValueError as second:
        return second


CASES: dict[str, logging.LogRecord] = {
    "message": record(f"met {NAME} at {COORDINATE}"),
    "arguments": record("met %s at %s", NAME, COORDINATE),
    "exception": record("record.failed", error=raised(lambda: ValueError(f"{NAME} {COORDINATE} {MAIL}"))),
    "cause": record("record.failed", error=chained()),
    "group": record("record.failed", error=raised(lambda: ExceptionGroup(NAME, [ValueError(COORDINATE)]))),
    "object": record({"who": NAME, "lat": COORDINATE}),
    "code that is a sentence": record(f"record.failed {MAIL}"),
    "line break": record(f"record.failed\nevent={NAME}"),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_planted_reaches_the_line(case: str) -> None:
    plain, line = logging.Formatter().format(CASES[case]), ours.AllowListFormatter().format(CASES[case])
    assert any(value in plain for value in PLANTED), (
        "the control shows nothing, so the test would prove nothing"
    )
    assert not any(value in line for value in PLANTED)
    assert "\n" not in line


@pytest.mark.parametrize("field", ours.FIELDS)
@pytest.mark.parametrize(
    "value", [NAME, COORDINATE, float(COORDINATE), MAIL, [NAME], "+33612345678", 33_612_345_678, "É"]
)
def test_an_allowed_field_still_refuses_what_is_no_code_and_no_count(field: str, value: object) -> None:
    made = record("record.failed", **{field: value})
    assert str(value) in logging.Formatter(f"%({field})s").format(made)
    assert f"{field}=" not in ours.AllowListFormatter().format(made)


def test_an_unknown_field_is_dropped() -> None:
    made = record("record.failed", person="ousmane")
    assert "ousmane" in logging.Formatter("%(person)s").format(made)
    assert "ousmane" not in ours.AllowListFormatter().format(made)


def test_codes_counts_and_places_do_reach_the_line() -> None:
    line = ours.AllowListFormatter().format(
        record(
            "purge.finished", count=3, outcome="ok", duration_ms=12, error=raised(lambda: ValueError(NAME))
        )
    )
    assert "level=ERROR logger=maraudes.test event=purge.finished" in line
    assert "count=3" in line and "outcome=ok" in line and "duration_ms=12" in line
    assert "error=ValueError@config/test_logging.py:" in line


def test_an_unnamed_message_still_says_where_it_came_from() -> None:
    assert "event=unnamed at=records/views.py:12" in ours.AllowListFormatter().format(record(f"met {NAME}"))


def test_a_request_leaves_its_route_and_method_only() -> None:
    request = RequestFactory().get(f"/chercher/{COORDINATE}/", {"nom": NAME}, HTTP_USER_AGENT=MAIL)
    request.resolver_match = ResolverMatch(lambda: None, (), {"where": COORDINATE}, url_name="search")
    made = record("Internal Server Error: %s", request.get_full_path(), request=request, status_code=500)
    assert COORDINATE in logging.Formatter().format(made)
    line = ours.AllowListFormatter().format(made)
    assert "route=search" in line and "method=GET" in line and "status=500" in line
    assert not any(value in line for value in (*PLANTED, "chercher", "Diallo"))


def test_every_handler_of_every_process_uses_the_allow_list(capfd: pytest.CaptureFixture[str]) -> None:
    before = logging.root.handlers[:], logging.root.level
    names = (
        "django.request",
        "django.db.backends",
        "gunicorn.access",
        "gunicorn.error",
        "celery.app.trace",
        "somebody.else",
    )
    try:
        ours.configure({"level": "DEBUG"})
        for name in names:
            logging.getLogger(name).error("met %s", NAME)
    finally:
        logging.captureWarnings(False)
        logging.root.handlers, logging.root.level = before
    printed = capfd.readouterr().err
    assert "logger=somebody.else event=unnamed" in printed and "logger=django.request" in printed
    assert "gunicorn.access" not in printed and "django.db.backends" not in printed
    assert not any(value in printed for value in PLANTED)


def test_the_last_words_of_a_command_hold_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    error = raised(lambda: LookupError(NAME))
    sys.__excepthook__(type(error), error, error.__traceback__)
    assert NAME in capsys.readouterr().err
    ours.quiet_excepthook(type(error), error, error.__traceback__)
    said = capsys.readouterr().err
    assert said.startswith("error=LookupError@") and NAME not in said
