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
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.browser import expect_complaint, open_page
from tests.factories import Tenant
from tests.outreach.field.tapping import settled, twice
from tests.outreach.members.test_pages import sign_in

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def nadia(lanterne: Tenant, live: str, browser: Browser) -> Iterator[tuple[Page, Any]]:
    """A lead on an open round, and how to come to its pages."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
    with open_page(browser, "phone") as page:
        sign_in(page, live, lanterne.people["nadia"])
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
def test_every_sentence_finds_room(lanterne: Tenant, live: str, browser: Browser, language: str) -> None:
    """On the narrowest phone, in both languages: the room of what is said is as tall with any sentence as with none."""
    with tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne)
    with open_page(browser, "phone", viewport={"width": 360, "height": 740}) as page:
        sign_in(page, live, lanterne.people["nadia"])
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


def note_three(page: Page, url: Any) -> None:
    for _ in range(3):
        page.goto(url("rencontre/"))
        page.locator('input[name="zone"][value="yes"]').check(force=True)
        with page.expect_navigation():
            page.locator("button.primary").tap()


def test_a_line_erased_leaves_the_others_where_they_are(nadia: tuple[Page, Any]) -> None:
    """The list used to close up: the second tap at one spot erased another encounter."""
    page, url = nadia
    note_three(page, url)
    page.goto(url("compter/"))
    page.get_by_role("button", name="5 personnes").tap()
    expect(page.locator("#running strong").first).to_have_text("8")
    stayed, moved = twice(page, url(), unfolded=True)
    assert moved == []
    assert stayed >= 4  # three lines to erase, one count to take back
    page.goto(url())
    expect(page.locator("#drafts").get_by_text("effacée")).to_have_count(3)


YES = "() => document.querySelector('[name=zone][value=yes]').click()"
PAGES = {
    "tonight": ("/maraude/cette-nuit/?toutes", "", 1),
    "encounter": ("rencontre/", "", 11),
    "encounter, yes": ("rencontre/", YES, 20),
    "close": ("clore/", "", 1),
    "agenda": ("/coordination/agenda/", "", 6),
}
"""Where, what is chosen there first, and how many controls at least leave one on the page."""


@pytest.mark.parametrize("unfolded", [False, True])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_on_the_other_pages(
    nadia: tuple[Page, Any], live: str, name: str, unfolded: bool
) -> None:
    page, url = nadia
    expect_complaint(page, "422")
    path, first, least = PAGES[name]
    where = f"{live}{path}" if path.startswith("/") else url(path)
    stayed, moved = twice(page, where, unfolded=unfolded, first=first)
    assert moved == []
    assert stayed >= least


@pytest.mark.parametrize("later", [False, True])
def test_what_came_under_the_finger_is_not_pressed_by_its_bounce(
    nadia: tuple[Page, Any], later: bool
) -> None:
    """A note in doubt takes the page's place: there the second tap of a glove found another button."""
    page, url = nadia
    expect_complaint(page, "422")
    page.clock.install()
    page.goto(url("clore/"))
    page.locator("textarea").fill("Voir Karim au 12 rue des Lilas, 06 12 34 56 78")
    page.locator("main button.primary").tap()
    kept = page.locator("main button[name=kept]")
    expect(kept).to_be_visible()
    box = kept.bounding_box()
    assert box is not None
    spot = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(
        """([x, y]) => {
          const cover = document.createElement('button');
          cover.style.cssText = `position:fixed;left:${x - 20}px;top:${y - 20}px;width:40px;height:40px;z-index:9`;
          cover.type = 'button';
          cover.onclick = () => cover.remove();
          document.body.append(cover);
        }""",
        spot,
    )
    page.touchscreen.tap(*spot)  # what stood there until this tap
    if later:
        page.clock.fast_forward(800)
    page.touchscreen.tap(*spot)
    if later:
        page.wait_for_url("**/recu/")
    else:
        settled(page)
        assert page.url == url("clore/")


def test_a_double_tap_on_erase_erases_one(nadia: tuple[Page, Any]) -> None:
    page, url = nadia
    note_three(page, url)
    button = page.get_by_role("button", name="Effacer la rencontre 3")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    for _ in range(2):
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        settled(page)
    with databases.as_owner():
        assert Draft.objects.count() == 2
