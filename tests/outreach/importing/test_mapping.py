"""A mapping is checked before any file is opened, and says in one sentence what does not fit."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.importing import mapping as mappings
from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import build, read
from outreach.importing.tidying import normalise_answer
from outreach.records import vocabulary as words
from tests.outreach.importing.files import MAPPING, mapping, mapping_file
from tests.reading import typed


def refused(body: Any) -> str:
    with pytest.raises(ImportRefused) as caught:
        build(body)
    assert caught.value.code == "mapping"
    return str(caught.value)


def test_a_good_mapping_knows_its_columns() -> None:
    assert mapping().columns == ("Date", "X", "Y", "Nombre", "Accord", "Remarques", "Âge", "Besoins")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_guide_names_every_field_that_a_mapping_may_have(language: str) -> None:
    guide = Path(__file__).parents[3] / "docs" / "users" / language / "import-records.md"
    [row] = [line for line in guide.read_text().splitlines() if line.startswith("| `fields` |")]
    named = set(row.split("`")[3].split())
    assert named == words.ONE_OF.keys() | words.SEVERAL_OF.keys()


def test_only_format_and_night_are_needed() -> None:
    least = build({"format": "maraudes-import-1", "night": {"column": "Jour"}})
    assert least.columns == ("Jour",)
    assert least.consent is None
    assert not least.yes


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "maraudes-import-1"),
        ({"night": {}}, "night.column"),
        ({"night": {"column": ""}}, "night.column"),
        ({"place": {"lon": "X"}}, "ensemble"),
        ({"place": {"lon": "X", "lat": "Y", "cell": "Z"}}, "une seule façon"),
        ({"place": {"geometry": True, "sector": "S"}}, "une seule façon"),
        ({"consent": {"column": "A"}}, "yes"),
        ({"consent": {"column": "A", "yes": []}}, "yes"),
        ({"consent": {"column": "A", "yes": ["oui", " "]}}, "yes"),
        ({"consent": {"column": "A", "yes": "oui"}}, "yes"),
        ({"fields": {"nationality": {"column": "N"}}}, "nationality"),
        ({"fields": {"needs": {"column": "B", "values": {"x": "drugs"}}}}, "codes possibles"),
        ({"fields": {"gender": {"column": "B", "separator": ","}}}, "separator"),
        ({"surname": "Nom"}, "surname"),
        ({"note": 3}, "note"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], said: str) -> None:
    assert said in refused(MAPPING | change)


@pytest.mark.parametrize("body", [None, 3, [], "x", {}])
def test_what_is_no_mapping_is_refused(body: Any) -> None:
    refused(body)


def test_a_mapping_file_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    path = mapping_file(tmp_path / "m.json")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path).columns == mapping().columns


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe{", b"{", b"[" * 100_000, b"\x00"])
def test_a_broken_mapping_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(raw)
    with pytest.raises(ImportRefused):
        read(path)
    with pytest.raises(ImportRefused):
        read(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"format": "maraudes-import-1", "night": {"column": "A"}, "night": {"column": "B"}}', "« night »"),
        ('{"format": "maraudes-import-1", "night": {"column": "A", "column": "B"}}', "« column »"),
        (
            '{"format": "maraudes-import-1", "night": {"column": "A"}, "fields": {"needs": {"column": "B",'
            ' "values": {"Repas": "meal", "repas ": "sleeping_bag"}}}}',
            "« repas » a deux codes",
        ),
        (" \n\t", "vide"),
        ("\ufeff", "vide"),
    ],
)
def test_what_a_mapping_says_twice_or_not_at_all_is_told(tmp_path: Path, text: str, said: str) -> None:
    """Python hears the last of two keys: a column that somebody took out would come in without a word."""
    path = tmp_path / "m.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportRefused) as caught:
        read(path)
    assert said in typed(str(caught.value))


def test_a_huge_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(b" " * (mappings.LARGEST + 1))
    with pytest.raises(ImportRefused):
        read(path)


def test_codes_are_found_whatever_the_case_and_unknown_words_are_counted() -> None:
    needs = dict(mapping().fields)["needs"]
    assert needs.codes(" REPAS ,duvet, licorne ") == (("meal", "sleeping_bag"), 1)
    assert needs.codes("") == ((), 0)


def test_without_values_the_cells_hold_the_codes_themselves() -> None:
    plain = mapping(fields={"wellbeing": {"column": "W"}})
    assert dict(plain.fields)["wellbeing"].codes("Alarming") == (("alarming",), 0)


@given(st.text())
def test_normalising_is_idempotent(text: str) -> None:
    assert normalise_answer(normalise_answer(text)) == normalise_answer(text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*MAPPING, "sheet", "x"]), _json, max_size=6))
def test_any_json_gives_a_mapping_or_a_refusal(body: dict[str, Any]) -> None:
    try:
        found = build({"format": "maraudes-import-1"} | body)
    except ImportRefused as refusal:
        assert refusal.code == "mapping"
    else:
        assert all(found.columns)
