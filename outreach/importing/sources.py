"""Reading a foreign file line by line: CSV, XLSX or GeoJSON, looked at from outside before it is parsed.

Rule of the module: a file is opened only when its size, its kind and its bytes are what they claim to be. What
comes out are texts by column name and a line number; numbers and dates of a spreadsheet become texts here.
"""

from hashlib import sha256
from pathlib import Path

from django.utils.translation import gettext as _

from outreach import kinds
from outreach.importing import delimited, encodings, features, sheets
from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping
from outreach.importing.table import LARGEST, Source, empty, unread

_BLOCK = 1 << 20


def open_source(path: Path, mapping: Mapping) -> Source:
    """Look at the file and at its header. Raises ImportRefused; reads nothing into memory but a block."""
    size = _size(path)
    with path.open("rb") as file:
        start = file.read(kinds.HEAD)
    if size == 0:
        raise empty()
    if start.startswith(b"PK\x03\x04"):
        return sheets.open_source(path, mapping, _digest(path))
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and (kind := kinds.named(start)):
        raise unread(kind)
    digest, encoding = encodings.decode(path)
    with encodings.opened(path, encoding) as text:
        first = text.read(200).lstrip("\ufeff \t\r\n")
    if first.startswith("{"):
        return features.open_source(path, mapping, digest, encoding)
    return delimited.open_source(path, mapping, digest, encoding)


def _size(path: Path) -> int:
    if not path.is_file():
        raise ImportRefused("missing", _("Il n’y a pas de fichier à cet endroit."))
    size = path.stat().st_size
    if size > LARGEST:
        raise ImportRefused(
            "too-large",
            _(
                "Le fichier pèse {size} Mo, au plus {most} Mo se lisent : découpez-le, par année par exemple."
            ).format(size=size // 1_000_000, most=LARGEST // 1_000_000),
        )
    return size


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.digest()
