"""A table becomes cards on a phone without losing a word: every cell has its heading beside it, and it stays a table."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser

from outreach.tables import with_headings
from tests.browser import assert_accessible, open_page, screenshot
from tests.outreach import component_gallery
from tests.outreach.component_gallery_pages import shown

TABLE = """<table><caption>Nuits</caption><thead><tr><th scope="col">Équipe</th><th scope="col" class="num">Vues
 <span class="visually-hidden">cette nuit</span></th><th colspan="2">a &amp; "b"</th></tr></thead>
<tbody><tr><th scope="row">Nord</th><td class="num">3</td><td>x</td><td>y</td></tr>
<tr><td colspan="4">rien</td></tr></tbody></table>"""


def test_each_cell_learns_its_heading() -> None:
    made = with_headings(TABLE)
    assert re.findall(r'<td class="num" data-label="([^"]+)"', made) == ["Vues cette nuit"]
    assert re.findall(r'data-label="([^"]+)" role="cell">[xy]<', made) == ["a &amp; &quot;b&quot;"] * 2
    assert '<td colspan="4" role="cell">rien' in made
    assert '<th scope="row" role="rowheader">Nord' in made
    assert made.count('role="columnheader"') == 3
    assert 'role="table"' in made and made.count('role="row"') == 3


def test_a_table_without_headings_keeps_its_cells() -> None:
    made = with_headings("<table><tbody><tr><th>Personnes</th><td>4</td></tr></tbody></table>")
    assert "data-label" not in made
    assert "<td" in made


def test_words_that_look_like_a_cell_stay_words() -> None:
    made = with_headings(
        "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>&lt;td&gt;</td></tr></tbody></table>"
    )
    assert made.count("data-label") == 1
    assert "&lt;td&gt;" in made


@pytest.mark.browser
def test_on_a_phone_nothing_of_a_table_is_cut(browser: Browser, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.outreach.component_gallery"
    for name in ("coordination", "auditing"):
        with open_page(browser, "phone") as page:
            component_gallery.put(page, shown(name))
            assert page.locator(".scroll td").count() > 4
            cut = page.evaluate(
                """() => [...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth)
                  .map((one) => one.getAttribute('aria-label'))"""
            )
            assert cut == []
            beside = page.evaluate(
                """() => [...document.querySelectorAll('.scroll td[data-label]')]
                  .filter((one) => !getComputedStyle(one, '::before').content.includes(one.dataset.label))"""
            )
            assert beside == []
            assert page.get_by_role("columnheader").count() > 0
            assert page.get_by_role("row").count() > 2
            assert_accessible(page)
            screenshot(page, f"cards-{name}")
        with open_page(browser, "laptop") as page:
            component_gallery.put(page, shown(name))
            assert page.locator("thead").first.is_visible()
