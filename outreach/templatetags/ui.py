"""Template tags of the interface: icons with their words, sentences of privacy, dates as people say them.

Rule of the room: no query, no clock. What is "today" is handed in by the view.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

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

LEVELS: dict[str, tuple[str, Any]] = {
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
    drawing = _drawing(str(settings.ICON_DIR), name)
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


class _Box(template.Node):
    """Wraps what stands between a tag and its end in one of the boxes of parts.css."""

    def __init__(self, nodes: NodeList, opening: str, closing: str, sign: str, title: Any = None) -> None:
        self.nodelist, self.opening, self.closing, self.sign, self.title = nodes, opening, closing, sign, title

    def render(self, context: Context) -> SafeString:
        inside = self.nodelist.render(context)
        title = format_html("<h2>{}</h2>", self.title.resolve(context)) if self.title else ""
        sign = icon(self.sign) if self.sign else ""
        return mark_safe(f"{self.opening}{sign}{title}{inside}{self.closing}")  # noqa: S308 — parts already escaped


@register.tag
def kept(parser: Parser, token: Token) -> _Box:
    """`{% kept %}Ce carré disparaît le …{% endkept %}`: what is kept, who reads it, when it disappears."""
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return _Box(nodes, '<div class="kept">', "</div></div>", "lock") if False else _kept(nodes)


def _kept(nodes: NodeList) -> _Box:
    return _Box(nodes, '<div class="kept">', "</div>", "lock")


@register.tag
def empty(parser: Parser, token: Token) -> _Box:
    """`{% empty_state "Titre" %}…{% endempty %}`: nothing here yet, and the next step."""
    raise NotImplementedError
