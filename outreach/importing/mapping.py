"""The mapping: a small JSON file that says which column of a foreign file is what. Checked before anything is read.

    {"format": "maraudes-import-1",
     "place":   {"lon": "X", "lat": "Y"} or {"lat_lon": "GPS"} or {"lon_lat": "GPS"} or {"cell": "Maille"}
                or {"sector": "Secteur"} or {"geometry": true},
     "night":   {"column": "Date", "pattern": "%d/%m/%Y", "time": "Heure", "time_pattern": "%H:%M"},
     "people":  "Nombre",
     "consent": {"column": "Accord", "yes": ["oui"]},
     "fields":  {"needs": {"column": "Besoins", "separator": ",", "values": {"repas": "meal"}}},
     "note":    "Remarques",
     "sheet":   "Feuil1"}

Only `format` and `night` are required. Without `consent` nothing is kept: people are counted, and that is all.
"""

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from outreach.importing import objects, patterns, tidying
from outreach.importing.errors import ImportRefused
from outreach.importing.tidying import normalise_answer
from outreach.records import vocabulary as words

FORMAT = "maraudes-import-1"
LARGEST = 1_000_000  # bytes of a mapping


@dataclass(frozen=True, slots=True)
class Place:
    """Where the place is written; at most one way. All None: the file says no place."""

    lon: str | None = None
    lat: str | None = None
    lat_lon: str | None = None
    lon_lat: str | None = None
    cell: str | None = None
    sector: str | None = None
    geometry: bool = False


@dataclass(frozen=True, slots=True)
class Night:
    """Where the date is, and how it is written (`strptime`; ISO 8601 when `pattern` is empty)."""

    column: str
    pattern: str = ""
    time: str | None = None
    time_pattern: str = "%H:%M"


@dataclass(frozen=True, slots=True)
class Field:
    """A coded field: cells are looked up in `values` (in one spelling); several codes when `separator` is given."""

    column: str
    values: tuple[tuple[str, str], ...]
    separator: str = ""

    def codes(self, cell: str) -> tuple[tuple[str, ...], int]:
        """The codes that `cell` names, and how many of its words name none."""
        parts = cell.split(self.separator) if self.separator else [cell]
        table = dict(self.values)
        wanted = [normalise_answer(part) for part in parts if part.strip()]
        # "- repas" is an item of somebody's list.
        wanted = [part if part in table else part.lstrip("-–•*+ ") for part in wanted]
        found = tuple(sorted({table[part] for part in wanted if part in table}))
        return found, sum(part not in table for part in wanted)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A checked mapping. `yes` are the normalised cells that mean yes; `consent` None: tallies only."""

    night: Night
    place: Place
    people: str | None
    consent: str | None
    yes: frozenset[str]
    fields: tuple[tuple[str, Field], ...]
    note: str | None
    sheet: str | None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the file must have."""
        place = self.place
        found = [self.night.column, self.night.time, place.lon, place.lat, place.lat_lon, place.lon_lat]
        found += [place.cell, place.sector]
        found += [self.people, self.consent, self.note, *(field.column for _name, field in self.fields)]
        return tuple(dict.fromkeys(name for name in found if name))


def read(path: Path) -> Mapping:
    """Read and check a mapping file. Raises ImportRefused ("mapping")."""
    try:
        if path.stat().st_size > LARGEST:
            raise _refuse(_("le fichier est trop gros"))
        raw = path.read_bytes()
    except OSError:
        raise _refuse(_("le fichier ne se lit pas")) from None
    try:
        text = raw.decode("utf-8-sig")
        if not text.strip():
            raise _refuse(_("le fichier est vide"))
        body, twice = objects.read(text)
    except (ValueError, RecursionError):
        raise _refuse(_("ce n’est pas du JSON en UTF-8")) from None
    if twice:  # the second would silently take the place of the first
        raise _refuse(_("la clé « {key} » est là deux fois").format(key=min(twice)))
    return build(body)


def build(body: Any) -> Mapping:
    """The mapping that `body` describes. Raises ImportRefused ("mapping")."""
    body = _table(body, "", {"format", "night", "place", "people", "consent", "fields", "note", "sheet"})
    if body.get("format") != FORMAT:
        raise _refuse(_("« format » doit être « {format} »").format(format=FORMAT))
    consent, yes = _consent(body.get("consent"))
    fields = _table(body.get("fields", {}), "fields", words.ONE_OF.keys() | words.SEVERAL_OF.keys())
    return Mapping(
        night=_night(body.get("night")),
        place=_place(body.get("place", {})),
        people=_text(body, "people"),
        consent=consent,
        yes=yes,
        fields=tuple((name, _field(name, fields[name])) for name in sorted(fields)),
        note=_text(body, "note"),
        sheet=_text(body, "sheet"),
    )


def _night(body: Any) -> Night:
    body = _table(body, "night", {"column", "pattern", "time", "time_pattern"})
    column = _column(body, "column", within="night")
    time = _text(body, "time", within="night")
    pattern, time_pattern = body.get("pattern", ""), body.get("time_pattern", "%H:%M")
    if not isinstance(pattern, str) or not isinstance(time_pattern, str):
        raise _refuse(_("« night » : les motifs sont des textes"))
    if pattern and not patterns.says_day(pattern):
        raise _refuse(
            _("« night.pattern » : écrivez jour, mois et année, comme %d/%m/%Y ; une heure %I demande %p")
        )
    if not patterns.says_clock(time_pattern):
        raise _refuse(_("« night.time_pattern » : écrivez l’heure comme %H:%M, ou %I:%M %p sur douze heures"))
    return Night(column, pattern, time, time_pattern)


def _place(body: Any) -> Place:
    body = _table(body, "place", {"lon", "lat", "lat_lon", "lon_lat", "cell", "sector", "geometry"})
    ways = [key for key in ("lat_lon", "lon_lat", "cell", "sector", "geometry") if body.get(key)]
    if body.get("lon") or body.get("lat"):
        ways.append("lon")
        if not (body.get("lon") and body.get("lat")):
            raise _refuse(_("« place » : donnez « lon » et « lat » ensemble"))
    if len(ways) > 1:
        raise _refuse(_("« place » : une seule façon de dire le lieu"))
    return Place(
        lon=_text(body, "lon", within="place"),
        lat=_text(body, "lat", within="place"),
        lat_lon=_text(body, "lat_lon", within="place"),
        lon_lat=_text(body, "lon_lat", within="place"),
        cell=_text(body, "cell", within="place"),
        sector=_text(body, "sector", within="place"),
        geometry=body.get("geometry") is True,
    )


def _consent(body: Any) -> tuple[str | None, frozenset[str]]:
    if body is None:
        return None, frozenset()
    body = _table(body, "consent", {"column", "yes"})
    column = _column(body, "column", within="consent")
    yes = body.get("yes")
    if (
        not isinstance(yes, list)
        or not yes
        or any(not isinstance(one, str) or not one.strip() for one in yes)
    ):
        # An empty cell must never mean yes.
        raise _refuse(_("« consent » : « yes » est la liste, non vide, des réponses qui veulent dire oui"))
    return column, frozenset(normalise_answer(one) for one in yes)


def _field(name: str, body: Any) -> Field:
    allowed = (words.ONE_OF | words.SEVERAL_OF)[name]
    body = _table(body, name, {"column", "values", "separator"})
    column = _column(body, "column", within=name)
    values = _table(body.get("values", {code: code for code in allowed}), name, None)
    if any(code not in allowed for code in values.values() if isinstance(code, str)) or any(
        not isinstance(code, str) for code in values.values()
    ):
        raise _refuse(
            _("« {name} » : les codes possibles sont {codes}").format(
                name=name, codes=", ".join(sorted(allowed))
            )
        )
    separator = body.get("separator", "")
    if not isinstance(separator, str) or (separator and name in words.ONE_OF):
        raise _refuse(
            _("« {name} » : « separator » est un texte, pour les listes seulement").format(name=name)
        )
    pairs: dict[str, str] = {}
    for cell, code in values.items():
        if pairs.setdefault(normalise_answer(cell), code) != code:
            raise _refuse(
                _("« {name} » : « {cell} » a deux codes").format(name=name, cell=normalise_answer(cell))
            )
    pairs.pop("", None)
    return Field(column, tuple(sorted(pairs.items())), separator)


def _table(body: Any, name: str, allowed: Any) -> Dictionary[str, Any]:
    if not isinstance(body, dict):
        raise _refuse(_("« {name} » doit être un objet").format(name=name or "mapping"))
    if allowed is not None:
        unknown = sorted(key for key in body if key not in allowed)
        if unknown:
            raise _refuse(_("clé inconnue : « {key} »").format(key=unknown[0]))
    return body


def _text(body: Dictionary[str, Any], key: str, within: str = "") -> str | None:
    """The column that an optional key names, or None."""
    return None if body.get(key) is None else _column(body, key, within)


def _column(body: Dictionary[str, Any], key: str, within: str = "") -> str:
    value = body.get(key)
    if not isinstance(value, str) or not tidying.name(value):
        where = f"{within}.{key}" if within else key
        raise _refuse(_("« {where} » doit nommer une colonne").format(where=where))
    return tidying.name(value)


def _refuse(why: str) -> ImportRefused:
    return ImportRefused("mapping", _("La correspondance ne va pas : {why}.").format(why=why))
