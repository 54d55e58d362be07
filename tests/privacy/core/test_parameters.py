"""The page of parameters says what the code does: every row is compared, and no setting is left out."""

import re
from pathlib import Path

import pytest

from privacy.core import envelope, ingress
from privacy.core.grid import EUROPE, LADDER
from privacy.core.policy import LIMITS, STRICT
from privacy.core.retention import RULES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "privacy-parameters.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("`"): cells
    for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines())
    if len(cells) == 8 and cells[0].startswith("`")
}


def test_every_setting_has_a_row_and_every_row_a_setting() -> None:
    assert set(ROWS) == set(LIMITS)


@pytest.mark.parametrize("name", LIMITS)
def test_the_row_says_what_the_code_does(name: str) -> None:
    limit = LIMITS[name]
    _, default, floor, ceiling, unit, strict, classes, source = ROWS[name]
    assert [int(number) for number in (default, floor, ceiling)] == [
        limit.default,
        limit.floor,
        limit.ceiling,
    ]
    assert int(strict) == getattr(STRICT, name)
    assert (unit, source) == (limit.unit, limit.source)
    written = set(re.findall(r"`(\w+)` \((\w+)\)", classes))
    assert written == {(c.value, r.granularity.value) for c, r in RULES.items() if r.field == name}


@pytest.mark.parametrize(
    "number",
    [
        envelope.RECORD, envelope.NOTE, envelope.OVERHEAD, envelope.CHUNK, envelope.SECRET_BYTES,
        ingress.PADDED, ingress.LIMIT, ingress.SIZE,
        EUROPE.west, EUROPE.south, EUROPE.east, EUROPE.north, int(EUROPE.semi_major), EUROPE.inverse_flattening,
        int(EUROPE.false_easting), int(EUROPE.false_northing), *LADDER,
    ],
)  # fmt: skip
def test_constants_stand_on_the_page(number: float) -> None:
    text = f"{number:,}" if isinstance(number, int) else str(number)
    assert re.search(rf"(?<![\d,.]){re.escape(text)}(?![\d])", PAGE), text


def test_tests_named_on_the_page_exist() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+|Test\w+)`", PAGE):
        assert re.search(rf"(def|class) {name}\b", tests), name
    for name in re.findall(r"`((?:test_\w+|readers)\.py)`", PAGE):
        assert (Path(__file__).parent / name).exists(), name


def test_vector_files_named_on_the_page_exist() -> None:
    names = set(re.findall(r"(\w+\.json)`", PAGE))
    assert names >= {"coarsening.json", "cobblestone256.json", "hpke.json"}
    for name in names:
        assert (ROOT / "tests" / "vectors" / name).exists(), name
