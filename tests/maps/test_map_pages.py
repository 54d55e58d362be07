"""The map in a real browser, under the real policy: no foreign request, no inline style, five patterns, both lights."""

import re
import zlib
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import maps
from maps.geometry import cells_geojson
from maps.services import Kilometre, Week
from outreach.roles import Role
from privacy.core import coarsening
from privacy.core.values import Cell
from tests.browser import SCREENSHOTS, assert_accessible, keyboard_walk, open_page, screenshot
from tests.outreach import component_gallery
from tests.reading import typed

pytestmark = pytest.mark.browser

CELLS = [Cell(1000, 2_889_000 + 1000 * n, 3_758_000 + 1000 * e) for n in range(2) for e in range(3)]
PEOPLE = {cell.id: number for cell, number in zip(CELLS, (0, 10, 20, 45, 4710, 0), strict=True)}
EVIL = '</script><img src="https://example.invalid/x" onerror="alert(1)">'

PAGE = """{% extends "base/coordination.html" %}
{% block title %}Carte{% endblock %}{% block heading %}Où était le besoin ?{% endblock %}
{% block main %}<table><caption>Le tableau d’abord</caption><thead><tr><th scope="col">Carré</th></tr></thead>
<tbody><tr><td>N2889 E3758</td></tr></tbody></table>{% include "maps/_map.html" %}{% endblock %}"""


class _Source:
    def read_text(self, encoding: str) -> str:
        return PAGE


@pytest.fixture(autouse=True)
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROOT_URLCONF = "tests.outreach.component_gallery"
    monkeypatch.setitem(component_gallery.PAGES, "map", _Source())


def sectors(name: str = "Les Halles") -> dict[str, Any]:
    ring = coarsening.ring(Cell(1000, 2_889_000, 3_757_000))
    far = coarsening.ring(Cell(1000, 2_892_000, 3_761_000))
    outline = {"type": "Polygon", "coordinates": [[ring[0], far[0], far[2], ring[3], ring[0]]]}
    feature = {"type": "Feature", "id": "s", "properties": {"name": name}, "geometry": outline}
    return {"type": "FeatureCollection", "features": [feature]}


def put(page: Page, **context: Any) -> None:
    whole = {
        "cells": cells_geojson(CELLS),
        "people": PEOPLE,
        "sectors": sectors(),
        "week": {"few": 5},
        **context,
    }
    component_gallery.put(page, component_gallery.show("map", whole, roles=(Role.COORDINATOR,)))


def test_no_name_covers_another(laptop: Page) -> None:
    twice = sectors()
    twice["features"] = [
        twice["features"][0],
        {**twice["features"][0], "id": "t", "properties": {"name": "Le Port"}},
    ]
    put(laptop, cells="", sectors=twice)
    laptop.locator(".map-name").first.wait_for()
    assert [name.is_visible() for name in laptop.locator(".map-name").all()] == [True, False]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", ["phone", "laptop"])
def test_drawn_accessible_and_at_home(browser: Browser, screen: str, scheme: str) -> None:
    """`open_page` fails on any console error, policy violation or request to another host."""
    with open_page(browser, screen, scheme=scheme) as page:
        put(page)
        page.locator("path.map-cell").first.wait_for()
        assert page.locator("path.map-cell").count() == len(CELLS)
        assert page.locator("path.map-sector").count() == 1
        assert page.locator("img.leaflet-tile").count() == 0
        screenshot(page, f"map-{screen}-{scheme}")
        assert_accessible(page)
        assert "Agrandir" in keyboard_walk(page)


def test_every_class_has_its_own_colour_and_pattern(laptop: Page) -> None:
    put(laptop)
    laptop.locator("path.map-cell").first.wait_for()
    fills = laptop.evaluate(
        "[...document.querySelectorAll('path.map-cell')].map((one) => one.getAttribute('fill'))"
    )
    assert sorted(fills) == sorted(f"url(#map-class-{number})" for number in (1, 2, 3, 4, 5, 1))
    colours = laptop.evaluate(
        "[1, 2, 3, 4, 5].map((n) => getComputedStyle(document.querySelector('.map-fill-' + n)).fill)"
    )
    assert len(set(colours)) == 5
    shapes = laptop.evaluate(
        "[2, 3, 4].map((n) => document.querySelector('#map-class-' + n).innerHTML.replace(/map-fill-./, ''))"
    )
    assert len(set(shapes)) == 3


def test_a_square_says_its_class_and_not_its_number(laptop: Page) -> None:
    put(laptop)
    laptop.locator("path.map-cell").nth(4).hover()
    said = laptop.locator(".leaflet-tooltip:not(.map-name)").inner_text()
    assert said == "N2890 E3759 : 80 personnes ou plus"
    assert "4710" not in laptop.content()


def a_week() -> Week:
    squares = [
        Kilometre(CELLS[0].id, "Paris 10e", 25, None),
        Kilometre(CELLS[1].id, "Paris 18e", 10, 15),
        Kilometre(CELLS[2].id, "Paris 18e", None, 0),
        Kilometre(CELLS[3].id, "", 0, 20),
    ]
    return Week(
        monday=date(2026, 11, 9),
        rounds=11,
        squares=squares,
        few=5,
        people=95,
        elsewhere=None,
        needs=(("meal", 45), ("shelter", 10), ("care", None)),
        disappears=date(2027, 2, 1),
        available=[date(2026, 11, 9), date(2026, 11, 2)],
    )


@pytest.mark.parametrize("screen", ["phone", "laptop"])
def test_the_coordinator_s_page_says_how_its_numbers_are_made(
    browser: Browser, screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        component_gallery.PAGES, "map", Path(maps.__file__).parent / "templates/maps/coordinator.html"
    )
    week = a_week()
    shown = {one.cell: one.people or 0 for one in week.squares if one.people != 0}
    with open_page(browser, screen) as page:
        put(page, week=week, people=shown, cells=cells_geojson([Cell.parse(cell) for cell in shown]))
        page.locator("path.map-cell").first.wait_for()
        screenshot(page, f"coordinator-map-{screen}")
        assert_accessible(page)
        said = page.locator("main").inner_text()
        assert "Arrondi au multiple de 5 inférieur, pour ne désigner personne." in said
        assert "au moins 95 personnes notées" in said
        cells = page.locator("td.num").all_inner_texts()
        assert cells == ["25", "peu", "10", "15", "peu", "–", "–", "20"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_hostile_name_stays_text(laptop: Page) -> None:
    put(laptop, sectors=sectors(EVIL))
    laptop.locator("path.map-sector").wait_for()
    assert laptop.locator("img[src*=example]").count() == 0
    assert laptop.locator(".map-name").inner_text() == EVIL


def test_names_show_where_they_fit(browser: Browser) -> None:
    for name, seen in (("Les Halles", True), ("Un nom bien trop long " * 9, False)):
        with open_page(browser, "phone") as page:
            put(page, cells="", sectors=sectors(name))
            page.locator(".map-name").wait_for(state="attached")
            assert page.locator(".map-name").is_visible() is seen


def test_the_table_stands_before_the_map(laptop: Page) -> None:
    put(laptop)
    laptop.locator("path.map-cell").first.wait_for()
    assert laptop.evaluate(
        "document.querySelector('table').compareDocumentPosition(document.querySelector('.map')) === 4"
    )


def test_keyboard_enlarges(laptop: Page) -> None:
    put(laptop)
    width = "document.querySelector('path.map-cell').getBoundingClientRect().width"
    laptop.locator("path.map-cell").first.wait_for()
    before = laptop.evaluate(width)
    laptop.locator(".leaflet-control-zoom-in").focus()
    laptop.keyboard.press("Enter")
    laptop.wait_for_function(f"{width} > {before} * 1.2")


def test_the_map_has_three_stops_and_each_has_a_name(laptop: Page) -> None:
    """Squares are no stops: the table says the same. A browser makes one of whatever listens for the focus."""
    put(laptop)
    laptop.locator("path.map-cell").first.wait_for()
    laptop.locator("td").first.evaluate("one => { one.tabIndex = -1; one.focus() }")
    stops = []
    for _ in range(len(CELLS) + 4):
        laptop.keyboard.press("Tab")
        stops.append(
            laptop.evaluate(
                """() => {
                  const one = document.activeElement;
                  return one.closest('.map-ground') ? one.getAttribute('aria-label') ?? '' : null;
                }"""
            )
        )
    assert [typed(one) for one in stops if one is not None] == [
        "Carte ; le tableau dit la même chose",
        "Agrandir",
        "Réduire",
    ]


SWATCHES = "[...document.querySelectorAll('.swatch')].map((one) => getComputedStyle(one).backgroundColor)"


def test_the_legend_keeps_its_colours_where_a_system_forces_its_own(browser: Browser) -> None:
    with open_page(browser, "laptop", forced_colors="active") as page:
        put(page)
        page.locator("path.map-cell").first.wait_for()
        assert len(set(page.evaluate(SWATCHES))) == page.locator(".map-legend li").count() == 5
        screenshot(page, "map-forced-colours")


@pytest.mark.parametrize("page_room", ["laptop", "phone"])
def test_the_legend_is_printed_with_its_colours(browser: Browser, page_room: str) -> None:
    """As a browser prints by itself, without the grounds of a page; by day, because paper is white."""
    with open_page(browser, page_room, scheme="dark") as page:
        put(page)
        page.locator("path.map-cell").first.wait_for()
        page.emulate_media(media="print", color_scheme="dark")
        classes = page.evaluate(SWATCHES)
        printed = page.pdf(print_background=False, path=str(SCREENSHOTS / f"map-printed-{page_room}.pdf"))
    inks = {
        tuple(round(255 * float(part)) for part in ink)
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", printed, re.DOTALL)
        for ink in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) rg", _plain(stream))
    }
    wanted = [tuple(map(int, re.findall(r"\d+", one))) for one in classes]
    assert len(wanted) == 5
    assert [one for one in wanted if one not in inks] == []
    assert sum(wanted[0]) > sum(wanted[4]), "few is light on paper"


def _plain(stream: bytes) -> bytes:
    with suppress(zlib.error):
        return zlib.decompress(stream)
    return b""


SHIFTED = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().flatMap((one) => one.sources.map((what) => what.node?.className))))
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done([]), 500);
})"""


def test_nothing_moves_when_the_map_comes(phone: Page) -> None:
    put(phone)
    phone.locator("path.map-cell").first.wait_for()
    assert phone.evaluate(SHIFTED) == []


def test_a_phone_is_told_that_two_fingers_move_the_map(browser: Browser) -> None:
    for screen, told in (("phone", True), ("laptop", False)):
        with open_page(browser, screen) as page:
            put(page)
            page.locator("path.map-cell").first.wait_for()
            assert page.get_by_text("Deux doigts déplacent la carte").is_visible() is told


def test_one_finger_scrolls_the_page(phone: Page) -> None:
    put(phone)
    phone.locator("path.map-cell").first.wait_for()
    assert phone.evaluate("!document.querySelector('.map-ground').classList.contains('leaflet-touch-drag')")


def test_without_scripts_the_page_says_where_to_read(browser: Browser) -> None:
    with open_page(browser, "phone", java_script_enabled=False) as page:
        put(page)
        assert "Le tableau dit la même chose" in page.locator(".map").inner_text()
        assert not page.locator(".map-ground").is_visible()


def test_sectors_alone_make_a_map_and_nothing_makes_none(browser: Browser) -> None:
    with open_page(browser, "laptop") as page:
        put(page, cells="", people="")
        page.locator("path.map-sector").wait_for()
        assert page.locator(".map-legend").count() == 0
    with open_page(browser, "laptop") as page:
        put(page, cells="", people="", sectors="")
        page.wait_for_load_state("networkidle")
        assert not page.locator(".map-ground").is_visible()
