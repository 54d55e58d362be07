// Asks before a page is left with something typed that was not sent: a reload, a link beside the button, the phone's Back.
// The browser asks, in its own words. Nothing is stored; without this file a page is left as ever.
// Numbers that were refused after others were typed over them are shown in the box of send.js: their form cannot any more.

/** @type {WeakSet<HTMLFormElement>} Forms that came back to be corrected: what they hold is not sent yet. */
const returned = new WeakSet();

/** @type {WeakSet<HTMLFormElement>} Forms that were sent as they stand. */
const sent = new WeakSet();

let left = false;

/**
 * Whether a field holds something else than when the page came.
 * @param {Element} field
 */
function touched(field) {
  if (field instanceof HTMLInputElement) {
    if (field.type === "hidden") return false;
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  }
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLSelectElement) || field.multiple) return false;
  const first = [...field.options].find((one) => one.defaultSelected) ?? field.options[0];
  return field.selectedOptions[0] !== first;
}

/** Forms whose answers wait in the page. */
function unsaved() {
  const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll("main form[method=post]")]);
  return forms.filter((form) => !sent.has(form) && (returned.has(form) || [...form.elements].some(touched)));
}

/** @param {Event} event */
function changed(event) {
  if (event.target instanceof HTMLElement) {
    const form = event.target.closest("form");
    if (form) sent.delete(form);
  }
}

document.addEventListener("input", changed);
document.addEventListener("change", changed);

document.addEventListener("form-sent", (event) => {
  if (event.target instanceof HTMLFormElement) sent.add(event.target);
});

document.addEventListener("submit", (event) => {
  // Whatever send.js leaves to the browser goes with the page.
  if (event.target instanceof HTMLFormElement && !event.defaultPrevented) sent.add(event.target);
});

/**
 * What was typed in the other forms of a page that made room for an answer: it is typed in those of the same address.
 * @param {Element} before
 * @param {HTMLFormElement} answered
 */
function carryOver(before, answered) {
  for (const form of before.querySelectorAll("form[method=post]")) {
    const address = form.getAttribute("action");
    const fresh = [...document.querySelectorAll("main form[method=post]")].find((one) => one.getAttribute("action") === address);
    if (form === answered || !(form instanceof HTMLFormElement) || !(fresh instanceof HTMLFormElement)) continue;
    for (const field of [...form.elements].filter(touched)) {
      const twin = [...fresh.elements].find((one) => same(one, field));
      if (twin instanceof HTMLInputElement && field instanceof HTMLInputElement) twin.checked = field.checked;
      if (twin && "value" in twin && "value" in field) twin.value = field.value;
      twin?.closest("details")?.setAttribute("open", "");
    }
  }
}

/**
 * @param {Element} one
 * @param {Element} other
 */
function same(one, other) {
  if (one.getAttribute("name") !== other.getAttribute("name")) return false;
  const choice = other instanceof HTMLInputElement && ["radio", "checkbox"].includes(other.type);
  return !choice || one.getAttribute("value") === other.getAttribute("value");
}

document.addEventListener("page-replaced", (event) => {
  if (event instanceof CustomEvent) carryOver(event.detail.here, event.detail.form);
  for (const form of document.querySelectorAll("main form[method=post]")) {
    if (form instanceof HTMLFormElement && form.querySelector("input:not([type=hidden]), textarea")) returned.add(form);
  }
});

document.addEventListener("typed-over", (event) => {
  const box = document.querySelector("[data-given-back]");
  if (!(event instanceof CustomEvent) || !(box instanceof HTMLElement)) return;
  const { form, fields, page } = event.detail;
  const numbers = [...fields].flatMap(([name, value]) => {
    const label = value && form.elements.namedItem(name)?.labels?.[0]?.textContent;
    return label ? [`${label.trim()} ${value}`] : [];
  });
  const why = [...page.querySelectorAll("[data-live] .field-error")].map((one) => (one.lastElementChild ?? one).textContent);
  const line = document.createElement("li");
  line.textContent = [numbers.join(", "), ...why].join(" · ");
  box.querySelector("ul")?.append(line);
  box.hidden = false;
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-seen]")) return;
  const box = document.querySelector("[data-sending]");
  const given = box?.querySelector("[data-given-back]");
  if (!(box instanceof HTMLElement) || !(given instanceof HTMLElement)) return;
  given.querySelector("ul")?.replaceChildren();
  given.hidden = true;
  box.hidden = !box.querySelector("[role=alert] [data-when]:not([hidden])");
});

addEventListener("beforeunload", (event) => {
  if (unsaved().length > 0 || document.querySelector("[data-given-back] li")) event.preventDefault();
});

addEventListener("pagehide", () => {
  left = unsaved().length === 0;
});

// The phone's Back may bring the page as it was left: with the answers of somebody else, when they were sent. A fresh one then.
addEventListener("pageshow", (event) => {
  if (event instanceof PageTransitionEvent && event.persisted && left) location.reload();
});
