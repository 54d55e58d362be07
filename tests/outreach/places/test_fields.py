"""Guessing the columns of a file, on headers seen in open data."""

from typing import Any

import pytest

from outreach.places.fields import as_text, guess_code, guess_name, named


def rows(**columns: list[Any]) -> tuple[list[str], list[dict[str, Any]]]:
    names = list(columns)
    return names, [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize(
    ("columns", "name", "code"),
    [
        ({"n_sq_qu": [750, 751], "c_qu": ["1", "2"], "l_qu": ["Halles", "Port"]}, "l_qu", "c_qu"),
        ({"CODE_INSEE": ["75101", "75102"], "NOM": ["Un", "Deux"]}, "NOM", "CODE_INSEE"),
        ({"id": [7.0, 9.0], "Libellé": ["Un", "Deux"]}, "Libellé", "id"),
        ({"code": ["1", "1"], "ref": ["a", "b"], "name": ["Un", "Deux"]}, "name", "ref"),
        ({"code": ["1", None], "name": ["Un", "Deux"]}, "name", None),
        ({"nom": ["1", "2"], "quartier": ["Un", "Deux"]}, "quartier", None),
        ({"geste": ["Un", "Deux"]}, None, None),
        ({"nom": [None, "Deux", None]}, None, None),
    ],
)
def test_guesses(columns: dict[str, list[Any]], name: str | None, code: str | None) -> None:
    fields, lines = rows(**columns)
    assert guess_name(fields, lines) == name
    assert guess_code(fields, lines) == code


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.0, "7"),
        (7.5, "7.5"),
        (7, "7"),
        (None, ""),
        (float("nan"), ""),
        (b"x", ""),
        ("  Les\n Halles\x00 ", "Les Halles"),
        ("Les\u2028Halles", "Les Halles"),
        ("", ""),
    ],
)
def test_a_value_is_one_line_of_text(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_a_column_is_named_by_its_letters_however_they_are_composed() -> None:
    apart = "Libelle\u0301"
    assert named("Libellé", ["x", apart]) == apart
    assert named(apart, ["x", "Libellé"]) == "Libellé"
    assert named("Libelle", ["Libellé"]) is None
    assert named(None, ["x"]) is None


PEOPLE = ["Dupont", "Durand"]
WORDS = ["Nord", "Sud"]


@pytest.mark.parametrize(
    "column",
    ["NOM_GEST", "nom_resp", "nom_maire", "NOM_UTILISATEUR", "name_editor", "nom_prop", "nom_du_contact", "LIB_TYPE",
     "LIBRE", "NOMADE", "nom_epci", "nom_ville", "nom_dep", "NOM_FICHIER", "label_date", "NOMBRE_HAB", "nom_voie", "nominal",
     "libcom", "name_of_owner", "lib_etat", "NOM_CAB_MED"],
)  # fmt: skip
def test_what_else_has_a_name_is_no_sector(column: str) -> None:
    for place in ("LIBQUART", "secteur", "Stadtteil", "BARRIO"):
        for order in ({column: PEOPLE, place: WORDS}, {place: WORDS, column: PEOPLE}):
            assert guess_name(*rows(**order)) == place
    assert guess_name(*rows(**{column: PEOPLE, "x": WORDS})) is None


@pytest.mark.parametrize(
    "column",
    ["NOM_QUARTIER", "NOM_QUARTI", "nom-secteur", "LIBQUART", "LIB_IRIS", "NOM_OFFICIEL", "nom_offici", "libelle_zone",
     "Nom du quartier", "nom_arr", "NOM_ZONE_1", "name_fr", "name:de", "NOM_BARRI", "Name_1", "nom complet", "l_qu", "NOME",
     "NOMBRE", "Bezirk", "BEZNAME", "Bezeichnung", "STADTTEIL", "Ward", "WARD_NAME", "District name", "quartier_nom",
     "neighbourhood", "barrio", "distrito", "NOM_DISTRI", "WD22NM"],
)  # fmt: skip
def test_a_name_of_ground_is_one_of_a_sector(column: str) -> None:
    assert guess_name(*rows(**{"x": ["a", "b"], column: WORDS})) == column


@pytest.mark.parametrize("values", [[3, 5], ["1200 hab", "1300 hab"], [True, False]])
@pytest.mark.parametrize("column", ["NOMBRE", "NOMBRE_HAB"])
def test_nombre_is_a_number_in_french(column: str, values: list[Any]) -> None:
    assert guess_name(*rows(**{column: values})) is None
    assert guess_name(*rows(**{column: values, "LIBELLE": WORDS})) == "LIBELLE"


def test_an_id_that_only_numbers_the_rows_identifies_nothing() -> None:
    names = ["Un", "Deux", "Trois"]
    assert guess_code(*rows(id=[1, 2, 3], nom=names)) is None
    assert guess_code(*rows(id=[0, 1, 2], nom=names)) is None
    assert guess_code(*rows(id=[1, 2, 3], nom=names), frozenset({"1", "2"})) == "id"
    assert guess_code(*rows(id=[3, 1, 2], nom=names)) == "id"
    assert guess_code(*rows(c_ar=[1, 2, 3], nom=names)) == "c_ar"
