"""How the bytes of a text file are letters: what its mark says, else UTF-8, else Windows-1252; or it is refused.

Rule of the module: nothing tells Windows-1252 from an older alphabet but its words. Where they show that it is another one, or
that two are in one file, the file is refused: a note of wrong letters would be kept for weeks.
"""

import codecs
import re
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from outreach.importing.errors import ImportRefused

_BLOCK = 1 << 20
_WINDOWS = "cp1252"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How a file says its encoding itself; the mark of UTF-32 begins with that of UTF-16."""

_FALSE_MARK = codecs.BOM_UTF8.decode(_WINDOWS)
"""The mark of UTF-8 before a text that is not: some tools write it whatever follows."""

_UTF_8 = re.compile(rb"\xc3[\x80-\xbf]|\xc5[\x92\x93]|\xe2\x80[\x90-\xaf]")
"""French letters and signs of UTF-8. In Windows-1252 they would be Ã©, Å“ and â€™."""

_OTHER_ALPHABET = re.compile("[a-z][ŽŠ‚ˆ]|[a-z][ƒ„†‡‰‹][a-z]")
"""What the é, è, ê and ç of a Mac or of DOS are in Windows-1252: désolŽ, dŠs, fran‡ais."""


def decode(path: Path) -> tuple[bytes, str]:
    """Digest and encoding of a text file. Raises ImportRefused."""
    digest = sha256()
    with path.open("rb") as file:
        start = file.read(200)
        mark = next((name for mark, name in _MARKS if start.startswith(mark)), "") or _unmarked(start)
        possible = [mark] if mark else ["utf-8-sig", _WINDOWS]
        decoders = {name: codecs.getincrementaldecoder(name)() for name in possible}
        null = other = False
        file.seek(0)
        while decoders and (block := file.read(_BLOCK)):
            digest.update(block)
            texts = {name: _decoded(decoder, block) for name, decoder in decoders.items()}
            decoders = {name: decoders[name] for name, text in texts.items() if text is not None}
            null = null or any("\x00" in text for text in texts.values() if text)
            other = other or _OTHER_ALPHABET.search(texts.get(_WINDOWS) or "") is not None
    if null:
        raise ImportRefused("binary", _("Le fichier contient des octets nuls : ce n’est pas du texte."))
    for name, decoder in decoders.items():
        if _decoded(decoder, b"", final=True) is None:
            continue
        if name == _WINDOWS:
            _refuse_two(path)
            if other:
                break
        return digest.digest(), name
    raise ImportRefused(
        "encoding",
        _(
            "L’encodage n’est ni UTF-8, ni UTF-16 avec sa marque, ni Windows-1252 : enregistrez le fichier en UTF-8."
        ),
    )


def opened(path: Path, encoding: str) -> TextIO:
    """The file as text, behind its mark, whose line ends are left as they are."""
    file = path.open(encoding=encoding, newline="")
    if encoding == _WINDOWS and file.read(len(_FALSE_MARK)) != _FALSE_MARK:
        file.seek(0)
    return file


def _refuse_two(path: Path) -> None:
    """Raise ImportRefused for a file of which some lines are UTF-8 and others are not."""
    with path.open("rb") as file:
        strange = 0
        some = False
        for line, content in enumerate(file, start=1):
            found = _UTF_8.search(content) is not None
            some = some or found
            if not strange and not _is_utf_8(content):
                strange = line
            if some and strange:
                raise ImportRefused(
                    "encoding",
                    _(
                        "Le fichier mêle deux encodages (UTF-8, et un autre près de la ligne {line}) : enregistrez-le en UTF-8."
                    ).format(line=strange),
                )


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _unmarked(start: bytes) -> str:
    """UTF-16 without its mark: every second byte of Latin letters is null."""
    if len(start) >= 8:
        for places, name in ((start[1::2], "utf-16-le"), (start[::2], "utf-16-be")):
            if places.count(0) * 4 >= len(places) * 3:
                return name
    return ""


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> str | None:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError:
        return None
