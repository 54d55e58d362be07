"""Tables that become cards on a narrow screen: each cell learns the heading of its column, each part says what it is.

Rule of the module: works on what our templates drew, never on what people typed, in which "<" is escaped. A style sheet shows the
headings (static/outreach/css/cards.css); the roles keep it a table for whoever listens, however it is drawn.
"""

import re
from html import unescape

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_PART = re.compile(r"<(table|thead|tbody|tfoot|tr|th|td)\b([^>]*)>")
_HEAD = re.compile(r"<thead\b.*?</thead>", re.DOTALL)
_HEADING = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_SPAN = re.compile(r'colspan="(\d+)"')
_ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tfoot": "rowgroup",
    "tr": "row",
    "td": "cell",
}


def with_headings(markup: str) -> SafeString:
    """The same table; one without a `<thead>` keeps its cells as they are."""
    head = _HEAD.search(markup)
    headings = _headings(head[0]) if head else []
    column, inside = 0, ""

    def part(match: re.Match[str]) -> str:
        nonlocal column, inside
        tag, attributes = match[1], match[2]
        if tag == "tr":
            column = 0
        elif tag in {"thead", "tbody", "tfoot"}:
            inside = tag
        elif tag in {"th", "td"}:
            label = headings[column] if column < len(headings) and inside != "thead" else ""
            column += _width(attributes)
            if tag == "td" and label and "colspan" not in attributes:
                attributes += f' data-label="{escape(label)}"'
        role = _ROLES.get(tag) or ("columnheader" if inside == "thead" else "rowheader")
        return f'<{tag}{attributes} role="{role}">'

    return mark_safe(_PART.sub(part, markup))  # noqa: S308 - drawn by a template; what is put in is escaped


def _headings(head: str) -> list[str]:
    """One a column, without the markup inside."""
    found = []
    for attributes, words in _HEADING.findall(head):
        found += [" ".join(unescape(_TAG.sub("", words)).split())] * _width(attributes)
    return found


def _width(attributes: str) -> int:
    span = _SPAN.search(attributes)
    return int(span[1]) if span else 1
