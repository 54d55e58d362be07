"""Numbers as people write them, texts as long as the page counts them, names that show all they hold.

Python's own reading takes "1_000", "+5", digits of any script and leading zeros, and gives up with an error of its own at 4,301
digits. What was counted must be what was typed.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from outreach.names import visible
from outreach.records.encounter import with_single_breaks

_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")


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


class FreeText(forms.CharField):
    """A text of several lines: a line break is one character here as it is in the browser, not the two that are sent."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(with_single_breaks(value) if isinstance(value, str) else value))


class Name(forms.CharField):
    """A name of somebody or something: without what nobody sees. Of only that, nothing was written."""

    def to_python(self, value: Any) -> str:
        return visible(str(super().to_python(value)))
