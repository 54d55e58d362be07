"""From features of a file to outlines of sectors: repaired, in degrees, inside the grid.

Rule of the module: an outline is either right or refused with its number and reason; a repair is told. Coordinates that
cannot be what they claim refuse the whole file: a territory in the wrong place is worse than none.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite

from django.contrib.gis.gdal import CoordTransform, GDALException, OGRGeometry, SpatialReference
from django.contrib.gis.gdal.srs import AxisOrder
from django.contrib.gis.geos import GeometryCollection, GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.utils.translation import gettext as _

from outreach.places import fields as columns
from outreach.places.errors import Degrees, FileRefused, OutlineRefused, looks_projected, outside_the_grid
from outreach.places.geo_files import Feature, Source
from outreach.places.squares import project
from privacy.core.errors import BadCell
from privacy.core.grid import EUROPE, Grid

LARGEST_TERRITORY = 5_000.0
"""Square kilometres in one file, three times Greater London: past it the file is not that of a city."""

SMALLEST_OUTLINE = 100.0
"""Square metres: less is a drawing error, not a place to walk."""

WGS84 = "EPSG:4326"

_CRS = re.compile(r"[A-Za-z]{3,8}:[A-Za-z0-9_.-]{1,20}|\s*(PROJ|GEOG|BOUND|COMP)[A-Z_]{2,9}\[.*", re.DOTALL)
_FILES = re.compile(r"(EXTENSION|PARAMETERFILE)\s*[\[(]|DICT:|IMPORTFROM", re.IGNORECASE)
"""A coordinate system is a code of a register or well-known text. The system's GDAL also takes the name of a file and an
address for one, and opens it; and a well-known text may name a file of shifts."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A sector to be: `outline` in degrees (EPSG:4326), `shape` the same in metres of the grid."""

    number: int
    code: str
    name: str
    outline: MultiPolygon
    shape: MultiPolygon
    repaired: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    number: int
    code: str
    reason: str
    where: Degrees | None = None


@dataclass(slots=True)
class Territory:
    """What a file would bring: outlines by code, what was refused, and which columns were read."""

    name_field: str
    code_field: str
    outlines: dict[str, Outline] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def area(self) -> float:
        """Square kilometres, overlaps counted twice."""
        return sum(outline.shape.area for outline in self.outlines.values()) / 1e6

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = zip(
            *(outline.outline.extent for outline in self.outlines.values()), strict=True
        )
        return min(west), min(south), max(east), max(north)


def parse_sectors(
    source: Source,
    *,
    name_field: str | None = None,
    code_field: str | None = None,
    known: frozenset[str] = frozenset(),
    grid: Grid = EUROPE,
    tick: Callable[[], object] = lambda: None,
) -> Territory:
    """Check every feature. Raises FileRefused when none is right or when the whole cannot be a city.

    known: codes of the sectors there are, which help to guess the column of codes.
    """
    transform = _to_degrees(source.crs)
    if transform is None and _beyond_degrees(source):
        raise looks_projected()
    territory = Territory(*_columns(source, name_field, code_field, known))
    for feature in source.features:
        try:
            outline = _outline(feature, territory, transform, grid)
            territory.outlines[outline.code] = outline
        except OutlineRefused as refused:
            territory.refusals.append(Refusal(feature.number, refused.code, str(refused), refused.where))
        tick()
    _refuse_a_wrong_whole(territory, len(source.features))
    return territory


def _refuse_a_wrong_whole(territory: Territory, features: int) -> None:
    """Raise FileRefused for a file whose outlines are no city, whatever each of them is."""
    refusals = Counter(refusal.code for refusal in territory.refusals)
    outside = refusals["outside"] + refusals["swapped"]
    if outside and outside * 2 >= features:
        swapped = refusals["swapped"] * 2 > outside
        code = "swapped" if swapped else "outside"
        places = (refusal.where for refusal in territory.refusals if refusal.code == code)
        raise outside_the_grid(next(filter(None, places), None), swapped=swapped)
    if not territory.outlines:
        reasons = sorted({refusal.reason for refusal in territory.refusals})
        raise FileRefused(
            "nothing_right",
            _("Aucun contour n'est utilisable. {reasons}").format(
                reasons=" ".join(reasons[:3]) + " …" * (len(reasons) > 3)
            ),
        )
    if territory.area > LARGEST_TERRITORY:
        raise FileRefused(
            "too_wide",
            _(
                "Le territoire couvrirait {area} km², plus que la limite de {limit} km² : ce n'est pas une "
                "ville, ou le système de coordonnées n'est pas le bon (--crs). Gardez les seuls contours où "
                "vous allez."
            ).format(area=round(territory.area), limit=round(LARGEST_TERRITORY)),
        )


def _columns(
    source: Source, name_field: str | None, code_field: str | None, known_codes: frozenset[str]
) -> tuple[str, str]:
    """The columns to read, guessed where the person did not say. Without a code, the name identifies."""
    known = ", ".join(source.fields) or _("aucun")
    named = [columns.named(wanted, source.fields) for wanted in (name_field, code_field)]
    for wanted, found in zip((name_field, code_field), named, strict=True):
        if wanted is not None and found is None:
            raise FileRefused(
                "no_such_field",
                _("Pas de champ « {field} ». Champs : {known}.").format(field=wanted, known=known),
            )
    name_field, code_field = named
    rows = [feature.attributes for feature in source.features]
    name = name_field or columns.guess_name(source.fields, rows)
    if name is None:
        raise FileRefused(
            "no_name_field",
            _("Quel champ donne le nom des secteurs ? Donnez --name-field. Champs : {known}.").format(
                known=known
            ),
        )
    return name, code_field or columns.guess_code(source.fields, rows, known_codes, name) or name


def _to_degrees(crs: str) -> CoordTransform | None:
    """The way from the file's coordinates to degrees, None when they are degrees. Raises FileRefused."""
    try:
        if not _CRS.fullmatch(crs) or _FILES.search(crs):
            raise ValueError("names a file or an address")
        there = SpatialReference(crs, axis_order=AxisOrder.TRADITIONAL)
        if there.local or not (there.projected or there.geographic):
            raise FileRefused(
                "no_crs", _("Le système de coordonnées du fichier n'est lié à aucun lieu. Donnez --crs.")
            )
        if there.geographic and "WGS" in str(there.name).upper().replace(" ", "") and "84" in str(there.name):
            return None
        return CoordTransform(there, SpatialReference(WGS84, axis_order=AxisOrder.TRADITIONAL))
    except (GDALException, ValueError, TypeError) as error:
        raise FileRefused(
            "unknown_crs", _("Système de coordonnées inconnu : {crs}").format(crs=crs[:60])
        ) from error


def _outline(feature: Feature, territory: Territory, transform: CoordTransform | None, grid: Grid) -> Outline:
    """One feature, checked. Raises OutlineRefused."""
    if feature.wkb is None:
        raise OutlineRefused("no_geometry", _("Sans géométrie."))
    try:
        geometry = _geometry(feature.wkb)
    except (GEOSException, ValueError) as error:
        raise OutlineRefused(
            "unreadable", _("Géométrie illisible : contour non fermé ou incomplet.")
        ) from error
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise OutlineRefused("not_a_polygon", _("Pas une surface : {kind}.").format(kind=geometry.geom_type))
    if geometry.empty:
        raise OutlineRefused("empty", _("Contour vide."))
    surface, repaired = _repaired(_in_degrees(geometry, transform))
    try:
        shape = project(surface, grid)
    except BadCell:
        raise _outside(surface, grid) from None
    if shape.area < SMALLEST_OUTLINE:
        raise OutlineRefused(
            "too_small", _("Moins de {area} m² : un défaut de tracé.").format(area=round(SMALLEST_OUTLINE))
        )
    code, name = _labels(feature, territory)
    return Outline(feature.number, code, name, surface, shape, repaired)


def _outside(surface: MultiPolygon, grid: Grid) -> OutlineRefused:
    """The refusal of an outline outside the grid, which says whether it would be inside the other way round."""
    west, south, east, north = surface.extent
    where = (west + east) / 2, (south + north) / 2
    try:
        grid.forward(where[1], where[0])
    except BadCell:
        return OutlineRefused("outside", _("Hors de la grille européenne."), where)
    return OutlineRefused(
        "swapped", _("Hors de la grille européenne ; dedans si longitude et latitude sont échangées."), where
    )


def _geometry(wkb: bytes) -> GEOSGeometry:
    """Binary geometry, read as binary (Django's reader takes `bytes` for hexadecimal text)."""
    return GEOSGeometry(memoryview(wkb))


def _in_degrees(geometry: GEOSGeometry, transform: CoordTransform | None) -> GEOSGeometry:
    if not all(map(isfinite, geometry.extent)):
        raise OutlineRefused("outside", _("Coordonnées infinies ou absentes."))
    if transform is None:
        return geometry
    moved = OGRGeometry(geometry.wkb)
    try:
        moved.transform(transform)
        degrees = _geometry(bytes(moved.wkb))
    except (GDALException, GEOSException) as error:
        raise OutlineRefused(
            "outside", _("Hors de la zone où ce système de coordonnées a un sens.")
        ) from error
    if not all(map(isfinite, degrees.extent)):
        raise OutlineRefused("outside", _("Hors de la zone où ce système de coordonnées a un sens."))
    return degrees


def _repaired(geometry: GEOSGeometry) -> tuple[MultiPolygon, str]:
    """A valid surface in degrees, and what was wrong with it ("" when nothing was)."""
    reason = "" if geometry.valid else str(geometry.valid_reason).partition("[")[0]
    try:
        parts = _surfaces(geometry.make_valid() if reason else geometry)
    except GEOSException:  # a corner that is no number: the extent does not show it
        parts = []
    whole = MultiPolygon(parts, srid=4326)
    if not parts or whole.empty or not whole.valid:
        raise OutlineRefused(
            "not_repairable", _("Contour invalide, irréparable : {reason}.").format(reason=reason)
        )
    return whole, reason


def _surfaces(geometry: GEOSGeometry) -> list[Polygon]:
    """The polygons in a geometry; lines and points that a repair left over are dropped."""
    if isinstance(geometry, Polygon):
        return [geometry]
    if isinstance(geometry, GeometryCollection):
        return [polygon for part in geometry for polygon in _surfaces(part)]
    return []


def _labels(feature: Feature, territory: Territory) -> tuple[str, str]:
    """Code and name of a feature. Raises OutlineRefused for a missing or double one."""
    name = columns.as_text(feature.attributes[territory.name_field])
    code = columns.as_text(feature.attributes[territory.code_field])
    if not name:
        raise OutlineRefused("no_name", _("Sans nom (champ « {field} »).").format(field=territory.name_field))
    if not code:
        raise OutlineRefused(
            "no_code", _("Sans code (champ « {field} »).").format(field=territory.code_field)
        )
    if len(code) > columns.LONGEST_CODE:
        raise OutlineRefused(
            "long_code", _("Code de plus de {count} signes.").format(count=columns.LONGEST_CODE)
        )
    double: Mapping[str, Outline] = territory.outlines
    if code in double:
        raise OutlineRefused(
            "duplicate_code",
            _("Le code « {code} » est déjà celui du n° {number} ; fusionnez les deux contours.").format(
                code=code, number=double[code].number
            ),
        )
    return code, name[: columns.LONGEST_NAME]


def _beyond_degrees(source: Source) -> bool:
    """Whether some coordinate of the file cannot be a longitude or a latitude."""
    for feature in source.features:
        if feature.wkb is not None:
            try:
                west, south, east, north = _geometry(feature.wkb).extent
            except (GEOSException, ValueError):
                continue
            if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
                return True
    return False
