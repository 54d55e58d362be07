"""Every page, for every role, on a phone and on a laptop, in both lights: no violation that axe finds, and the keyboard alone."""

import time
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests import factories
from tests.browser import AXE, SCREENS, keyboard_walk, open_page, violations
from tests.e2e import places, steps
from tests.e2e.processes import Processes
from tests.factories import Tenant

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]


def wrong_password(tab: Tab, address: str, _ids: dict[str, str]) -> None:
    tab.goto(f"{address}/compte/login/")
    tab.locator("input[name=login]").fill("omar@lanterne.invalid")
    tab.locator("input[name=password]").fill("ce n’est pas lui")
    tab.get_by_role("button", name="Se connecter").click()


def plan_without_a_sector(tab: Tab, address: str, _ids: dict[str, str]) -> None:
    tab.goto(f"{address}/maraude/cette-nuit/?toutes=1")
    tab.locator("details.plan").evaluate("one => { one.open = true }")
    for box in tab.locator("input[name=sectors]:checked").all():
        box.uncheck(force=True)
    tab.get_by_role("button", name="Prévoir seulement").click()


def a_name_in_a_note(tab: Tab, address: str, ids: dict[str, str]) -> None:
    """The page that asks whether to keep a name and a number; the note comes back as it was typed."""
    tab.goto(f"{address}/maraude/tournee/{ids['open']}/rencontre/")
    steps.answer(tab, "Oui")
    tab.locator("button[name=wider]").click()
    tab.locator("input[name=wide]").wait_for(state="attached")  # the answer takes the place of the open page
    steps.choose(tab, factories.CELL)
    tab.locator("textarea[name=note]").evaluate("one => { one.closest('details').open = true }")
    tab.locator("textarea[name=note]").fill("Appeler Mohamed au 06 12 34 56 78")
    tab.get_by_role("button", name="Enregistrer la rencontre").click()
    tab.locator(".note-warning").wait_for()


def second_factor_to_set_up(tab: Tab, address: str, _ids: dict[str, str]) -> None:
    tab.goto(f"{address}/compte/second-facteur/totp/activate/")
    if "reauthenticate" in tab.url:
        tab.locator("input[name=password]").fill(factories.PASSWORD)
        tab.locator("main button.primary").click()
    tab.locator("input[name=code]").wait_for()


def receipt(tab: Tab, address: str, ids: dict[str, str]) -> None:
    """Counts first, so that the phone has something to send."""
    tab.goto(f"{address}/maraude/tournee/{ids['open']}/compter/")
    if tab.locator("button[name=people]").count():
        with tab.expect_response(lambda answer: answer.request.method == "POST"):
            tab.locator("button[name=people]").first.click()
    steps.close(tab, address, UUID(ids["open"]))


def leaving(tab: Tab, address: str, _ids: dict[str, str]) -> None:
    """Asked for, it is a page with a button; nobody is signed out by a link."""
    tab.goto(f"{address}/compte/logout/")
    tab.locator("main button.primary").wait_for()


ANSWERS: tuple[tuple[str, Callable[[Tab, str, dict[str, str]], None]], ...] = (
    (places.STRANGER, wrong_password),
    ("nadia", plan_without_a_sector),
    ("omar", a_name_in_a_note),
    ("omar", second_factor_to_set_up),
    ("nadia", receipt),
    ("nadia", leaving),
)
"""Pages that only a form leads to: its refusal, or what comes after it."""


COLOURS = """async () => {
  const found = await axe.run(document, {runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations']});
  return found.violations.map((rule) => rule.id + ' ' + rule.nodes[0].html.slice(0, 160));
}"""
"""The rules of axe that depend on colours."""


def look(tab: Tab, name: str) -> list[str]:
    """What is wrong with the page that `tab` shows; the second light changes colours, so only those are looked at again."""
    tab.emulate_media(color_scheme="light")
    wrong = [f"{name}: {line}" for line in violations(tab)]
    if not tab.evaluate("document.documentElement.dataset.theme"):  # the field is dark by day too
        tab.emulate_media(color_scheme="dark")
        wrong += [f"{name}, dark: {line}" for line in tab.evaluate(COLOURS)]
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        wrong.append(f"{name}: {wide} px wider than its screen")
    try:
        keyboard_walk(tab)
    except AssertionError as error:
        wrong.append(f"{name}, keyboard: {str(error).splitlines()[0]}")
    return wrong


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_of_every_role(
    lanterne: Tenant, processes: Processes, browser: Browser, screen: str
) -> None:
    ids = places.filled(lanterne)
    people = places.browsers(lanterne)
    paths = places.addresses(ids)
    seen: set[str] = set()
    wrong: list[str] = []
    looked: list[places.Page] = []
    started = time.monotonic()
    with processes.web() as address:
        for who, client in people.items():
            with open_page(browser, screen) as tab:
                tab.context.add_init_script(path=AXE)  # else each page would be sent half a megabyte
                tab._complaints.expected.append("Failed to load resource")  # type: ignore[attr-defined]
                places.carry_over(client, tab.context, address)
                found = places.pages(client, who, paths, seen)
                looked += found
                for page in found:
                    tab.goto(f"{address}{page.path}")
                    wrong += look(tab, f"{page.path} ({page.status}) as {who} on a {screen}")
                for answer in (answer for person, answer in ANSWERS if person == who):
                    answer(tab, address, ids)
                    wrong += look(tab, f"{answer.__name__} as {who} on a {screen}")
    by_status = {
        status: sum(page.status == status for page in looked) for status in sorted({p.status for p in looked})
    }
    print(
        f"\n{len(paths)} addresses × {len(people)} people: {len(looked)} different pages by status {by_status},"
        f" and {len(ANSWERS)} pages after a form, each on a {screen} in two lights:"
        f" {len(wrong)} violations, {time.monotonic() - started:.0f} s"
    )
    print("\n".join(f"  {page.who:8} {page.status} {page.path}" for page in looked))
    assert wrong == [], "\n".join(wrong)
