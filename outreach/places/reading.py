"""Reading a territory file: GeoJSON, GeoPackage or Shapefile (zipped too), as outlines.

Rule of the room: a file is looked at from outside first (size, signature, what a zip would unpack to) and
only then handed to GDAL, which knows a hundred formats, some of which fetch things from the network. GDAL is
the one inside the `pyogrio` wheel: locked by hash, the same on every machine, it says *why* a file does not
open, and it survives features without geometry (docs/howto/import-territory.md).
"""

import glob
import re
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio
from django.utils.translation import gettext as _
from pyogrio.errors import DataLayerError, DataSourceError

from outreach.places.errors import FileRefused, needs_crs

LARGEST = 200_000_000
"""Bytes, of the file and of what a zip unpacks to. The 80 quarters of Paris weigh 0.3 MB."""

MOST_OUTLINES = 5_000
"""Features read at most: no team plans its night over more sectors, and each is a row in a list."""

_SQLITE = b"SQLite format 3\x00"
_SHAPE = b"\x00\x00\x27\x0a"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature. `number` counts from 1 in the order of the file; `wkb` is None without geometry."""

    number: int
    wkb: bytes | None
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds. `crs` is what GDAL understood ("EPSG:2154" or WKT); `assumed`: nobody wrote it."""

    layer: str
    crs: str
    assumed: bool
    fields: tuple[str, ...]
    features: tuple[Feature, ...]


def read(path: Path, *, layer: str | None = None, crs: str | None = None) -> Source:
    """Read one layer of a file. `crs` overrules what the file says. Raises FileRefused; writes nothing."""
    kind, dataset = _recognise(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL repeats as warnings what the outlines' own checks say better
        try:
            name = _layer(dataset, layer)
            meta, _fids, shapes, columns = pyogrio.raw.read(
                dataset, layer=name, force_2d=True, max_features=MOST_OUTLINES + 1, datetime_as_string=True
            )
        except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
            raise FileRefused(
                "unreadable", _("Le fichier ne se lit pas : {reason}").format(reason=_short(error, path))
            ) from error
    if shapes is None or not len(shapes):  # a table without a geometry column has no shapes at all
        raise _nothing()
    if len(shapes) > MOST_OUTLINES:
        raise FileRefused(
            "too_many",
            _(
                "Plus de {count} contours : ce n'est pas le territoire d'une équipe. Découpez le fichier."
            ).format(count=MOST_OUTLINES),
        )
    found = crs or meta["crs"]
    if not found:
        raise needs_crs()
    fields = tuple(str(field) for field in meta["fields"])
    features = tuple(
        Feature(
            number, shape, {field: column[number - 1] for field, column in zip(fields, columns, strict=True)}
        )
        for number, shape in enumerate(shapes, start=1)
    )
    return Source(
        name,
        found,
        assumed=not crs and kind == "geojson" and not _says_crs(path),
        fields=fields,
        features=features,
    )


def _nothing() -> FileRefused:
    return FileRefused("nothing", _("Le fichier ne contient aucun contour."))


def _recognise(path: Path) -> tuple[str, str]:
    """The kind of a file by its first bytes, and the name under which GDAL opens it. Raises FileRefused."""
    if path.is_dir() or not path.exists():
        raise FileRefused("missing", _("Ce fichier n'existe pas : {name}").format(name=path.name))
    _weigh(path.stat().st_size)
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(_ZIP):
        return "shapefile", _unpacked(path)
    if head.startswith(_SQLITE):
        return "geopackage", str(path)
    if head.startswith(_SHAPE):
        _complete(path)
        return "shapefile", str(path)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return "geojson", str(path)
    if not head:
        raise FileRefused("empty", _("Le fichier est vide."))
    raise FileRefused(
        "unknown_format",
        _(
            "Format non reconnu. Sont lus : GeoJSON (.geojson), GeoPackage (.gpkg), "
            "Shapefile (.shp, ou .zip qui le contient)."
        ),
    )


def _weigh(size: int) -> None:
    if size > LARGEST:
        raise FileRefused(
            "too_big",
            _(
                "{size} Mo, plus que la limite de {limit} Mo : rien n'a été lu. Gardez les seuls contours de "
                "votre ville et simplifiez-les (dans QGIS : « Extraire », puis « Simplifier » à 5 m)."
            ).format(size=round(size / 1e6), limit=round(LARGEST / 1e6)),
        )


def _complete(path: Path) -> None:
    """A Shapefile is several files; without its index and its table GDAL reads nothing useful."""
    beside = {other.suffix.lower() for other in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    missing = sorted({".shx", ".dbf"} - beside)
    if missing:
        raise FileRefused(
            "incomplete",
            _(
                "Un Shapefile est fait de plusieurs fichiers ; il manque {missing}. Donnez le .zip entier."
            ).format(missing=", ".join(missing)),
        )


def _unpacked(path: Path) -> str:
    """The one Shapefile or GeoPackage inside a zip, as a GDAL path; nothing is unpacked on disk."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise FileRefused("unreadable", _("L'archive zip est abîmée ou incomplète.")) from error
    _weigh(sum(entry.file_size for entry in entries))
    inside = sorted(
        entry.filename
        for entry in entries
        if entry.filename.lower().endswith((".shp", ".gpkg")) and not entry.filename.startswith("__MACOSX/")
    )
    if len(inside) != 1 or ".." in inside[0]:
        raise FileRefused(
            "zip_content",
            _(
                "L'archive zip doit contenir un seul Shapefile ou GeoPackage ; elle en contient {count}."
            ).format(count=len(inside)),
        )
    return f"/vsizip/{path.resolve()}/{inside[0]}"


def _layer(dataset: str, wanted: str | None) -> str:
    """The layer named, or the only one that holds surfaces. Raises FileRefused naming the choices."""
    layers = {str(name): str(kind or "") for name, kind in pyogrio.list_layers(dataset)}
    if wanted is not None:
        if wanted in layers:
            return wanted
        raise FileRefused(
            "no_such_layer",
            _("Pas de couche « {layer} ». Couches du fichier : {layers}.").format(
                layer=wanted, layers=", ".join(layers)
            ),
        )
    if not layers:
        raise _nothing()
    surfaces = [name for name, kind in layers.items() if "Polygon" in kind or "Surface" in kind]
    candidates = (
        surfaces
        or [name for name, kind in layers.items() if kind in ("Unknown", "GeometryCollection")]
        or list(layers)
    )
    if len(candidates) == 1:
        return candidates[0]
    raise FileRefused(
        "which_layer",
        _("Plusieurs couches possibles : choisissez avec --layer parmi {layers}.").format(
            layers=", ".join(candidates)
        ),
    )


def _says_crs(path: Path) -> bool:
    """Whether a GeoJSON carries the old `crs` member, which RFC 7946 took out and many files still have."""
    with path.open("rb") as file:
        return b'"crs"' in file.read(4096)


_TOLD = re.compile(
    r"At line \d+, character \d+(: (Unterminated|Unexpected|Unrecognized|Invalid) [a-z]+)?"
    r"|not recognized as being in a supported file format|Unable to open \S+\.(shx|dbf|prj)"
)
"""What GDAL says of a file without repeating it: somebody may have given a table of encounters for a territory."""


def _short(error: Exception, path: Path) -> str:
    """GDAL's own reason, without the folder and without the content of the file. GDAL tells the cause last."""
    told = list(_TOLD.finditer(str(error).replace(str(path), path.name)))
    return told[-1][0] if told else type(error).__name__
