"""Template tags of the interface: icons with their words, sentences of privacy, dates as people say them.

Rule of the module: no query, no clock. What is "today" is handed in by the view.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField, PasswordInput
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from outreach.tables import with_headings

register = template.Library()

_ICON_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

BADGES: dict[str, str] = {
    "good": "circle-check",
    "due": "clock",
    "late": "triangle-alert",
    "warn": "triangle-alert",
    "refused": "circle-x",
    "quiet": "minus",
    "sealed": "lock",
}

LEVELS: dict[str, tuple[str, Promise]] = {
    "success": ("circle-check", _("C’est fait")),
    "info": ("info", _("À savoir")),
    "warning": ("triangle-alert", _("Attention")),
    "error": ("circle-alert", _("Erreur")),
}


@lru_cache(maxsize=256)
def _drawing(folder: str, name: str) -> str:
    """Shapes of one kept icon, without its frame; "" when the icon set does not have it."""
    if not _ICON_NAME.fullmatch(name):
        return ""
    try:
        source = (Path(folder) / f"{name}.svg").read_text(encoding="utf-8")
    except OSError:
        return ""
    start, end = source.find(">", source.find("<svg")) + 1, source.rfind("</svg>")
    return " ".join(source[start:end].split())


@register.simple_tag
def icon(name: str) -> SafeString:
    """The Lucide icon `name`, inline and silent for screen readers: always write the word beside it.

    An unknown name draws nothing (a page at night must not fail for an ornament); a test reads every template
    and fails for names the icon set does not have.
    """
    drawing = _drawing(str(settings.LUCIDE_DIR), name)
    if not drawing:
        return SafeString("")
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false" viewBox="0 0 24 24" width="20" height="20" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{}</svg>',
        mark_safe(drawing),  # noqa: S308 — read from the installed icon set, never from a request
    )


@register.simple_tag
def badge(kind: str, word: str) -> SafeString:
    """A state in one word with its sign; `kind` is one of good, due, late, warn, refused, quiet, sealed."""
    return format_html('<span class="badge badge-{}">{}{}</span>', kind, icon(BADGES[kind]), word)


@register.simple_block_tag
def sidebar(content: str, label: str) -> SafeString:
    """An `<aside>` named `label`, or nothing at all when the page puts nothing into it."""
    return (
        format_html('<aside aria-label="{}">{}</aside>', label, content)
        if content.strip()
        else SafeString("")
    )


@register.inclusion_tag("base/_message.html")
def notice(level: str, sentence: str) -> dict[str, object]:
    """One boxed sentence; `level` is success, info, warning or error."""
    sign, word = LEVELS[level]
    return {"level": level, "icon": sign, "word": word, "text": sentence}


@register.filter
def level_icon(level: str) -> str:
    return LEVELS.get(level, LEVELS["info"])[0]


@register.filter
def level_word(level: str) -> str:
    return str(LEVELS.get(level, LEVELS["info"])[1])


@register.simple_block_tag
def kept(content: str, sign: str = "lock") -> SafeString:
    """`{% kept %}Ce carré disparaît le …{% endkept %}`: what is kept, who reads it, when it disappears."""
    return format_html('<div class="kept">{}<div>{}</div></div>', icon(sign), content)


@register.simple_block_tag
def nothing(content: str, title: str) -> SafeString:
    """`{% nothing "Aucune tournée ce soir" %}<p>…next step…</p>{% endnothing %}`: an empty place and the way on."""
    return format_html('<div class="empty"><h2>{}</h2>{}</div>', title, content)


@register.simple_block_tag
def scroll(content: str, label: str) -> SafeString:
    """`{% scroll "Rencontres par semaine" %}<table>…</table>{% endscroll %}`: a wide table one can move by keyboard.

    On a phone its rows are cards.
    """
    return format_html(
        '<div class="scroll" role="region" tabindex="0" aria-label="{}">{}</div>',
        label,
        with_headings(content),
    )


@register.filter
def isolate(name: object) -> SafeString:
    """A stored name in an element of its own direction: one written from right to left turns no number beside it round."""
    return format_html("<bdi>{}</bdi>", name)


@register.filter
def isolate_all(names: Iterable[str]) -> SafeString:
    """Several names in a row, each in its own direction and together one part of what holds them; "" for none."""
    row = format_html_join(", ", "<bdi>{}</bdi>", ((name,) for name in names))
    return format_html("<span>{}</span>", row) if row else row


# Forms ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """One thing to correct: its sentence, and the label and id of the answer it is about ("" when the whole)."""

    sentence: str
    label: str = ""
    target: str = ""


def _target(field: BoundField) -> str:
    if field.is_hidden:
        return ""
    return str(field.id_for_label or (f"{field.auto_id}_0" if field.auto_id else ""))


def faults(forms: Iterable[BaseForm]) -> list[Fault]:
    """What is to correct in these forms, in the order of the page; nothing for forms not yet sent."""
    found = []
    for form in forms:
        if not form.is_bound:
            continue
        found += [Fault(str(sentence)) for sentence in form.non_field_errors()]
        found += [
            Fault(str(sentence), str(field.label), _target(field))
            for field in form
            for sentence in field.errors
        ]
    return found


@register.inclusion_tag("forms/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, object]:
    """The box at the top of a form sent back: how many answers to correct, each linked to its field.

    `{{ form }}` already contains it; pages that place fields one by one write `{% error_summary form %}` first.
    """
    return {"faults": faults(forms), "other_answers": any(map(_has_other_answers, forms))}


def _has_other_answers(form: BaseForm) -> bool:
    """Say that the other answers stay only where there are any: a password never comes back, one field has none."""
    fields = form.visible_fields()
    return len(fields) > 1 and not any(isinstance(field.field.widget, PasswordInput) for field in fields)


@register.filter
def mark(field: BoundField) -> str:
    """Which word stands after a label: the rarer of "facultatif" and "obligatoire" is said.

    A form whose answers are mostly free declares `mostly_optional = True`; then the required ones are marked.
    """
    if getattr(field.form, "mostly_optional", False):
        return gettext("obligatoire") if field.field.required else ""
    return "" if field.field.required else gettext("facultatif")


# Dates as people say them ----------------------------------------------------------------------------------


def _as_date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _day_month(value: date, weekday: bool = False, year: bool = False) -> str:
    first = value.day == 1 and (get_language() or "fr").startswith("fr")
    words = [date_format(value, "l")] if weekday else []
    words += ["1er" if first else str(value.day), date_format(value, "F")]
    return " ".join([*words, str(value.year)] if year else words)


def _span(start: date, end: date) -> dict[str, str]:
    """Both ends in words; the month is said once when it is the same."""
    if (start.year, start.month) != (end.year, end.month):
        return {"start": _day_month(start), "end": _day_month(end)}
    return {"start": _day_month(start).split(" ")[0], "end": _day_month(end)}


@register.filter
def day(value: date | datetime) -> str:
    """samedi 14 mars"""
    return _day_month(_as_date(value), weekday=True)


@register.filter
def day_year(value: date | datetime) -> str:
    """14 mars 2026"""
    return _day_month(_as_date(value), year=True)


@register.filter
def night(value: date) -> str:
    """nuit du 14 au 15 mars — a night belongs to the day on which its noon began."""
    return gettext("nuit du %(start)s au %(end)s") % _span(value, value + timedelta(days=1))


@register.filter
def hour(value: time) -> str:
    """21 h 30"""
    return gettext("%(hour)d h %(minute)02d") % {"hour": value.hour, "minute": value.minute}


@register.filter
def week(value: date) -> str:
    """semaine du 9 au 15 mars, for any day of that week (Monday to Sunday)."""
    monday = value - timedelta(days=value.weekday())
    return gettext("semaine du %(start)s au %(end)s") % _span(monday, monday + timedelta(days=6))


@register.simple_tag
def when(value: date | datetime, today: date) -> str:
    """aujourd’hui, demain, hier, dans 3 jours, il y a 3 jours, else samedi 14 mars (with its year if another)."""
    target = _as_date(value)
    days = (target - today).days
    near = {0: gettext("aujourd’hui"), 1: gettext("demain"), -1: gettext("hier")}
    if days in near:
        return near[days]
    if 1 < days < 7:
        return ngettext("dans %(days)d jour", "dans %(days)d jours", days) % {"days": days}
    if -7 < days < -1:
        return ngettext("il y a %(days)d jour", "il y a %(days)d jours", -days) % {"days": -days}
    return _day_month(target, weekday=True, year=target.year != today.year)
