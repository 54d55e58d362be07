"""What no form, phone or office program would send, drawn by hypothesis: wrong types, half characters, bent files.

Rule of the module: every value may carry `NEEDLE`, a string that means nothing; whoever refuses an input must not repeat it.
"""

import atexit
import io
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

LONG = os.environ.get("MARAUDES_DRILL") == "long"
NEEDLE = "zq7aiguille4711"


def tries(short: int, long: int) -> settings:
    """How many examples: few with every test run, thousands in the long form. No clock decides."""
    return settings(
        max_examples=long if LONG else short,
        deadline=None,
        derandomize=not LONG,
        suppress_health_check=list(HealthCheck),
    )


NASTY = (
    "",
    " ",
    "\x00",
    f"{NEEDLE}\x00",
    "\ud83d",
    f"{NEEDLE}\udc00",
    NEEDLE,
    f"=cmd|' /C calc'!{NEEDLE}",
    f"'; DROP TABLE outreach_record; -- {NEEDLE}",
    f"<script>{NEEDLE}</script>",
    f"../../{NEEDLE}",
    "NaN",
    "-Infinity",
    "1e309",
    "９",
    "²",
    "-0",
    "9" * 400,
    "\u202e\u0000\ufeff",
    "{0.__class__}",
    "%s%n",
    "2026-02-30",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "CRS3035RES500mN9999999E9999999",
    "CRS3035RES500mN2889000E3761000",
    "oui",
    "yes",
    NEEDLE * 2000,
)

characters = st.characters(exclude_categories=())  # half surrogates too
texts = st.one_of(st.sampled_from(NASTY), st.text(characters, max_size=40))
numbers = st.one_of(
    st.integers(),
    st.just(10**400),
    st.just(-1),
    st.just(2**63),
    st.floats(),
    st.sampled_from([0, 1, 200, 9999]),
)
leaves = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)


@st.composite
def changed(draw: st.DrawFn, body: dict[str, Any], most: int = 3) -> dict[str, Any]:
    """`body` with up to `most` keys replaced, taken out or added; sometimes untouched."""
    changed = dict(body)
    for _ in range(draw(st.integers(0, most))):
        key = draw(st.one_of(st.sampled_from(sorted(body)), texts))
        if draw(st.booleans()):
            changed[key] = draw(values)
        else:
            changed.pop(key, None)
    return changed


def as_json(value: Any) -> bytes:
    """JSON as a careless program writes it: NaN, half surrogates escaped, numbers of any length."""
    return json.dumps(value, allow_nan=True).encode()


DEEP = b"[" * 200_000
DEEP_OBJECT = b'{"a":' * 100_000
TEXTS = (
    b"",
    b"\x00",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b'"' + NEEDLE.encode() + b'"',
    b"{" + NEEDLE.encode(),
    DEEP,
    DEEP_OBJECT,
    b'{"v":1,"v":2,"people":1}',
    b'{"v":1,"people":1' + b"0" * 5000 + b"}",
    b"\xed\xa0\xbd",
)


@st.composite
def bent(draw: st.DrawFn, whole: bytes, most: int = 6) -> bytes:
    """`whole` with bytes changed, cut off, doubled or put in: a damaged file."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, most))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        what = draw(st.sampled_from(("flip", "cut", "put", "drop", "double", "zero")))
        if what == "flip" and data:
            data[at] ^= draw(st.integers(1, 255))
        elif what == "cut":
            del data[at:]
        elif what == "put":
            data[at:at] = draw(st.one_of(st.binary(max_size=8), st.just(NEEDLE.encode())))
        elif what == "drop":
            del data[at : at + draw(st.integers(1, 64))]
        elif what == "double":
            data[at:at] = data[at : at + draw(st.integers(1, 64))]
        else:
            data[at : at + 8] = bytes(len(data[at : at + 8]))
    return bytes(data)


def bomb(inside: str, unpacked: int = 310_000_000) -> bytes:
    """A zip of a megabyte or so that unpacks to `unpacked` bytes."""
    out = io.BytesIO()
    block = bytes(1_000_000)
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(inside, "w", force_zip64=True) as part,
    ):
        for _ in range(unpacked // len(block)):
            part.write(block)
    return out.getvalue()


def folder() -> Path:
    """A folder for what a module draws before any fixture runs; gone with the process."""
    made = Path(tempfile.mkdtemp(prefix="maraudes-bad-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def raw(text: str) -> bytes:
    """Its bytes, half characters included."""
    return text.encode(errors="surrogatepass")
