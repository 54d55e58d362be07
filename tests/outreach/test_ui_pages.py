"""Every kind of page in a real browser: axe, keyboard, both lights, large targets, no script, paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import browser as screens
from tests.browser import assert_accessible, keyboard_walk, open_page, screenshot
from tests.outreach import component_gallery
from tests.outreach.component_gallery_pages import NAMES, shown

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def service(settings: Any) -> None:
    """Every address the navigation knows, and the banner of the demonstration."""
    settings.ROOT_URLCONF = "tests.outreach.component_gallery"
    settings.DEMO = True


ON_A_LAPTOP_TOO = ("coordination", "auditing", "field-wrong", "login", "second-factor", "404")


@pytest.mark.parametrize(
    ("name", "screen"), [(n, "phone") for n in NAMES] + [(n, "laptop") for n in ON_A_LAPTOP_TOO]
)
def test_every_kind_of_page_is_accessible(browser: Browser, name: str, screen: str) -> None:
    """Axe finds nothing, nothing scrolls sideways, all is reached by keyboard — in both lights where there are two."""
    page_shown = shown(name)
    for scheme in ("light", "dark") if name in {"coordination", "auditing"} else ("light",):
        with open_page(browser, screen, scheme=scheme) as page:
            component_gallery.put(page, page_shown)
            screenshot(page, f"gallery-{name}-{screen}-{scheme}")
            assert_accessible(page)
            assert keyboard_walk(page)[0]


@pytest.mark.parametrize("name", NAMES)
def test_letters_of_twice_the_size_do_not_widen_the_page(browser: Browser, name: str) -> None:
    with open_page(browser, "phone") as page:
        component_gallery.put(page, shown(name))
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        screenshot(page, f"gallery-{name}-twice")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} px wider than its screen"


@pytest.mark.parametrize("name", ["field-home", "auditing", "login"])
def test_english_pages_fit_their_screen_too(browser: Browser, name: str) -> None:
    with open_page(browser, "phone", locale="en-GB") as page:
        component_gallery.put(page, shown(name, "en"))
        assert page.locator("html").get_attribute("lang") == "en"
        assert_accessible(page)


@pytest.mark.parametrize("name", ["field-home", "auditing", "login"])
def test_the_field_and_sign_in_are_dark_whatever_the_system_says(browser: Browser, name: str) -> None:
    with open_page(browser, "phone", scheme="light") as page:
        component_gallery.put(page, shown(name))
        ground = page.evaluate(
            "getComputedStyle(document.documentElement).getPropertyValue('--ground').trim()"
        )
    assert ground == ("#f5f6f4" if name == "auditing" else "#0f1418")


def test_targets_of_the_field_are_large_enough_for_a_glove(browser: Browser) -> None:
    """48 px for what one presses on a field page (a tile counts as a whole); links inside a sentence are exempt."""
    for name in ("field-home", "field-form"):
        with open_page(browser, "phone") as page:
            component_gallery.put(page, shown(name))
            small = page.evaluate(
                """() => [...document.querySelectorAll(`main button, main .button, main .tile, main input[type=number],
                      main textarea, .bar a, .foot a, .foot button`)]
                  .filter((one) => one.checkVisibility())
                  .map((one) => [one.innerText || one.name, one.getBoundingClientRect()])
                  .filter(([, box]) => box.height < 47.5 || box.width < 47.5)
                  .map(([name, box]) => `${name}: ${box.width} × ${box.height}`)"""
            )
            assert small == []
            assert page.locator("main button, main .button, main .tile, .bar a").count() >= 5


def test_steps_count_and_keep_not_known_apart_from_zero(phone: Page) -> None:
    component_gallery.put(phone, shown("field-form"))
    phone.get_by_role("button", name="Un de plus : Personnes").click()
    phone.get_by_role("button", name="Un de plus : Personnes").click()
    assert phone.locator("#id_people").input_value() == "2"
    phone.get_by_role("button", name="Un de moins : Personnes").click()
    phone.get_by_role("button", name="Un de moins : Personnes").click()
    assert phone.locator("#id_people").input_value() == "1", "a required count stops at its smallest"
    less = phone.get_by_role("button", name="Un de moins : dont mineurs")
    less.click()
    assert phone.locator("#id_minors").input_value() == "0"
    less.click()
    assert phone.locator("#id_minors").input_value() == "", "one less than nobody is: I do not know"
    assert phone.locator(".stepper [role=status]").nth(1).inner_text() == "pas de réponse"


def test_forms_work_without_scripts(browser: Browser) -> None:
    with open_page(browser, "phone", java_script_enabled=False) as page:
        component_gallery.put(page, shown("field-form"))
        assert page.locator(".stepper button:visible").count() == 0
        page.locator("#id_people").fill("3")
        page.locator("label.tile", has_text="Oui").click()
        assert page.locator("#id_zone_1").is_checked()


def test_an_error_summary_has_the_focus_and_leads_to_the_answer(phone: Page) -> None:
    component_gallery.put(phone, shown("field-wrong"))
    assert phone.evaluate("document.activeElement.className") == "error-summary"
    links = phone.locator(".error-summary a")
    assert links.count() == 2
    links.nth(1).click()
    assert phone.evaluate("document.activeElement.id") == "id_zone_0"


def test_printed_pages_hold_no_navigation(laptop: Page) -> None:
    component_gallery.put(laptop, shown("auditing"))
    assert laptop.locator("nav:visible").count() > 0
    laptop.emulate_media(media="print")
    assert laptop.locator("nav:visible, button:visible, .demo:visible").count() == 0
    assert laptop.get_by_text("détruisez-le après usage").is_visible()
    assert laptop.locator("table:visible").count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_paper_has_the_day_and_no_form(browser: Browser, name: str) -> None:
    with open_page(browser, "laptop") as page:
        component_gallery.put(page, shown(name))
        page.emulate_media(media="print")
        screenshot(page, f"gallery-{name}-print")
        assert page.locator("form:visible, input:visible, select:visible, textarea:visible").count() == 0
        assert page.locator("h1").is_visible()
        printed = page.locator(".printed").inner_text()
        # The page of a fault is made without asking for anything, not even the day.
        assert name == "500" or re.match(r"Page du \d+(er)? \w+ \d{4}\.", printed)


def test_the_browser_helper_notices_what_it_is_there_for(browser: Browser) -> None:
    """Presence first: a foreign request, a console error, an unreachable button and a missing label are found."""
    bad = component_gallery.Shown(
        "<img src='https://elsewhere.test/p.png'><button tabindex=0>x</button><input>", "default-src *"
    )
    with (
        pytest.raises(AssertionError, match=r"third party: elsewhere\.test"),
        open_page(browser, "phone") as page,
    ):
        component_gallery.put(page, bad)
    with pytest.raises(AssertionError, match="console: boom"), open_page(browser, "phone") as page:
        page.evaluate("console.error('boom')")
    with open_page(browser, "laptop") as page:
        component_gallery.put(
            page,
            component_gallery.Shown(
                "<style>button{outline:none!important}</style><button>x</button><input>", ""
            ),
        )
        assert any(line.startswith("label") for line in screens.violations(page))
        with pytest.raises(AssertionError, match="no visible focus"):
            keyboard_walk(page)
