// A tap of a gloved finger often comes twice. Where the first one brought something else under the finger (an answer in the place
// of the page, a part that unfolds), the second one is not meant for it and does nothing. Keyboards and screen readers are not asked.

/** Milliseconds and pixels within which a second tap is the first one's bounce. */
const BOUNCES_FOR = 700;
const NEAR = 24;

/** @type {{ control: Element | null, x: number, y: number, at: number }} */
let before = { control: null, x: 0, y: 0, at: -BOUNCES_FOR };

document.addEventListener(
  "click",
  (event) => {
    if (event.detail === 0 || !(event.target instanceof Element)) return; // no finger
    if (event.target.closest("[data-sending]")) return; // the box of what waits: its words change while one presses
    const control = event.target.closest("a, button, label, summary, input, select, textarea");
    const near = Math.hypot(event.pageX - before.x, event.pageY - before.y) < NEAR;
    const bounced = near && event.timeStamp - before.at < BOUNCES_FOR && before.control && control !== before.control;
    if (bounced && control && !control.contains(before.control) && !before.control?.contains(control)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    before = { control, x: event.pageX, y: event.pageY, at: event.timeStamp };
  },
  { capture: true },
);
