"""Looking for strings and times in bytes, whichever way they were written.

Pure: where the bytes come from is `tests.leak_places`.

Rule of the module: presence first; what stood somewhere before is told apart from what was added.
"""

import base64
import json
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus
from zoneinfo import ZoneInfo

Places = Sequence[tuple[str, bytes]]
PARIS = ZoneInfo("Europe/Paris")


def word() -> str:
    """A word that nobody ever wrote: letters alone, because the check of notes takes seven digits for a telephone."""
    return "".join(secrets.choice("bdfghjklmnpqrstvwxz") for _ in range(14))


def forms(needle: bytes) -> dict[str, bytes]:
    """The ways a value may be written: as it is, UTF-16, hexadecimal, base64 at each of three alignments, in a URL, in JSON."""
    found = {"plain": needle, "hex": needle.hex().encode(), "HEX": needle.hex().upper().encode()}
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + needle)
        inner = whole[-(-shift * 8 // 6) : (shift + len(needle)) * 8 // 6]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    try:
        text = needle.decode()
    except UnicodeDecodeError:
        return {name: pattern for name, pattern in found.items() if pattern}
    found["utf-16"] = text.encode("utf-16-le")
    found["latin-1"] = text.encode("latin-1", "replace")
    found["url"] = quote(text, safe="").encode()
    found["url+"] = quote_plus(text).encode()
    found["json"] = json.dumps(text)[1:-1].encode()
    unique: dict[bytes, str] = {}
    for name, pattern in found.items():
        unique.setdefault(pattern, name)
    return {name: pattern for pattern, name in unique.items()}


def search(places: Places, needles: Mapping[str, bytes | str]) -> dict[str, Counter[str]]:
    """Where each needle stands and how often: {needle: {"data heap outreach_record (hex)": 2}}. Empty means nowhere."""
    patterns = {
        name: forms(value.encode() if isinstance(value, str) else value) for name, value in needles.items()
    }
    found: dict[str, Counter[str]] = {name: Counter() for name in needles}
    for place, data in places:
        for name, ways in patterns.items():
            for form, pattern in ways.items():
                if number := data.count(pattern):
                    found[name][f"{place} ({form})"] += number
    return found


_INSTANTS = re.compile(rb"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)|(?<![\d.])(1\d{9})(?:\d{3})?(?![\d])")
_TEXT = ("dump", "statistics", "session", "redis", "log/", "run/", "output")


def instants(places: Places, first: datetime, last: datetime) -> list[str]:
    """Written times, to the second, between two instants: "place: time". Read in UTC, in Paris time and as seconds since 1970."""
    found = []
    for place, data in places:
        if not any(word in place for word in _TEXT):
            continue
        for match in _INSTANTS.finditer(data):
            if match[3]:
                read = [datetime.fromtimestamp(int(match[3]), UTC)]
            else:
                try:
                    local = datetime.fromisoformat(f"{match[1].decode()}T{match[2].decode()}")
                except ValueError:
                    continue
                read = [local.replace(tzinfo=UTC), local.replace(tzinfo=PARIS)]
            if any(first.replace(microsecond=0) <= one <= last for one in read):
                found.append(f"{place}: {match[0].decode()}")
    return found


def added(before: Mapping[str, Counter[str]], after: Mapping[str, Counter[str]]) -> dict[str, list[str]]:
    """Places where a needle stands more often than before; needles that were added nowhere are left out."""
    grown = {name: sorted(after[name] - before.get(name, Counter())) for name in after}
    return {name: places for name, places in grown.items() if places}


def places_of(found: Mapping[str, int]) -> set[str]:
    """Names of places without the form in which the needle was written there."""
    return {place.rsplit(" (", 1)[0] for place in found}
