"""The picker in a real browser: large targets, keyboard, no script, and a position that never leaves the phone."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django import forms
from playwright.sync_api import Browser, Page, Request

from outreach.places.picker import Panel, PlaceField
from outreach.places.services import laid_out
from privacy.core.grid import EUROPE
from privacy.core.values import Cell
from tests.browser import assert_accessible, keyboard_walk, open_page, screenshot
from tests.outreach import component_gallery
from tests.outreach.places.towns import ORIGIN

pytestmark = pytest.mark.browser

NORTH, EAST = ORIGIN
HERE = EUROPE.inverse(EAST + 1_600, NORTH + 700)
"""A place in column B, row 1 of the second sector."""

PAGE = """{% extends "base/field.html" %}{% load static ui %}
{% block title %}Où{% endblock %}{% block heading %}Où ?{% endblock %}
{% block head %}<link rel="stylesheet" href="{% static "outreach/css/picker.css" %}">{% endblock %}
{% block main %}<form method="post">{{ form }}<div class="buttons"><button type="submit">Noter</button></div></form>{% endblock %}
{% block scripts %}{{ block.super }}<script type="module" src="{% static "outreach/squares.js" %}"></script>
<script type="module" src="{% static "outreach/locate.js" %}"></script>{% endblock %}"""


def panel(number: int, name: str, west: int, columns: int, rows: int) -> Panel:
    cells = [
        Cell(500, NORTH + n * 500, EAST + west + e * 500)
        for n in range(rows)
        for e in range(columns)
        if (n + e) % 5 != 4
    ]
    outline = f"M0.3 0.2L{columns - 0.2} 0.4L{columns - 0.4} {rows - 0.3}L0.4 {rows - 0.1}Z"
    return Panel(
        UUID(int=number), name, laid_out(cells, 500), outline, (f"M{columns - 0.2} 0L{columns} {rows}Z",)
    )


class Where(forms.Form):
    mostly_optional = True

    def __init__(self, *panes: Panel) -> None:
        super().__init__()
        self.fields["place"] = PlaceField(
            list(panes), label="Où cette rencontre a-t-elle eu lieu ?", required=False
        )


EASTERN = panel(1, "Secteur Est", 0, 2, 3)
WESTERN = panel(2, "Secteur Ouest", 1_000, 4, 3)
WIDE = panel(3, "Le Bois", 3_000, 13, 9)


@pytest.fixture(autouse=True)
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROOT_URLCONF = "tests.outreach.component_gallery"
    monkeypatch.setattr(
        component_gallery, "ORIGIN", "http://localhost"
    )  # a position is only given to a secure origin
    monkeypatch.setitem(component_gallery.PAGES, "picker", _Source(PAGE))


class _Source:
    """What `component_gallery.PAGES` holds, without a file."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read_text(self, encoding: str) -> str:
        return self._text


def put(page: Page, *panes: Panel) -> None:
    component_gallery.put(page, component_gallery.show("picker", {"form": Where(*panes)}))


@pytest.fixture
def located(browser: Browser) -> Iterator[Page]:
    """A phone that knows where it is and may tell."""
    lon, lat = HERE
    options: dict[str, Any] = {
        "geolocation": {"longitude": lon, "latitude": lat, "accuracy": 20},
        "permissions": ["geolocation"],
    }
    with open_page(browser, "phone", **options) as page:
        yield page


def chosen(page: Page) -> str:
    return str(page.evaluate("document.querySelector('input[name=place]:checked').value"))


@pytest.mark.parametrize("screen", ["phone", "laptop"])
def test_accessible_and_reached_by_keyboard(browser: Browser, screen: str) -> None:
    for panes in ((EASTERN,), (EASTERN, WESTERN, WIDE), (WIDE,)):
        with open_page(browser, screen) as page:
            put(page, *panes)
            page.get_by_role("button", name="Utiliser ma position").wait_for()
            screenshot(page, f"picker-{len(panes)}-{panes[0].squares.columns}-{screen}")
            assert_accessible(page)
            names = keyboard_walk(page)
            assert "Ne pas noter de lieu" in names
            assert "Utiliser ma position" in names


def test_targets_are_large_enough(phone: Page) -> None:
    put(phone, WIDE)
    small = phone.evaluate(
        """() => [...document.querySelectorAll('.square, .picker .tile, .picker summary, .picker button')]
          .filter((one) => one.checkVisibility())
          .map((one) => one.getBoundingClientRect())
          .filter((box) => box.width < 43.5 || box.height < 43.5).length"""
    )
    assert small == 0


def test_arrows_walk_the_grid(phone: Page) -> None:
    put(phone, WESTERN)
    phone.locator(".square input").first.focus()
    phone.keyboard.press("Space")
    assert phone.evaluate("document.activeElement.dataset.label") == "A1"
    phone.keyboard.press("ArrowRight")
    phone.keyboard.press("ArrowDown")
    assert phone.evaluate("document.activeElement.dataset.label") == "B2"
    phone.keyboard.press("ArrowUp")
    assert phone.evaluate("document.activeElement.dataset.label") == "B1"
    assert chosen(phone) == next(one.cell.id for one in WESTERN.squares if one.label == "B1")


def test_works_without_scripts(browser: Browser) -> None:
    with open_page(browser, "phone", java_script_enabled=False) as page:
        put(page, EASTERN, WESTERN)
        assert not page.locator("[data-locate]").is_visible()
        page.locator("summary", has_text="Secteur Ouest").click()
        page.locator(".square", has_text="C3").click()
        value = next(one.cell.id for one in WESTERN.squares if one.label == "C3")
        assert page.locator(f"input[value='{value}']").is_checked()


def test_the_position_chooses_the_square_and_stays_on_the_phone(located: Page) -> None:
    seen: list[str] = []
    put(located, EASTERN, WESTERN)

    def note(request: Request) -> None:
        seen.append(f"{request.url} {request.post_data or ''}")

    located.on("request", note)
    located.get_by_role("button", name="Utiliser ma position").click()
    status = located.locator(".picker-status")
    status.get_by_text("Carré B2, Secteur Ouest").wait_for()
    assert chosen(located) == "CRS3035RES500mN2890500E3761500"
    assert located.evaluate("document.activeElement.dataset.label") == "B2"
    assert located.locator("details[open] summary").inner_text() == "Secteur Ouest"
    with located.expect_request(lambda request: request.method == "POST"):
        located.get_by_role("button", name="Noter").click()
    assert any("CRS3035RES500mN2890500E3761500" in line for line in seen)
    lon, lat = HERE
    kept = located.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    for places in (3, 4, 5):
        for number in (lon, lat):
            digits = f"{number:.{places}f}"[:-1]
            assert not any(digits in line for line in [*seen, kept, located.content()])


@pytest.mark.parametrize(("accuracy", "taken"), [(250, True), (251, False), (900, False)])
def test_a_position_worse_than_half_a_square_chooses_nothing(
    browser: Browser, accuracy: int, taken: bool
) -> None:
    lon, lat = HERE
    options: dict[str, Any] = {
        "geolocation": {"longitude": lon, "latitude": lat, "accuracy": accuracy},
        "permissions": ["geolocation"],
    }
    with open_page(browser, "phone", **options) as page:
        put(page, WESTERN)
        page.get_by_role("button", name="Utiliser ma position").click()
        said = "Vérifiez-le" if taken else f"Position imprécise, à {accuracy} m près"
        page.get_by_text(said).wait_for()
        assert bool(chosen(page)) is taken


def test_a_position_outside_the_round_changes_nothing(located: Page) -> None:
    put(located, EASTERN)
    located.get_by_role("button", name="Utiliser ma position").click()
    located.get_by_text("Vous n’êtes dans aucun carré").wait_for()
    assert chosen(located) == ""


def test_a_refusal_is_said_and_nothing_is_lost(browser: Browser) -> None:
    with open_page(browser, "phone", permissions=[]) as page:
        put(page, WESTERN)
        page.locator(".square", has_text="A1").click()
        before = chosen(page)
        page.get_by_role("button", name="Utiliser ma position").click()
        page.get_by_text("ne donne pas sa position").wait_for()
        assert chosen(page) == before


@pytest.mark.parametrize(
    ("code", "words"), [(2, "ne trouve pas"), (3, "pas arrivée à temps"), (9, "ne trouve pas")]
)
def test_every_failure_has_its_sentence(phone: Page, code: int, words: str) -> None:
    put(phone, WESTERN)
    phone.evaluate(
        f"""() => {{
          navigator.geolocation.getCurrentPosition = (_yes, no) => setTimeout(() => no({{ code: {code} }}), 20);
        }}"""
    )
    phone.get_by_role("button", name="Utiliser ma position").click()
    phone.get_by_text(words).wait_for()
    assert phone.get_by_role("button", name="Utiliser ma position").is_enabled()


OFFERED = """() => [...document.querySelectorAll('.square input')].map((one) => {
  const row = one.closest('.picker-row');
  return [one.name, one.value, one.dataset.label, one.dataset.sector, one.closest('.square').textContent,
          [...row.parentElement.querySelectorAll('.picker-row')].indexOf(row), [...row.children].indexOf(one.closest('.square'))];
})"""


def test_squares_that_came_as_signs_are_drawn_as_the_server_draws_them(browser: Browser) -> None:
    """Without a network: nothing is asked of anybody after the page is there."""
    with open_page(browser, "phone") as page:
        put(page, EASTERN, WIDE)
        from_the_server = page.evaluate(OFFERED)
    with open_page(browser, "phone") as page:
        put(page, replace(EASTERN, drawn=False), replace(WIDE, drawn=False))
        assert page.evaluate(OFFERED) == []
        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        for name in ("Secteur Est", "Le Bois"):
            page.locator("summary", has_text=name).click()
        page.locator(".square", has_text="A1").first.wait_for()
        assert page.evaluate(OFFERED) == from_the_server
        assert len(from_the_server) > 50
        page.locator(".square", has_text="B2").first.click()
        assert chosen(page) == next(one[1] for one in from_the_server if one[2] == "B2")
        assert_accessible(page)
        assert page.get_by_role("button", name="Voir ses carrés").count() == 0


def test_a_position_finds_a_square_that_came_as_a_sign(located: Page) -> None:
    put(located, replace(EASTERN, drawn=False), replace(WESTERN, drawn=False))
    located.get_by_role("button", name="Utiliser ma position").click()
    located.locator("input[data-label]:checked").wait_for(state="attached")
    assert located.locator("input:checked").get_attribute("data-label") == "B2"


def test_without_scripts_a_button_asks_for_the_squares(browser: Browser) -> None:
    with open_page(browser, "phone", java_script_enabled=False) as page:
        put(page, EASTERN, replace(WESTERN, drawn=False))
        page.locator("summary", has_text="Secteur Ouest").click()
        button = page.get_by_role("button", name="Voir ses carrés")
        assert button.get_attribute("name") == "wider"
        assert button.get_attribute("value") == str(WESTERN.sector_id)
        box = button.bounding_box()
        assert box and box["height"] >= 44
