"""Reading a note before it is sealed: what in it looks like a name, a number, a place, a date of birth or a word that can harm.

Rule of the module: pure; what was found never leaves the page; better one question too many than a name in a file. The
worker decides: rephrase, or keep.
"""

import re
from functools import lru_cache

from outreach.notes import firstnames, patterns
from outreach.notes.kinds import Finding, Kind
from outreach.notes.normalising import normalise
from outreach.notes.sensitive import CAPITALS, WORDS

_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*")


@lru_cache(maxsize=1)
def _lists() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple(
        (kind, re.compile(rf"(?<!\w)(?:{'|'.join(words.split())})(?!\w)")) for kind, words in WORDS.items()
    )


def check(text: str) -> list[Finding]:
    """What in `text` deserves a second look, in order, without overlaps. An empty list is no promise."""
    plain, places = normalise(text)
    found: list[tuple[int, int, Kind]] = []
    for kind, expression in (*patterns.EXPRESSIONS, *_lists()):
        found += [(*match.span(), kind) for match in expression.finditer(plain)]
    found += [(start, end, Kind.NAME) for start, end in _names(plain)]
    back = [
        Finding(places[start], places[end - 1] + 1, kind)
        for start, end, kind in found
        if plain[start:end].strip()
    ]
    back += [Finding(start, end, Kind.NAME) for start, end in _capitals(text)]
    back += [
        Finding(match.start(), match.end(), kind)
        for word, kind in CAPITALS.items()
        for match in re.finditer(rf"(?<!\w){word}(?!\w)", text)
    ]
    return _merged(back, text)


def _names(plain: str) -> list[tuple[int, int]]:
    """Places in the normalised text of what is introduced as a name, or is one and nothing else."""
    spans = [match.span(1) for match in patterns.NAMED.finditer(plain)]
    spans += [match.span() for match in patterns.TITLED.finditer(plain)]
    for match in _TOKEN.finditer(plain):
        word = match.group()
        parts = word.split("-")
        if word in firstnames.ALONE or (len(parts) > 1 and any(part in firstnames.NAMES for part in parts)):
            spans.append(match.span())
    return spans


def _capitals(text: str) -> list[tuple[int, int]]:
    """Places in the text of words with a capital letter where French puts none, and of initials."""
    spans = [match.span() for match in patterns.INITIALS.finditer(text)]
    for match in patterns.CAPITALISED.finditer(text):
        word = normalise(match.group())[0]
        if word in patterns.ORDINARY:
            continue
        begins = patterns.SENTENCE_START.search(text[: match.start()]) is not None
        if not begins or word in firstnames.NAMES or word in firstnames.ALSO_WORDS:
            spans.append(match.span())
    return spans


def _merged(findings: list[Finding], text: str) -> list[Finding]:
    """One finding where several overlap: the widest place, and of its kinds one that can harm first."""
    merged: list[Finding] = []
    for one in sorted(findings, key=lambda one: (one.start, -one.end)):
        start, end = one.start, one.end
        while end > start and text[end - 1].isspace():
            end -= 1
        if merged and start < merged[-1].end:
            last = merged[-1]
            kind = one.kind if one.kind.sensitive and not last.kind.sensitive else last.kind
            merged[-1] = Finding(last.start, max(last.end, end), kind)
        else:
            merged.append(Finding(start, end, one.kind))
    return merged
