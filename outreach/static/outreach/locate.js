// "Use my position": the phone turns its place into one of the offered squares and chooses it. Nothing else happens.
// Without this file, without a position or on a refusal, the squares are chosen by hand as before.
// The place lives in one function's arguments: it is not stored, logged, sent, or written into the page; what the
// form sends is the value of a radio button that the server had offered.

/** @typedef {(lon: number, lat: number, size: number) => string} Snap */

/** Milliseconds to wait for a position: long enough under trees, short enough for a cold hand. */
const PATIENCE = 15_000;

/** A position older than this (milliseconds) is that of the last street. */
const FRESH = 30_000;

const REASONS = ["unknown", "denied", "unknown", "late"];

/**
 * Say it where it is still seen once the square has been scrolled to: the status sticks to the top of the picker.
 * @param {HTMLElement} box
 * @param {string} word
 * @param {Record<string, string>} [names]
 */
function tell(box, word, names = {}) {
  const status = box.parentElement?.querySelector(".picker-status");
  const sentence = box.dataset[word] ?? "";
  if (status) status.textContent = sentence.replace(/\{(\w+)\}/g, (whole, name) => names[name] ?? whole);
}

/**
 * Choose the offered square over a position; nothing when the position may well be in the next square.
 * @param {HTMLElement} picker
 * @param {HTMLElement} box
 * @param {Snap} snap
 * @param {GeolocationCoordinates} coords
 */
function choose(picker, box, snap, coords) {
  const size = Number(picker.dataset.size);
  if (!(coords.accuracy <= size / 2)) return tell(box, "rough", { metres: String(Math.ceil(coords.accuracy)) });
  const radio = [...picker.querySelectorAll("input[data-label]")].find((one) => {
    try {
      return /** @type {HTMLInputElement} */ (one).value === snap(coords.longitude, coords.latitude, size);
    } catch {
      return false;
    }
  });
  if (!(radio instanceof HTMLInputElement)) return tell(box, "elsewhere");
  const sector = radio.closest("details");
  if (sector) sector.open = true;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  radio.focus();
  radio.scrollIntoView({ block: "center", inline: "center" });
  tell(box, "found", { square: radio.dataset.label ?? "", sector: radio.dataset.sector ?? "" });
}

/** @param {HTMLElement} picker */
async function enhance(picker) {
  const box = picker.querySelector("[data-locate]");
  const button = box?.querySelector("button");
  if (!(box instanceof HTMLElement) || !button || !navigator.geolocation || !box.dataset.module) return;
  /** @type {{ snap: Snap }} */
  const { snap } = await import(box.dataset.module);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    tell(box, "asking");
    navigator.geolocation.getCurrentPosition(
      (position) => {
        button.removeAttribute("aria-disabled");
        choose(picker, box, snap, position.coords);
      },
      (error) => {
        button.removeAttribute("aria-disabled");
        tell(box, REASONS[error.code] ?? "unknown");
      },
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: FRESH },
    );
  });
  box.hidden = false;
  const status = picker.querySelector(".picker-status");
  if (status instanceof HTMLElement) status.hidden = false;
}

/**
 * Up and down arrows go to the square above and below; left and right are the browser's own.
 * @param {KeyboardEvent} event
 */
function walk(event) {
  const radio = event.target;
  if (!(radio instanceof HTMLInputElement) || !radio.dataset.label) return;
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  const cell = radio.closest(".square");
  const row = cell?.parentElement;
  if (!cell || !row) return;
  const column = [...row.children].indexOf(cell);
  const step = event.key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
  for (let next = row[step]; next instanceof HTMLElement && next.matches(".picker-row"); next = next[step]) {
    const found = next.children[column]?.querySelector("input");
    if (found) {
      found.checked = true;
      found.dispatchEvent(new Event("change", { bubbles: true }));
      found.focus();
      break;
    }
  }
  event.preventDefault();
}

function enhanceAll() {
  document.querySelectorAll("[data-picker]").forEach((one) => {
    const picker = /** @type {HTMLElement} */ (one);
    picker.addEventListener("keydown", walk);
    void enhance(picker);
  });
}

enhanceAll();
document.addEventListener("page-replaced", enhanceAll); // by send.js
