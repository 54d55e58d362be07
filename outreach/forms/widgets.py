"""Answers a gloved thumb can give: tiles for choices, steps for numbers.

Rule of the module: every widget here is an ordinary form control without scripts; scripts only add.
Plain `RadioSelect` and `CheckboxSelectMultiple` are drawn as tiles as well (templates/django/forms/widgets).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.forms import CheckboxSelectMultiple, NumberInput, RadioSelect, TimeInput
from django.forms.widgets import ChoiceWidget


class _Tiled(ChoiceWidget):
    """Adds to each option the icon and the sentence its value is given."""

    template_name = "forms/widgets/tiles.html"

    def __init__(
        self,
        *args: Any,
        icons: Mapping[str, str] | None = None,
        hints: Mapping[str, Any] | None = None,
        wide: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.icons, self.hints, self.wide = dict(icons or {}), dict(hints or {}), wide

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["wide"] = self.wide
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return {**option, "icon": self.icons.get(str(value), ""), "hint": self.hints.get(str(value), "")}


class Tiles(_Tiled, RadioSelect):
    """One of several, each a tile of at least 48 px.

    icons: option value → Lucide name; hints: option value → sentence under the word;
    wide: one tile per line (for sentences rather than words).
    """


class TileChecks(_Tiled, CheckboxSelectMultiple):
    """Several of several; same parameters as `Tiles`."""


class ClockInput(TimeInput):
    """The browser's own field for a time. It shows nothing where it holds no time, so what is none stays in a field of text."""

    def format_value(self, value: Any) -> str:
        return value.strftime("%H:%M") if isinstance(value, time) else str(value or "")

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["type"] = "time" if isinstance(value, time) or not value else "text"
        return context


class Stepper(NumberInput):
    """A whole number with − and + when scripts run (stepper.js), a number field when they do not.

    Empty is "not known" and never zero: let the field be `required=False` where not knowing is an answer.
    """

    template_name = "forms/widgets/stepper.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"inputmode": "numeric", "min": 0, "step": 1, "autocomplete": "off", **(attrs or {})}
        )
