// Offers the copy button only where the browser can copy.
const link = /** @type {HTMLInputElement} */ (document.getElementById("link"));
const button = document.getElementById("copy");
link.addEventListener("focus", () => link.select());
if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(link.value);
    const copied = document.getElementById("copied");
    if (copied) copied.hidden = false;
  });
}
