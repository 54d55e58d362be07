"""What a file is, by its first bytes, so that a refusal can name it. Nothing of it is opened, unpacked or run.

Rule of the module: a name is told, no content. Who reads a kind decides so by itself; this is for all the others.
"""

import lzma
import re
import zipfile
import zlib
from io import BytesIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HEAD = 65_536
"""Bytes that are looked at of what is no zip; of a JSON also its end."""

BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError,
)  # fmt: skip
"""What Python raises for a zip that is torn, locked by a password or packed in a way that it does not know."""

_MAGIC: tuple[tuple[bytes, str | Promise], ...] = (
    (b"\xd0\xcf\x11\xe0", _("un ancien classeur (.xls) ou un document protégé par un mot de passe")),
    (b"%PDF", _("un PDF")),
    (b"SQLite format 3\x00", _("une base SQLite ou un GeoPackage")),
    (b"\x00\x00\x27\x0a", _("un Shapefile")),
    (b"fgb\x03", _("un FlatGeobuf")),
    (b"PAR1", _("un fichier Parquet")),
    (b"{\\rtf", _("un document RTF")),
    (b"\x1f\x8b", _("une archive gzip")),
    (b"7z\xbc\xaf\x27\x1c", _("une archive 7z")),
    (b"Rar!", _("une archive RAR")),
    (b"\x89PNG", _("une image")),
    (b"\xff\xd8\xff", _("une image")),
)
_INSIDE: tuple[tuple[re.Pattern[str], str | Promise], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"xl/workbook\.xml", _("un classeur Excel (.xlsx)")),
        (r"xl/workbook\.bin", _("un classeur Excel binaire (.xlsb)")),
        (r"word/document\.xml", _("un document Word")),
        (r"index/.*\.iwa|index\.zip", _("un document Numbers ou Pages")),
        (r".*\.kml", _("un KMZ (Google Earth)")),
        (r".*\.shp", _("un Shapefile zippé")),
        (r".*\.gpkg", _("un GeoPackage zippé")),
        (r".*\.gdb/.*", _("une base de données d’ArcGIS (.gdb)")),
    )
)
_OPENDOCUMENT: dict[str, str | Promise] = {
    "spreadsheet": _("un classeur OpenDocument (.ods)"),
    "text": _("un document OpenDocument (.odt)"),
}
_XML: tuple[tuple[re.Pattern[bytes], str | Promise], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (rb"<kml\b", _("un KML (Google Earth)")),
        (rb"<gpx\b", _("une trace GPX")),
        (rb"<office:spreadsheet\b|opendocument\.spreadsheet", _("un classeur OpenDocument (.ods)")),
        (rb"<osm\b", _("un extrait d’OpenStreetMap (.osm)")),
        (rb"urn:schemas-microsoft-com:office:spreadsheet", _("une feuille de calcul XML")),
        (rb"opengis\.net/gml|<\w+:FeatureCollection\b", _("un GML")),
        (rb"<html\b|<!doctype html|<table\b", _("une page HTML")),
    )
)
_MARKUP = re.compile(rb"\s*<(?:\?xml|!doctype|[a-z][\w:]*[\s>])", re.IGNORECASE)
_TYPE = re.compile(rb'"type"\s*:\s*"(Topology|FeatureCollection|Feature)"')
_OBJECT_A_LINE = re.compile(rb"\s*\{[^\r\n]*\}\s*\r?\n\s*\{")
_ESRI = re.compile(rb'"(?:geometryType|spatialReference|objectIdFieldName)"\s*:')


def named(content: bytes) -> str | Promise | None:
    """What the file is called, for a sentence; None when its first bytes, or the last of a JSON, do not tell."""
    for magic, name in _MAGIC:
        if content.startswith(magic):
            return name
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    text = content[:HEAD].removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(text):
        return next((name for pattern, name in _XML if pattern.search(text)), _("du XML"))
    if text.lstrip()[:1] == b"{":
        return _json(text, content[-HEAD:])
    if re.match(rb"\s*\[\s*[\[{]", text):
        return _("une liste JSON")
    return None


def _archive(content: bytes) -> str | Promise:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = [part for part in archive.infolist() if not part.is_dir()]
            said = next(
                (part for part in parts if part.filename == "mimetype" and part.file_size < 200), None
            )
            if said is not None:
                family, _dot, kind = archive.read(said).strip().rpartition(b".")
                if family.endswith(b"opendocument"):
                    return _OPENDOCUMENT.get(kind.decode("ascii", "replace"), _("un document OpenDocument"))
    except (*BROKEN_ZIP, ValueError):
        return _("une archive zip abîmée")
    names = [part.filename for part in parts]
    for pattern, name in _INSIDE:
        if any(pattern.fullmatch(one) for one in names):
            return name
    return _("une archive zip")


def _json(text: bytes, end: bytes) -> str | Promise | None:
    types = set(_TYPE.findall(text) + _TYPE.findall(end))
    if b"FeatureCollection" in types:
        return None
    if b"Topology" in types:
        return _("un TopoJSON")
    first, _end_of_line, rest = text.lstrip(b"\x1e \r\n").partition(b"\n")
    if b"Feature" in types and first.rstrip().endswith(b"}") and rest.lstrip(b"\x1e \r\n").startswith(b"{"):
        return _("un GeoJSON par lignes")
    if _OBJECT_A_LINE.match(text):
        return _("du JSON par lignes")
    return _("un JSON d’ArcGIS") if _ESRI.search(text) else None
