"""The users' guides, opened inside the application from the files of docs/users.

Rule of the module: a guide is a file that we wrote, the same for everybody; nothing of an association, a person or a request
is in it. The French and the English one have the same name.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from outreach.roles import Role
from outreach.tables import with_headings

FIELD = frozenset({Role.WORKER, Role.LEAD})

GUIDES: dict[str, frozenset[Role]] = {
    "field-worker": FIELD,
    "log-a-round": FIELD,
    "person-met": FIELD,
    "coordinator": frozenset({Role.COORDINATOR}),
    "administrator": frozenset({Role.ADMIN}),
    "auditor": frozenset({Role.AUDITOR}),
    "first-run": frozenset({Role.ADMIN}),
    "import-territory": frozenset({Role.ADMIN}),
    "import-records": frozenset({Role.ADMIN}),
}
"""Names of the files, in the order of the list, and whom each is for."""

LANGUAGES = ("fr", "en")

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_BESIDE = re.compile(r"^([a-z-]+)\.md(#\S+)?$")
_PUNCTUATION = re.compile(r"[^\w\s-]")


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide in one language: its heading, and the rest as HTML."""

    name: str
    title: str
    body: SafeString


@lru_cache(maxsize=len(GUIDES) * len(LANGUAGES))
def read(name: str, language: str) -> Guide:
    """A guide of GUIDES in one of LANGUAGES. Raises KeyError for any other name."""
    GUIDES[name]
    path = Path(settings.GUIDES_DIR) / (language if language in LANGUAGES else LANGUAGES[0]) / f"{name}.md"
    tokens = _MARKDOWN.parse(path.read_text(encoding="utf-8"))
    title = tokens[1].content  # "# …" is the first line of each
    rest = tokens[3:]
    for token, content in zip(rest, [*rest[1:], rest[-1]], strict=True):
        if token.type == "heading_open":
            token.attrs["id"] = _anchor(content.content)
        if token.children:
            token.children = _linked(token.children)
    body = _MARKDOWN.renderer.render(rest, _MARKDOWN.options, {})
    body = body.replace("<pre>", '<pre tabindex="0">')  # a long command is read by keyboard too
    body = _TABLE.sub(lambda table: _scrolling(table[0], title), body)
    return Guide(name, title, mark_safe(body))  # noqa: S308 — our own files, in which HTML is escaped


def _scrolling(table: str, title: str) -> str:
    return format_html(
        '<div class="scroll" role="region" tabindex="0" aria-label="{}">{}</div>', title, with_headings(table)
    )


def _anchor(heading: str) -> str:
    """What a link within the guides calls a heading: its words as the pages of a repository spell them."""
    return _PUNCTUATION.sub("", heading.lower()).strip().replace(" ", "-")


def _linked(children: list[Token]) -> list[Token]:
    """The same words with the links that lead somewhere here: to another guide, or within this one."""
    kept: list[Token] = []
    opened: list[bool] = []
    for token in children:
        if token.type == "link_open":
            target = _target(str(token.attrs["href"]))
            token.attrs = _with(token.attrs, target)
            opened.append(bool(target))
        elif token.type == "link_close":
            if opened.pop():
                kept.append(token)
            continue
        if token.type != "link_open" or opened[-1]:
            kept.append(token)
    return kept


def _with(attrs: dict[str, Any], target: str) -> dict[str, Any]:
    return {**attrs, "href": target}


def _target(href: str) -> str:
    """Where a link of a file leads in the application; "" for developers' documents, which are not in it."""
    match = _BESIDE.match(href)
    if match and match[1] in GUIDES:
        return reverse("help:guide", args=[match[1]]) + (match[2] or "")
    return href if href.startswith(("https://", "#")) else ""


def titles(language: str) -> list[Guide]:
    """Every guide, in the order of the list."""
    return [read(name, language) for name in GUIDES]
