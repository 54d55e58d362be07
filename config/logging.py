"""Logs that cannot carry a person: an allow-list, not a scrubber.

A line holds the time, the level, the logger, an event code and the fields of `FIELDS`. A message that is not a code, its
arguments, an exception's text, a URL, a header or a user never reach the output: of an exception its type and the places
`file:line` remain, of a request the name of its route and its method. Whoever needs more reproduces it with the tests' cast.
"""

import logging
import logging.config
import re
import sys
import time
from types import TracebackType
from typing import Any

from django.core.exceptions import ImproperlyConfigured

# A code is a word of the program: it starts with a letter and has no space, so a sentence, a name with a surname,
# a coordinate, a date or an e-mail address is none.
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")
FIELDS = (
    "route",
    "method",
    "status",
    "count",
    "duration_ms",
    "task",
    "command",
    "database",
    "outcome",
    "attempt",
    "code",
)
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
FRAMES = 4
# Raised before any row is read, and about the installation: the operator needs the text.
ABOUT_THE_PROGRAM = (ImportError, SyntaxError, ImproperlyConfigured)


def place(filename: str, line: int) -> str:
    """`folder/file.py:12`: enough to find the line, without the folders of this machine."""
    return "/".join(filename.split("/")[-2:]) + f":{line}"


def trace(error: BaseException | None) -> str:
    """Types and places of an exception and of what caused it; never its text."""
    parts: list[str] = []
    while error is not None and len(parts) < 4:
        frames: list[str] = []
        frame: TracebackType | None = error.__traceback__
        while frame is not None:
            frames.append(place(frame.tb_frame.f_code.co_filename, frame.tb_lineno))
            frame = frame.tb_next
        parts.append(f"{type(error).__name__}@{'<'.join(reversed(frames[-FRAMES:]))}")
        error = error.__cause__ or error.__context__
    return "|".join(parts)


def allowed(name: str, value: Any) -> str | None:
    """The printed form of a field, or None when it is neither a whole number nor a code."""
    if name == "method":
        return value if isinstance(value, str) and value in METHODS else None
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**9):
        return str(value)
    if isinstance(value, str) and len(value) <= 60 and CODE.match(value.replace("-", "_").replace(":", ".")):
        return value
    return None


class AllowListFormatter(logging.Formatter):
    """key=value lines of allowed things only."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        known = isinstance(record.msg, str) and CODE.match(record.msg) is not None
        pairs = [
            ("time", self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")),
            ("level", record.levelname),
            ("logger", record.name),
            ("event", record.msg if known else "unnamed"),
        ]
        if not known:
            pairs.append(("at", place(record.pathname, record.lineno)))
        fields = {
            **self.of_request(record),
            **{name: getattr(record, name, None) for name in FIELDS if hasattr(record, name)},
        }
        for name, value in fields.items():
            shown = allowed(name, value)
            if shown is not None:
                pairs.append((name, shown))
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            pairs.append(("error", trace(error)))
        return " ".join(f"{name}={value}" for name, value in pairs)

    @staticmethod
    def of_request(record: logging.LogRecord) -> dict[str, Any]:
        """Django hands the request and the status code to its own records; route name and method are all that is taken."""
        request = getattr(record, "request", None)
        match = getattr(request, "resolver_match", None)
        return {
            "route": getattr(match, "view_name", None),
            "method": getattr(request, "method", None),
            "status": getattr(record, "status_code", None),
        }


def dictionary(level: str) -> dict[str, Any]:
    """The dictConfig of every process: one handler on standard error, one formatter, no other output anywhere."""
    passed = {"handlers": [], "propagate": True}
    # Their INFO lines are sentences with arguments: nothing would remain of them. gunicorn.py and celery.py log codes instead.
    talkative = {**passed, "level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"allow": {"()": AllowListFormatter}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "allow", "stream": "ext://sys.stderr"}
        },
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            **dict.fromkeys(("django", "django.request", "django.security", "py.warnings"), passed),
            **dict.fromkeys(("celery", "kombu", "amqp", "gunicorn.error"), talkative),
            # An access log is a list of who did what when; there is none.
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
            "django.server": {"level": "CRITICAL", "handlers": [], "propagate": False},
            # Statements carry values.
            "django.db.backends": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }


def quiet_excepthook(
    kind: type[BaseException], error: BaseException, _traceback: TracebackType | None
) -> None:
    """The last words of a command that failed in production: type and place, not text."""
    if issubclass(kind, KeyboardInterrupt):
        return
    spoken = f" {error}" if isinstance(error, ABOUT_THE_PROGRAM) else ""
    sys.stderr.write(f"error={trace(error)}{spoken}\n")


def configure(settings: dict[str, Any]) -> None:
    """Called by Django through LOGGING_CONFIG with `{"level": …, "quiet": bool}`."""
    logging.config.dictConfig(dictionary(settings.get("level", "INFO")))
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a broken record would print its arguments
    if settings.get("quiet"):
        sys.excepthook = quiet_excepthook
