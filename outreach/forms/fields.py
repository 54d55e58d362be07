"""Numbers and times as people write them, texts as long as the page counts them, names that show all they hold.

Python's own reading takes "1_000", "+5", digits of any script and leading zeros, and gives up with an error of its own at 4,301
digits. What was counted must be what was typed.
"""

import re
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from outreach.forms.widgets import ClockInput
from outreach.names import visible, with_single_breaks

_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})\s*(?:[:h.]\s*(?:(?P<minute>[0-9]{2})(?::[0-9]{2})?)?)?\s*(?P<half>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
"""21:30, 21h30, 21 h, 9.30, 9:30 pm, and the seconds that some browsers send."""


class WholeNumber(forms.IntegerField):
    """A whole number of ASCII digits without sign or leading zero; what was typed stays in the form when it is refused."""

    default_error_messages = {"invalid": _("Écrivez un nombre entier en chiffres, comme 7 ou 12.")}

    def to_python(self, value: Any) -> int | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        if not _WHOLE.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text)


def clock_time(text: str) -> time | None:
    """The time somebody typed, to the minute; None where it is none, or could be two."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if half := found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


class ClockTime(forms.TimeField):
    """A time of day to the minute. One that was read is given back as the browser's field wants it, else as it was typed."""

    widget = ClockInput
    default_error_messages = {"invalid": _("Écrivez une heure entre 0:00 et 23:59, comme 21:30.")}

    def to_python(self, value: Any) -> time | None:
        text = "" if value is None else str(value)
        if not text.strip():
            return None
        found = clock_time(text)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        return clock_time(str(data or "")) or data


class FreeText(forms.CharField):
    """A text of several lines: a line break is one character here as it is in the browser, not the two that are sent."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(with_single_breaks(value) if isinstance(value, str) else value))


class Name(forms.CharField):
    """A name of somebody or something: without what nobody sees. Of only that, nothing was written."""

    def to_python(self, value: Any) -> str:
        return visible(str(super().to_python(value)))
