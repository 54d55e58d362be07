"""The square picker as a form field: what is offered, what is accepted, what is said about it."""

from pathlib import Path
from uuid import UUID

import pytest
from django import forms
from django.db import connection
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext

from outreach.places.models import Sector
from outreach.places.picker import Panel, Place, PlaceField, panels
from outreach.places.services import laid_out
from privacy.core.values import Cell
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.outreach.places.test_territory import take_in, town
from tests.outreach.places.towns import ORIGIN

NORTH, EAST = ORIGIN
EAST_ID, WEST_ID = UUID(int=1), UUID(int=2)


def panel(sector_id: UUID = EAST_ID, name: str = "Les Halles", columns: int = 2, at: int = 0) -> Panel:
    cells = [Cell(500, NORTH + n * 500, EAST + at + e * 500) for n in range(2) for e in range(columns)]
    return Panel(sector_id, name, laid_out(cells, 500), "M0 0L2 0L2 2L0 2Z", ("M2 0L4 0L4 2Z",))


def small() -> Panel:
    return Panel(WEST_ID, "La Petite Place", laid_out([], 500))


def form(*panes: Panel, required: bool = False, **data: str) -> forms.Form:
    class Where(forms.Form):
        place = PlaceField(list(panes), label="Où ?", required=required)

    return Where(data or None)


def test_a_square_a_sector_or_nothing() -> None:
    square = panel().squares.squares[1].cell
    for value, place in {
        square.id: Place(cell=square),
        f"sector:{EAST_ID}": Place(sector_id=EAST_ID),
        "": Place(),
    }.items():
        filled = form(panel(), small(), place=value)
        assert filled.is_valid(), filled.errors
        assert filled.cleaned_data["place"] == place
        assert bool(place) == bool(value)


@pytest.mark.parametrize(
    "value",
    [
        "CRS3035RES500mN2900000E3760000",
        "CRS3035RES250mN2890000E3760000",
        "sector:5a2dde49-d6c1-4bef-8d5a-c3b72f5fa136",
        "sector:",
        "2.35,48.85",
    ],
)
def test_only_what_was_offered_is_accepted(value: str) -> None:
    filled = form(panel(), small(), place=value)
    assert not filled.is_valid()
    assert "2.35" not in str(filled.errors)


def test_an_answer_can_be_required() -> None:
    assert not form(panel(), required=True, place="").is_valid()
    assert 'value=""' not in str(form(panel(), required=True)["place"])


def test_a_place_says_nothing_of_itself() -> None:
    assert "N28" not in repr(Place(cell=Cell(500, NORTH, EAST)))


def test_every_choice_is_a_labelled_radio_button_of_one_group() -> None:
    html = str(form(panel(), small())["place"])
    assert html.count('type="radio"') == html.count('name="place"') == 1 + 2 + 4
    for label in ("A1", "B1", "A2", "B2"):
        assert f"<span>{label}</span>" in html
    assert html.index("Tout le secteur") < html.index("<span>A1</span>")
    assert "plus petit qu’un carré" in html
    assert "style=" not in html


def test_the_only_sector_is_open_and_so_is_the_one_chosen() -> None:
    assert "<details" in str(form(panel())["place"])
    assert str(form(panel())["place"]).count(" open>") == 1
    assert str(form(panel(), small())["place"]).count(" open>") == 0
    chosen = panel().squares.squares[0].cell.id
    html = str(form(panel(), small(), place=chosen)["place"])
    assert html.count(" open>") == 1
    assert html.count(" checked") == 1


def test_a_place_can_be_shown_again() -> None:
    class Where(forms.Form):
        place = PlaceField([panel()], required=False)

    square = panel().squares.squares[2].cell
    assert f'value="{square.id}" checked' in str(Where(initial={"place": Place(cell=square)})["place"])
    assert f'value="sector:{EAST_ID}" checked' in str(
        Where(initial={"place": Place(sector_id=EAST_ID)})["place"]
    )


def test_names_are_escaped() -> None:
    html = str(form(panel(name='<b>"Rue" & co</b>'))["place"])
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_gaps_keep_columns_in_line() -> None:
    cells = [Cell(500, NORTH, EAST), Cell(500, NORTH + 500, EAST + 500)]
    pane = Panel(EAST_ID, "Les Halles", laid_out(cells, 500))
    assert [[square.label if square else None for square in row] for row in pane.rows] == [
        [None, "B1"],
        ["A2", None],
    ]


def test_the_template_is_where_the_widget_says() -> None:
    assert get_template(PlaceField.widget.template_name)


@pytest.mark.database
def test_panels_from_the_database_in_three_queries(lanterne: factories.Tenant, tmp_path: Path) -> None:
    with databases.as_worker(), tenant_transaction(lanterne.scope()):
        take_in(lanterne.association.id, town(tmp_path))
    with tenant_transaction(lanterne.scope()):
        sectors = list(Sector.objects.filter(active=True).order_by("-code"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = panels(sectors, 500)
        assert len(queries) <= 3
        assert [pane.name for pane in found] == ["Côte d'Or", "Le Port", "Les Halles"]
        first = found[0]
        assert first.view_box == "0 0 4 2"
        assert first.outline.startswith("M") and first.outline.endswith("Z")
        assert len(first.around) == 2
        numbers = [float(n) for n in first.outline[1:-1].replace("L", " ").split()]
        assert min(numbers) == pytest.approx(0, abs=0.01)
        assert max(numbers) == pytest.approx(4, abs=0.01)
        assert panels([], 500) == []
