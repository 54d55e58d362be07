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
        ({"id": [1.0, 2.0], "Libellé": ["Un", "Deux"]}, "Libellé", "id"),
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
