"""French is the source; English is complete, nothing guessed, nothing lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def catalogue() -> Iterator[tuple[str, str, str]]:
    """(flags, French source, English) of every entry of the English catalogue."""
    text = (ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    for entry in text.split("\n\n")[1:]:
        lines = [line for line in entry.splitlines() if not line.startswith("#~")]
        flags = " ".join(line for line in lines if line.startswith("#,"))
        body = "\n".join(line for line in lines if not line.startswith("#"))
        source = "".join(re.findall(r'"(.*)"', body.split("msgstr")[0]))
        for translated in body.split("msgstr")[1:]:
            yield flags, source, "".join(re.findall(r'"(.*)"', translated))


def test_english_is_complete_and_not_guessed() -> None:
    entries = [entry for entry in catalogue() if entry[1]]
    assert len(entries) > 100
    assert [source for _, source, english in entries if not english] == []
    assert [source for flags, source, _ in entries if "fuzzy" in flags] == []


def test_placeholders_survive_translation() -> None:
    named = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}")
    for _, source, english in catalogue():
        assert set(named.findall(english)) <= set(named.findall(source)), source
