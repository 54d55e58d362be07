// Steps for a number, for a thumb in a glove: − and + beside a plain number field.
// Without this file the field is an ordinary number input; the buttons stay hidden.
// An empty field means "not known" and is not zero: − from the smallest number empties it when the field allows that.

/**
 * @param {HTMLInputElement} input
 * @param {number} step −1 or 1
 */
function move(input, step) {
  const least = input.min === "" ? 0 : Number(input.min);
  const most = input.max === "" ? Infinity : Number(input.max);
  if (input.value === "") {
    input.value = String(step > 0 ? Math.min(Math.max(least, 1), most) : least);
  } else if (step < 0 && Number(input.value) <= least) {
    if (!input.required) input.value = "";
  } else {
    input.value = String(Math.min(Math.max(Number(input.value) + step, least), most));
  }
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {HTMLElement} stepper */
function enhance(stepper) {
  const input = stepper.querySelector("input");
  const spoken = stepper.querySelector("[role=status]");
  if (!input || input.disabled) return;
  const name = input.labels?.[0]?.firstChild?.textContent?.trim() ?? "";
  for (const button of stepper.querySelectorAll("button")) {
    button.setAttribute("aria-label", name ? `${button.dataset.word} : ${name}` : String(button.dataset.word));
    button.addEventListener("click", () => {
      move(input, Number(button.dataset.step));
      if (spoken) spoken.textContent = input.value === "" ? (stepper.dataset.empty ?? "") : input.value;
    });
    button.hidden = false;
  }
}

function enhanceAll() {
  document.querySelectorAll("[data-stepper]").forEach((stepper) => enhance(/** @type {HTMLElement} */ (stepper)));
}

enhanceAll();
document.addEventListener("page-replaced", enhanceAll); // by send.js
