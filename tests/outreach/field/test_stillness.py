"""Nothing moves under a finger: every control of the phone's pages is tapped twice at one spot, in a real browser.

A page that a tap leads back to has all its controls where they were; only what the tap itself unfolds moves what follows.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from playwright.sync_api import Browser, Page, expect

from outreach.field.counting import Counter
from outreach.records.models import Draft
from privacy.db.scope import working
from tests import cast, databases
from tests.browser import expect_complaint, open_page
from tests.cast import House
from tests.outreach.members.test_pages import sign_in

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]

BOXES = """() => {
  const boxes = {};
  const seen = {};
  const kinds = 'main a[href], main button, main input, main select, main textarea, main summary';
  for (const one of document.querySelectorAll(kinds)) {
    if (one.type === 'hidden' || !one.checkVisibility({visibilityProperty: true})) continue;
    const shown = one.closest('label') ?? one;
    const name = one.name === 'draft' ? one.getAttribute('aria-label') : `${one.name ?? ''}=${one.value ?? ''}`;
    let key = `${one.tagName} ${one.type ?? ''} ${one.tagName === 'INPUT' && one.type !== 'radio' && one.type !== 'checkbox'
      ? one.id : name} ${one.getAttribute('href') ?? ''} ${one.tagName === 'INPUT' ? '' : one.innerText.trim()}`;
    seen[key] = (seen[key] ?? 0) + 1;
    key = `${key} ${seen[key]}`;
    const box = shown.getBoundingClientRect();
    boxes[key] = [box.x, box.y + scrollY, box.width, box.height].map(Math.round);
  }
  return boxes;
}"""

TAPPED = """([x, y]) => {
  const one = document.elementFromPoint(x, y)?.closest('a, button, label, summary, input, textarea, select');
  return one ? (one.getAttribute('aria-label') ?? one.innerText ?? one.id).trim() : '';
}"""
CONTROLS = (
    'main a[href]:not([href^="tel:"]), main button, main input:not([type=hidden]), main select, main textarea, '
    "main summary"
)
UNFOLD = "() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })"


def boxes(page: Page) -> dict[str, list[int]]:
    found: dict[str, list[int]] = page.evaluate(BOXES)
    return found


def settled(page: Page) -> None:
    page.wait_for_load_state()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def twice(page: Page, url: str, *, unfolded: bool) -> tuple[int, list[str]]:
    """Tap each control of a page twice at one spot; how many stayed on the page, and what moved."""

    def there() -> None:
        page.goto(url)
        if unfolded:
            page.evaluate(UNFOLD)

    there()
    stayed, moved = 0, []
    # Backwards: a line that is erased leaves those above it their number.
    for number in reversed(range(page.locator(CONTROLS).count())):
        control = page.locator(CONTROLS).nth(number)
        folds = control.evaluate("one => one.matches('summary')")
        if not control.is_visible() or control.is_disabled() or (folds and unfolded):
            continue
        label = control.locator("xpath=ancestor-or-self::label")
        control = label if label.count() else control
        control.scroll_into_view_if_needed()
        place = control.bounding_box()
        assert place is not None
        spot = [place["x"] + place["width"] / 2, place["y"] + place["height"] / 2]
        name = page.evaluate(TAPPED, spot)
        before = boxes(page)
        for tap in ("once", "twice"):
            page.touchscreen.tap(*spot)
            settled(page)
            if page.url != url:
                break
            if folds and tap == "once":
                assert page.evaluate(TAPPED, spot) == name
                continue
            after = boxes(page)
            moved += [
                f"{name} {tap}: {key} {box} -> {after[key]}"
                for key, box in before.items()
                if after.get(key, box) != box
            ]
            before = {key: box for key, box in before.items() if key in after}
        if page.url == url:
            stayed += 1
        else:
            there()
    return stayed, moved


@pytest.fixture
def nadia(home: House, live: str, browser: Browser) -> Iterator[tuple[Page, Any]]:
    """A lead on an open round, and how to come to its pages."""
    with working(home.scope("north")):
        round_ = cast.open_round(home)
    with open_page(browser, "phone") as page:
        sign_in(page, live, home.people["nadia"])
        page.wait_for_url("**/tournee/*/")
        yield page, lambda name="": f"{live}/maraude/tournee/{round_.id}/{name}"


def test_a_key_tapped_twice_at_one_spot_counts_the_same_twice(nadia: tuple[Page, Any]) -> None:
    """The message used to push the keys down by 64 to 88 px: the second tap counted another number."""
    page, url = nadia
    page.clock.install()
    page.goto(url("compter/"))
    box = page.get_by_role("button", name="5 personnes").bounding_box()
    assert box is not None
    for number in (5, 10):
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        settled(page)
        expect(page.locator("#running strong").first).to_have_text(str(number))
        page.clock.fast_forward(800)  # sooner it would be a glove that bounced


@pytest.mark.parametrize("unfolded", [False, True])
def test_nothing_moves_on_the_counting_page(nadia: tuple[Page, Any], unfolded: bool) -> None:
    page, url = nadia
    expect_complaint(page, "422")
    stayed, moved = twice(page, url("compter/"), unfolded=unfolded)
    assert moved == []
    assert stayed > (50 if unfolded else 12)


SAYS = [
    "counted",
    "group",
    "given",
    "nothing-given",
    "called",
    "refusal",
    "full",
    "undone",
    "nothing-to-undo",
    "already",
    "noted",
    "already-counted",
    "replaced",
    "erased",
    "not-erased",
    "erased-before",
    "refused",
    "reopened",
]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_finds_room(home: House, live: str, browser: Browser, language: str) -> None:
    """On the narrowest phone, in both languages: the room of what is said is as tall with any sentence as with none."""
    with working(home.scope("north")):
        cast.open_round(home)
    with open_page(browser, "phone", viewport={"width": 360, "height": 740}) as page:
        sign_in(page, live, home.people["nadia"])
        page.wait_for_url("**/tournee/*/")
        high = {}
        with override(language):
            for say in ("", *SAYS):
                counter = Counter(uuid4(), say=say, number=1000)
                said = render_to_string("outreach/field/_said.html", {"counter": counter})
                high[say] = page.locator("#said").evaluate(
                    "(one, said) => { one.innerHTML = said; return one.offsetHeight; }", said
                )
        assert {say: px for say, px in high.items() if px != high[""]} == {}


def test_a_line_erased_leaves_the_others_where_they_are(nadia: tuple[Page, Any]) -> None:
    """The list used to close up: the second tap at one spot erased another encounter."""
    page, url = nadia
    for _ in range(3):
        page.goto(url("rencontre/"))
        page.locator('input[name="zone"][value="yes"]').check(force=True)
        with page.expect_navigation():
            page.locator("button.primary").tap()
    page.goto(url("compter/"))
    page.get_by_role("button", name="5 personnes").tap()
    expect(page.locator("#running strong").first).to_have_text("8")
    stayed, moved = twice(page, url(), unfolded=True)
    assert moved == []
    assert stayed >= 4  # three lines to erase, one count to take back
    page.goto(url())
    expect(page.locator("#drafts").get_by_text("effacée")).to_have_count(3)


def test_a_double_tap_on_erase_erases_one(nadia: tuple[Page, Any]) -> None:
    page, url = nadia
    for _ in range(3):
        page.goto(url("rencontre/"))
        page.locator('input[name="zone"][value="yes"]').check(force=True)
        with page.expect_navigation():
            page.locator("button.primary").tap()
    button = page.get_by_role("button", name="Effacer la rencontre 3")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    for _ in range(2):
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        settled(page)
    with databases.as_owner():
        assert Draft.objects.count() == 2
