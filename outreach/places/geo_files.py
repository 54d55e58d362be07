"""Reading a territory file: GeoJSON, GeoPackage or Shapefile (zipped too), as outlines.

Rule of the module: a file is looked at from outside first (`containers`) and only then handed, as bytes, to a GDAL that can
open nothing else (`confined`). GDAL is the one inside the `pyogrio` wheel: locked by hash, the same on every machine, it
says *why* a file does not open, and it survives features without geometry (docs/users/en/import-territory.md).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from outreach.places import confined
from outreach.places.containers import LARGEST, Content, recognise
from outreach.places.errors import FileRefused, needs_crs

__all__ = ["LARGEST", "MOST_OUTLINES", "Feature", "Source", "read"]

MOST_OUTLINES = 5_000
"""Features read at most: no team plans its night over more sectors, and each is a row in a list."""


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
    content = recognise(path)
    try:
        layers = confined.layers(content.bytes)
        name = _layer(layers, layer, content)
        table = confined.table(content.bytes, list(layers).index(name), most=MOST_OUTLINES + 1)
    except confined.BROKEN as error:
        raise FileRefused(
            "unreadable", _("Le fichier ne se lit pas : {reason}").format(reason=_short(error, content.kind))
        ) from error
    if table.shapes is None or not len(
        table.shapes
    ):  # a table without a geometry column has no shapes at all
        raise _nothing()
    if len(table.shapes) > MOST_OUTLINES:
        raise FileRefused(
            "too_many",
            _(
                "Plus de {count} contours : ce n'est pas le territoire d'une équipe. Découpez le fichier."
            ).format(count=MOST_OUTLINES),
        )
    found = crs or table.crs
    if not found:
        raise needs_crs()
    features = tuple(
        Feature(
            number,
            shape,
            {field: column[number - 1] for field, column in zip(table.fields, table.columns, strict=True)},
        )
        for number, shape in enumerate(table.shapes, start=1)
    )
    return Source(
        content.stem if content.kind == "geojson" else name,
        found,
        assumed=not crs and content.kind == "geojson" and b'"crs"' not in content.bytes[:4096],
        fields=table.fields,
        features=features,
    )


def _nothing() -> FileRefused:
    return FileRefused("nothing", _("Le fichier ne contient aucun contour."))


def _layer(layers: dict[str, str], wanted: str | None, content: Content) -> str:
    """The layer named, or the only one that holds surfaces. Raises FileRefused naming the choices."""
    if content.kind == "geojson" and wanted == content.stem:  # bytes have no name: it is that of the file
        wanted = None
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


_TOLD = re.compile(
    r"At line \d+, character \d+(: (Unterminated|Unexpected|Unrecognized|Invalid) [a-z]+)?"
    r"|not recognized as being in a supported file format|Unable to open \S+\.(shx|dbf|prj)"
)
"""What GDAL says of a file without repeating it: somebody may have given a table of encounters for a territory."""


_CALLED = {"geojson": "GeoJSON", "geopackage": "GeoPackage", "shapefile": "Shapefile"}


def _short(error: Exception, kind: str) -> str:
    """GDAL's own reason, without the content of the file. GDAL tells the cause last."""
    told = list(_TOLD.finditer(str(error)))
    if told and told[-1][0].startswith("not recognized"):
        return _("son contenu n'est pas celui d'un {kind}.").format(kind=_CALLED[kind])
    return told[-1][0] if told else type(error).__name__
