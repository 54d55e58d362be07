"""A real Chromium for tests: two screens, no console error, no foreign request, axe, and a walk by keyboard.

Rule of the module: a page that complains in the console or asks another host for anything fails its test, whatever
else was asserted. The real content security policy stays in force; axe is brought in from outside the page.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = ROOT / "var" / "screenshots"
CHROMIUM = os.environ.get("MARAUDES_TEST_BROWSER", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "laptop": {"viewport": {"width": 1440, "height": 900}},
}
HOME = frozenset({"127.0.0.1", "localhost", "maraudes.test"})
expect.set_options(timeout=30_000)  # as long as everything else is waited for: a machine can be slow
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Complaints:
    """What a page said against itself while a test drove it; `expected` texts are taken out by the test."""

    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def hear(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.hostname not in HOME:
            self.found.append(f"third party: {parts.hostname}")

    def forget_inline_styles(self, since: int) -> None:
        """axe itself tries an inline style on the page; the policy refuses it, which is the tool's noise, not ours."""
        self.found[since:] = [line for line in self.found[since:] if "Applying inline style" not in line]

    def unexpected(self) -> list[str]:
        return [line for line in self.found if not any(text in line for text in self.expected)]


@contextmanager
def open_page(
    browser: Browser, screen: str, *, scheme: str = "light", locale: str = "fr-FR", **options: Any
) -> Iterator[Page]:
    """A fresh context (no cookie of another test) on `screen`; fails at its end if the page complained.

    An answer such as 403 shows in the console: announce it with `expect_complaint(page, "403")`.
    """
    settings = {
        **SCREENS[screen],
        "color_scheme": scheme,
        "locale": locale,
        "reduced_motion": "reduce",
        **options,
    }
    context = browser.new_context(**settings)
    page = context.new_page()
    complaints = Complaints()
    complaints.hear(page)
    page._complaints = complaints  # type: ignore[attr-defined]
    try:
        yield page
    finally:
        context.close()
    assert not complaints.unexpected(), complaints.unexpected()


def expect_complaint(page: Page, text: str) -> None:
    """From here on a console error that contains `text` does not fail the test."""
    page._complaints.expected.append(text)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page of 390 × 844, touch."""
    with open_page(browser, "phone") as page:
        yield page


@pytest.fixture
def laptop(browser: Browser) -> Iterator[Page]:
    """A page of 1440 × 900, light."""
    with open_page(browser, "laptop") as page:
        yield page


_LIE_FLAT = """() => document.querySelectorAll('body *').forEach((one) => {
  if (getComputedStyle(one).position === 'sticky') { one.style.position = 'static'; one.dataset.flat = ''; }
})"""
_STICK_AGAIN = """() => document.querySelectorAll('[data-flat]').forEach((one) => {
  one.style.position = ''; delete one.dataset.flat;
})"""


def violations(page: Page) -> list[str]:
    """What axe finds: rule, how many places, the first of them.

    Bars that stick to the screen lie flat meanwhile: axe measures one scroll position and takes what such a bar
    covers there for too small. That nothing is covered when it matters, `keyboard_walk` asserts.
    """
    complaints: Complaints = page._complaints  # type: ignore[attr-defined]
    so_far = len(complaints.found)
    page.wait_for_load_state()  # a click returns when the next page begins, not when it is there
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
    page.evaluate(_LIE_FLAT)
    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
    run = f"axe.run(document, {json.dumps(options)})"
    try:
        result = page.evaluate(run)
    except Error:  # now and then axe, brought in before the page, holds the empty page that stood there first
        page.wait_for_load_state()
        page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
        result = page.evaluate(run)
    page.evaluate("new Promise((done) => setTimeout(done, 50))")  # lets late console lines arrive
    page.evaluate(_STICK_AGAIN)
    complaints.forget_inline_styles(so_far)
    return [
        f"{rule['id']} ×{len(rule['nodes'])}: {rule['nodes'][0]['html'][:160]} — {rule['nodes'][0]['failureSummary'][:240]}"
        for rule in result["violations"]
    ]


def assert_accessible(page: Page) -> None:
    """0 violations of WCAG 2.2 A/AA and of axe's best practices, and no sideways scrolling."""
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide} px wider than its screen"


# Everything one should be able to reach with Tab; a group of radio buttons is one stop.
_STOPS = """() => {
  const seen = new Set();
  const kinds = 'a[href], button, input, select, textarea, summary, iframe, [tabindex], [contenteditable=true]';
  let number = 0;
  for (const one of document.querySelectorAll(kinds)) {
    if (one.tabIndex < 0 || one.disabled || one.type === 'hidden' || !one.checkVisibility({visibilityProperty: true})) continue;
    if (one.type === 'radio') {
      const group = (one.form ? [...document.forms].indexOf(one.form) : '') + '/' + one.name;
      if (seen.has(group)) continue;
      seen.add(group);
    }
    number += 1;
  }
  return number;
}"""

# Focusing the body moves the place from which Tab counts; a blur alone would leave it where it was.
_TO_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  window.scrollTo(0, 0);
}"""

_HERE = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const shown = (el) => {
    const style = getComputedStyle(el);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  };
  const frame = one.closest('label') ?? one;
  const box = frame.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, innerHeight / 2), 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const labels = [...(one.labels ?? [])].map((label) => label.innerText).join(' ');
  const words = one.getAttribute('aria-label') || one.innerText || labels;
  return {
    name: words.trim().replace(/\\s+/g, ' ').slice(0, 80) || one.outerHTML.slice(0, 80),
    ring: shown(one) || shown(frame),
    covered: !(top && (frame.contains(top) || top.contains(frame))),
    key: (one.dataset.walk ??= String(Math.random())),
  };
}"""


def keyboard_walk(page: Page, most: int = 400) -> list[str]:
    """Presses Tab through the whole page; the names of the stops in order.

    Fails when something that can be focused is never reached, shows no focus ring of at least 2 px, or is hidden
    behind something else while it has the focus.
    """
    page.evaluate(_TO_THE_TOP)
    expected = page.evaluate(_STOPS)
    names: list[str] = []
    keys: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(_HERE)
        if here is not None and keys and here["key"] == keys[-1]:
            continue  # the parts of a date field are several stops of one element
        if here is None or here["key"] in keys:
            break
        assert here["ring"], f"no visible focus on “{here['name']}”"
        assert not here["covered"], f"“{here['name']}” is covered while it has the focus"
        keys.append(here["key"])
        names.append(here["name"])
    assert len(names) >= expected, (
        f"{expected} places to reach by keyboard, only {len(names)} reached: {names}"
    )
    return names


def screenshot(page: Page, name: str) -> Path:
    """The whole page as var/screenshots/<name>.png, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(
        path=str(path), full_page=True, caret="initial"
    )  # hiding the caret would need an inline style
    return path
