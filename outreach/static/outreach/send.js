// Sends forms from the open page, so that no lost network and no ended session takes away what was typed.
// Without this file the browser sends them as ever. What was typed stays in the page's own fields: nothing is stored.
// A form may be sent again without harm: the server knows it by its token or mark.

/** @typedef {{ form: HTMLFormElement, button: HTMLButtonElement | null, fields?: URLSearchParams }} Sending */

const HEADER = "X-Sent-From-Page";

/** Milliseconds after which a sending counts as lost: a slow line answers within it. */
const LONGEST_WAIT = 30_000;

/** Milliseconds before the page says that it is sending: most answers come earlier. */
const HESITATION = 800;

/** Milliseconds within which a second tap on one key is the first one's bounce. */
const BOUNCE = 700;

/** @type {Map<string, Sending>} What could not be sent yet, by form and button. */
const unsent = new Map();

/** @type {Set<string>} What is on its way. */
const going = new Set();

let next = "";
let last = { key: "", at: -BOUNCE };

/** @param {Sending} sending */
function keyOf({ form, button, fields }) {
  const forms = [...document.querySelectorAll("main form")];
  return `${forms.indexOf(form)} ${button?.name ?? ""} ${button?.value ?? ""} ${fields?.get("mark") ?? ""}`;
}

/** @param {Sending} sending */
function read({ form, button }) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  if (button?.name) fields.append(button.name, button.value);
  return fields;
}

/**
 * A counting key that is tapped again while its first count waits: another group, under a mark of its own.
 * @param {Sending} sending
 * @returns {Sending}
 */
function another(sending) {
  const typed = sending.form.querySelector("input:not([type=hidden]), select, textarea");
  const fields = read(sending);
  if (typed || !fields.has("mark")) return sending; // sent again as it stands now
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  fields.set("mark", number.toString(16).padStart(8, "0"));
  return { ...sending, fields };
}

/** @param {string} [word] which sentence to show; none hides the box */
function say(word) {
  const box = document.querySelector("[data-sending]");
  if (!(box instanceof HTMLElement)) return;
  for (const part of box.querySelectorAll("[data-when]")) {
    if (part instanceof HTMLElement) part.hidden = !part.dataset.when?.split(" ").includes(word ?? "");
  }
  const many = box.querySelector("[data-unsent]");
  if (many instanceof HTMLElement) {
    many.hidden = unsent.size < 2;
    many.querySelector("strong")?.replaceChildren(String(unsent.size));
  }
  box.hidden = !word;
}

/**
 * One at a time in all tabs: each count is read from a cookie and written back to it.
 * @template T
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
function inTurn(task) {
  return navigator.locks ? navigator.locks.request("maraudes-sending", task) : task();
}

/** @param {Sending} sending */
function post(sending) {
  const fields = sending.fields ?? read(sending);
  const token = document.querySelector("main input[name=csrfmiddlewaretoken]");
  if (token instanceof HTMLInputElement) fields.set(token.name, token.value);
  return fetch(sending.form.getAttribute("action") || location.href, {
    method: "POST",
    body: fields,
    headers: { [HEADER]: "1" },
    signal: AbortSignal.timeout(LONGEST_WAIT),
  });
}

/** @param {string} token of the sign-in that is in force now */
function renew(token) {
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    if (field instanceof HTMLInputElement) field.value = token;
  }
}

/**
 * Put the page that came as an answer in the place of this one: a form to correct, with everything in it.
 * @param {Document} page
 */
function show(page) {
  const [here, there] = [document, page].map((one) => one.querySelector(".page"));
  if (!here || !there) return;
  document.title = page.title;
  here.replaceWith(document.adoptNode(there));
  document.dispatchEvent(new Event("page-replaced"));
  const first = document.querySelector("main [autofocus]") ?? document.querySelector("main");
  if (first instanceof HTMLElement) first.focus();
}

/**
 * Put in place what the same page says now, and nothing else: what is tapped next stays where it is, what was typed in another
 * form stays too. The parts are marked `data-live`; marks tell a repeated sending from the next one.
 * @param {Document} page
 */
function putInPlace(page) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(old.id);
    if (old instanceof HTMLButtonElement && fresh instanceof HTMLButtonElement) {
      old.disabled = fresh.disabled;
    } else if (fresh) {
      old.replaceChildren(...fresh.childNodes);
    }
  }
  const mark = page.querySelector("input[name=mark]");
  for (const one of document.querySelectorAll("input[name=mark]")) {
    if (mark instanceof HTMLInputElement && one instanceof HTMLInputElement) one.value = mark.value;
  }
}

/**
 * Go on to where the server says; to the same page in place, where it has parts for that.
 * @param {string} address
 * @param {HTMLFormElement} form
 */
async function goOn(address, form) {
  const same = new URL(address, location.href).pathname === location.pathname;
  if (!same || !document.querySelector("[data-live]")) return location.assign(address);
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || new URL(answer.url).pathname !== location.pathname) return location.assign(address);
  putInPlace(new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (form.hasAttribute("data-typed")) form.reset();
}

/**
 * What to say of an answer; "" when the page goes on.
 * @param {Sending} sending
 * @param {Response} answer
 * @param {boolean} again whether this is the second try with a fresh token
 * @returns {Promise<string>}
 */
async function understand(sending, answer, again) {
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
    const word = await answer.json();
    if (answer.ok && typeof word.next === "string") {
      next = word.next;
      return "";
    }
    if (word.code === "csrf" && !again) {
      renew(word.token);
      return understand(sending, await post(sending), true);
    }
    return answer.status === 401 ? "signed-out" : "refused";
  }
  if (answer.status >= 500) return "failed";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.querySelector("main form[method=post]")) {
    if (document.querySelector("[data-live]")) putInPlace(page);
    else show(page);
    return "";
  }
  return answer.status === 429 ? "failed" : "refused";
}

/** @param {Sending} sending */
async function send(sending) {
  const key = keyOf(sending);
  if (going.has(key)) return;
  going.add(key);
  sending.button?.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => say("sending"), HESITATION);
  let word = "offline";
  try {
    word = await inTurn(async () => understand(sending, await post(sending), false));
  } catch {
    // no network, or no answer in time
  }
  clearTimeout(slow);
  going.delete(key);
  if (word) unsent.set(key, sending);
  else unsent.delete(key);
  if (going.size === 0 || word) say(word || undefined);
  if (next && going.size === 0 && unsent.size === 0) {
    const address = next;
    next = ""; // a form to correct, sent later from this same page, leads nowhere
    await goOn(address, sending.form);
  }
  sending.button?.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
  if (form.method !== "post" || !form.closest("main")) return;
  event.preventDefault();
  const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
  if (button?.getAttribute("aria-busy") === "true") return; // the same tap again, before its answer is in the page
  const sending = { form, button };
  const key = keyOf(sending);
  const bounced = last.key === key && event.timeStamp - last.at < BOUNCE;
  last = { key, at: event.timeStamp };
  if (!unsent.has(key)) void send(sending);
  else if (!bounced) void send(another(sending));
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-retry]")) return;
  for (const sending of [...unsent.values()]) void send(sending);
});

addEventListener("beforeunload", (event) => {
  if (unsent.size > 0) event.preventDefault();
});
