// Hands the part of the link after the # to the form, and takes it out of the address bar and of the history.
const token = location.hash.slice(1);
const form = /** @type {HTMLFormElement} */ (document.getElementById("invitation"));
if (token) {
  history.replaceState(null, "", location.pathname);
  /** @type {HTMLInputElement} */ (form.elements.namedItem("token")).value = token;
  form.hidden = true;
  const opening = document.getElementById("opening");
  if (opening) opening.hidden = false;
  form.requestSubmit();
}
