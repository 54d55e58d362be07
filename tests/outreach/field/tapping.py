"""Tapping each control of a page twice at one spot, and where every box was before and after."""

from playwright.sync_api import Page, expect

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
OPEN_DETAILS = "() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })"


def boxes(page: Page) -> dict[str, list[int]]:
    found: dict[str, list[int]] = page.evaluate(BOXES)
    return found


def settled(page: Page) -> None:
    page.wait_for_load_state()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def twice(page: Page, url: str, *, unfolded: bool, first: str = "") -> tuple[int, list[str]]:
    """Tap each control of a page twice at one spot; how many stayed on the page, and what moved.

    first: a script that chooses something before. What a choice unfolds may move what comes after it, and nothing above.
    """

    def there() -> None:
        page.goto(url)
        if first:
            page.evaluate(first)
        if unfolded:
            page.evaluate(OPEN_DETAILS)

    there()
    stayed, moved = 0, []
    # Backwards: a line that is erased leaves those above it their number.
    for number in reversed(range(page.locator(CONTROLS).count())):
        control = page.locator(CONTROLS).nth(number)
        collapses = control.evaluate("one => one.matches('summary')")
        if not control.is_visible() or control.is_disabled() or (collapses and unfolded):
            continue
        label = control.locator("xpath=ancestor-or-self::label")
        control = label if label.count() else control
        control.scroll_into_view_if_needed()
        place = control.bounding_box()
        assert place is not None
        spot = [place["x"] + place["width"] / 2, place["y"] + place["height"] / 2]
        name = page.evaluate(TAPPED, spot)
        before, top = boxes(page), place["y"] + page.evaluate("scrollY")
        chooses = control.evaluate("one => one.matches('.encounter-form label:has([name=zone])')")
        page.evaluate("() => { document.querySelector('.page').dataset.seen = '1'; }")
        for tap in ("once", "twice"):
            page.touchscreen.tap(*spot)
            settled(page)
            if page.url != url or not page.locator(".page[data-seen]").count():
                break  # another page, or an answer that took this one's place (bounce.js)
            if collapses and tap == "once":
                assert page.evaluate(TAPPED, spot) == name
                continue
            after = boxes(page)
            moved += [
                f"{name} {tap}: {key} {box} -> {after[key]}"
                for key, box in before.items()
                if after.get(key, box) != box and not (chooses and box[1] > top)
            ]
            before = {key: box for key, box in before.items() if key in after}
        if page.url == url and page.locator(".page[data-seen]").count():
            stayed += 1
        else:
            there()
    return stayed, moved
