"""A town of many sectors: the form stays light, offers every square all the same, and holds the squares of the chosen sector."""

import re
from uuid import UUID

import pytest

from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import CELL, Tenant
from tests.outreach.field.conftest import Phone, phone_of

pytestmark = pytest.mark.database
SECTORS, SIDE = 60, 4


def town(lanterne: Tenant) -> None:
    """Sixty more sectors of sixteen squares, in rows of ten."""
    with databases.as_owner():
        for number in range(SECTORS):
            south, west = 2870000 + 2000 * (number // 10), 3770000 + 2000 * (number % 10)
            squares = [
                f"CRS3035RES500mN{south + 500 * down}E{west + 500 * across}"
                for down in range(SIDE)
                for across in range(SIDE)
            ]
            name = f"q{number:02}"
            lanterne.sectors[name] = factories.sector(
                lanterne.association, name, f"Quartier {number}", squares
            )


def squares_in(page: str) -> list[str]:
    return re.findall(r'value="(CRS[^"]+)"', page)


@pytest.fixture
def everywhere(lanterne: Tenant) -> Round:
    """A round planned over the whole town."""
    town(lanterne)
    with tenant_transaction(lanterne.scope("north")):
        return factories.open_round(lanterne, sectors=tuple(lanterne.sectors))


def test_a_round_over_a_whole_town_has_a_light_page(lanterne: Tenant, everywhere: Round) -> None:
    page = phone_of(lanterne.people["omar"], everywhere).get("rencontre/")
    assert "Quartier 59" in page
    assert page.count("data-squares=") == len(lanterne.sectors)
    assert len(page) < 120_000


def test_the_squares_of_one_sector_are_asked_for_and_what_was_typed_stays(
    lanterne: Tenant, everywhere: Round
) -> None:
    omar = phone_of(lanterne.people["omar"], everywhere)
    sector = lanterne.sectors["q07"]
    answers = {"zone": "yes", "note": "un chien", "wider": str(sector.id), "people": 3}
    page = omar.note(**answers).text
    squares = squares_in(page)
    assert len(squares) == SIDE * SIDE
    assert "un chien" in page and 'value="3"' in page
    back = omar.note(zone="yes", place=squares[5], people="")
    assert back.status == 422
    assert f'value="{squares[5]}" checked' in back.text


@pytest.mark.parametrize("place", ["CRS3035RES500mN2870000E3770000", CELL])
def test_a_square_that_the_page_only_signed_is_accepted(
    lanterne: Tenant, everywhere: Round, place: str
) -> None:
    omar = phone_of(lanterne.people["omar"], everywhere)
    assert place not in omar.get("rencontre/")
    assert omar.note(zone="yes", place=place).status == 200


def test_few_planned_sectors_are_whole_in_the_page_and_another_one_on_request(
    lanterne: Tenant, omar: Phone
) -> None:
    town(lanterne)
    page = omar.get("rencontre/")
    assert len(squares_in(page)) == len(factories.CELLS_EAST) + len(factories.CELLS_WEST)
    assert "Quartier 7" not in page
    wide = omar.note(zone="yes", wider="1").text
    assert len(squares_in(wide)) == len(squares_in(page))
    assert 'name="wide" value="1"' in wide
    there = omar.note(zone="yes", wide="1", wider=str(lanterne.sectors["q07"].id)).text
    assert len(squares_in(there)) == len(squares_in(page)) + SIDE * SIDE


def test_asking_for_a_sector_that_is_none_shows_the_others(lanterne: Tenant, omar: Phone) -> None:
    town(lanterne)
    page = omar.note(zone="yes", wider=str(UUID(int=7))).text
    assert "Quartier 7" in page
