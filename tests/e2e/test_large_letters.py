"""Every page, for every role, with letters of twice the size on a phone, and on the narrowest phone: nothing scrolls sideways."""

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.browser import open_page
from tests.e2e import places
from tests.e2e.processes import Processes
from tests.factories import Tenant

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]

PHONES = ((390, "200%"), (320, "100%"))
"""Pixels of a phone's width, and the size of its letters."""

WIDER = """(size) => {
  document.documentElement.style.fontSize = size;
  document.querySelectorAll('main details').forEach((one) => { one.open = true; });
  const shown = document.scrollingElement;
  if (shown.scrollWidth <= shown.clientWidth) return '';
  const out = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > shown.clientWidth + 1);
  return `${shown.scrollWidth} px: ${out.slice(-3).map((one) => one.outerHTML.slice(0, 90)).join(' | ')}`;
}"""

CUT = """() => [...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.getAttribute('aria-label'))"""
"""Tables that hide a part of themselves at the side."""


def look(tab: Tab, page: places.Page) -> list[str]:
    """What is wrong with the open page on each of the phones."""
    wrong = []
    for width, size in PHONES:
        tab.set_viewport_size({"width": width, "height": 844})
        where = f"{page.path} as {page.who}, {width} px at {size}"
        wide = tab.evaluate(WIDER, size)
        wrong += [f"{where}: {wide}"] if wide else []
        wrong += [f"{where}: table {name} is cut" for name in tab.evaluate(CUT)]
    return wrong


def test_no_page_of_any_role_scrolls_sideways(
    lanterne: Tenant, processes: Processes, browser: Browser
) -> None:
    ids = places.filled(lanterne)
    paths = places.addresses(ids)
    seen: set[str] = set()
    wrong: list[str] = []
    looked = 0
    with processes.web() as address:
        for who, client in places.browsers(lanterne).items():
            with open_page(browser, "phone") as tab:
                tab._complaints.expected.append("Failed to load resource")  # type: ignore[attr-defined]
                places.carry_over(client, tab.context, address)
                for page in places.pages(client, who, paths, seen):
                    tab.goto(f"{address}{page.path}")
                    wrong += look(tab, page)
                    looked += 1
    assert looked > 60
    assert wrong == [], "\n".join(wrong)
