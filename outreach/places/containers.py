"""What a territory file is, by its bytes, and those bytes made fit for GDAL.

Rule of the module: a file is looked at here, by Python, before GDAL sees it: size, signature, what a zip would unpack to, what
a GeoPackage would run. Its name and its ending say nothing. What leaves is bytes, never a path.
"""

import glob
import io
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from outreach import kinds
from outreach.places.errors import FileRefused

LARGEST = 200_000_000
"""Bytes, of the file and of what a zip unpacks to. The 80 quarters of Paris weigh 0.3 MB."""

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
"""The parts of a Shapefile that are read; whatever else lies beside them is left where it is."""

_SQLITE = b"SQLite format 3\x00"
_SHAPE = b"\x00\x00\x27\x0a"
_ZIP = b"PK\x03\x04"

_NOTHING = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""The marks of UTF-8 and UTF-16, and blanks in either: a file of these alone is empty."""

_INDEX = re.compile(r'CREATE VIRTUAL TABLE "?rtree_[^"()]+"? USING "?rtree"?\s*\([\w\s,"]*\)')
"""The one virtual table a GeoPackage needs, its spatial index."""


@dataclass(frozen=True, slots=True, repr=False)
class Content:
    """What GDAL is given. `kind`: geojson, geopackage or shapefile (then a zip of its parts); `stem` names the file."""

    kind: str
    stem: str
    bytes: bytes


def recognise(path: Path) -> Content:
    """Read and check a file. Raises FileRefused."""
    if path.is_dir() or not path.exists():
        raise FileRefused("missing", _("Ce fichier n'existe pas : {name}").format(name=path.name))
    _weigh(path.stat().st_size)
    content = path.read_bytes()
    if content.startswith(_ZIP):
        return _unpacked(content)
    if content.startswith(_SHAPE):
        return Content("shapefile", path.stem, _beside(path))
    return _single(content, path.stem)


def _single(content: bytes, stem: str) -> Content:
    if content.startswith(_SQLITE):
        _refuse_programs(content)
        return Content("geopackage", stem, content)
    kind = kinds.named(content)
    if kind is None and content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return Content("geojson", stem, content)
    if not content.strip(_NOTHING):
        raise FileRefused("empty", _("Le fichier est vide."))
    raise _unknown(kind)


def _unknown(kind: str | Promise | None) -> FileRefused:
    """The refusal that names what the file is, where its bytes tell."""
    told = (
        _("Ce fichier est {kind}, qui ne se lit pas ici.").format(kind=kind)
        if kind
        else _("Format non reconnu.")
    )
    read = _("Sont lus : GeoJSON (.geojson), GeoPackage (.gpkg), Shapefile (.shp, ou .zip qui le contient).")
    return FileRefused("unknown_format", f"{told} {read}")


def _weigh(size: int) -> None:
    if size > LARGEST:
        raise FileRefused(
            "too_big",
            _(
                "{size} Mo, plus que la limite de {limit} Mo : rien n'a été lu. Gardez les seuls contours de "
                "votre ville et simplifiez-les (dans QGIS : « Extraire », puis « Simplifier » à 5 m)."
            ).format(size=round(size / 1e6), limit=round(LARGEST / 1e6)),
        )


def _refuse_programs(content: bytes) -> None:
    """Refuse a GeoPackage that holds more than tables: views, computed columns and virtual tables run GDAL's SQL functions."""
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(content)
            found = database.execute("SELECT name, type, rootpage, sql FROM sqlite_master").fetchall()
            tables = [name for name, kind, page, _sql in found if kind == "table" and page]
            computed = "SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden IN (2, 3)"
            runs = any(database.execute(computed, (name,)).fetchone()[0] for name in tables)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        raise FileRefused(
            "unreadable", _("Le fichier ne se lit pas : {reason}").format(reason=type(error).__name__)
        ) from error
    for _name, kind, page, sql in found:
        virtual = kind == "table" and not page
        runs = runs or kind == "view" or (virtual and not _INDEX.fullmatch(str(sql)))
    if runs:
        raise FileRefused(
            "program",
            _(
                "Ce GeoPackage contient une vue, une colonne calculée ou une table virtuelle, qui ne se lisent pas ici. "
                "Exportez la seule couche des secteurs dans un fichier neuf."
            ),
        )


def _beside(path: Path) -> bytes:
    """A Shapefile on the disk, as a zip. Without its index and its table GDAL reads nothing useful."""
    beside = {
        other.suffix.lower(): other
        for other in path.parent.glob(f"{glob.escape(path.stem)}.*")
        if other.is_file()
    }
    _weigh(sum(beside[part].stat().st_size for part in PARTS if part in beside))
    return _packed({part: beside[part].read_bytes() for part in PARTS if part in beside}, path.stem)


def _packed(parts: dict[str, bytes], stem: str) -> bytes:
    missing = sorted({".shp", ".shx", ".dbf"} - parts.keys())
    if missing:
        raise FileRefused(
            "incomplete",
            _(
                "Un Shapefile est fait de plusieurs fichiers ; il manque {missing}. Donnez le .zip entier."
            ).format(missing=", ".join(missing)),
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for ending, content in parts.items():
            archive.writestr((re.sub(r"[^\w-]", "_", stem) or "_") + ending, content)
    return packed.getvalue()


def _unpacked(content: bytes) -> Content:
    """The one Shapefile or GeoPackage inside a zip; nothing is unpacked on disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.filename.startswith("__MACOSX/")]
            _weigh(sum(entry.file_size for entry in entries))
            inside = [
                entry
                for entry in entries
                if PurePosixPath(entry.filename).suffix.lower() in (".shp", ".gpkg") and not entry.is_dir()
            ]
            if not inside:
                raise _unknown(kinds.named(content))
            if len(inside) != 1:
                raise FileRefused(
                    "zip_content",
                    _(
                        "L'archive zip doit contenir un seul Shapefile ou GeoPackage ; elle en contient {count}."
                    ).format(count=len(inside)),
                )
            name = PurePosixPath(inside[0].filename)
            if name.suffix.lower() == ".gpkg":
                return _single(archive.read(inside[0]), name.stem)
            parts = {
                beside.suffix.lower(): archive.read(entry)
                for entry in entries
                if (beside := PurePosixPath(entry.filename)).with_suffix("") == name.with_suffix("")
                and beside.suffix.lower() in PARTS
            }
    except (*kinds.BROKEN_ZIP, ValueError) as error:
        raise FileRefused("unreadable", _("L'archive zip est abîmée ou incomplète.")) from error
    if not parts[".shp"].startswith(_SHAPE):
        raise FileRefused("unreadable", _("L'archive zip est abîmée ou incomplète."))
    return Content("shapefile", name.stem, _packed(parts, name.stem))
