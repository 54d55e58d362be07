// Sends forms from the open page, so that no lost network and no ended session takes away what was typed.
// Without this file the browser sends them as ever. What was typed stays in the page's own fields: nothing is stored.
// A form may be sent again without harm: the server knows it by its token or mark.

/**
 * One form on its way. A count holds its own fields, under a mark of its own, and what was typed in them; any other form is
 * sent as the page stands. `word` says why it could not be sent so far.
 * @typedef {{ key: string, form: HTMLFormElement, button: HTMLButtonElement | null, fields?: URLSearchParams,
 *   typed?: string, word?: string }} Sending
 */

const HEADER = "X-Sent-From-Page";
const TOKEN = "csrfmiddlewaretoken";

/** Milliseconds after which a sending counts as lost: a slow line answers within it. */
const LONGEST_WAIT = 30_000;

/** Milliseconds before the page says that it is sending: most answers come earlier. */
const HESITATION = 800;

/** Milliseconds within which a second tap on one key is the first one's bounce. */
const BOUNCE = 700;

/** Why something waits; what somebody has to do about it comes first. */
const WORDS = ["signed-out", "refused", "failed", "busy", "away", "late", "offline"];

/** @type {Map<string, Sending>} What could not be sent yet, by form and button. */
const unsent = new Map();

/** @type {Map<string, Sending>} What is on its way. */
const going = new Map();

/** @type {Map<HTMLFormElement, Sending>} What a form with typed numbers sent last, until the page shows that it is counted. */
const latest = new Map();

let next = "";
let last = { key: "", at: -BOUNCE };

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 */
function keyOf(form, button) {
  const forms = [...document.querySelectorAll("main form")];
  return `${forms.indexOf(form)} ${button?.name ?? ""} ${button?.value ?? ""}`;
}

/**
 * What a form holds, without its token: that one is added when it is sent.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 */
function read(form, button) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== TOKEN) fields.append(name, value);
  }
  if (button?.name) fields.append(button.name, button.value);
  return fields;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 */
function typedIn(form, button) {
  const fields = read(form, button);
  fields.delete("mark");
  return fields.toString();
}

/**
 * What a tap sends. Each tap on a counting key is a group of its own; typed numbers are one as long as they stand unchanged.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 * @returns {Sending}
 */
function prepare(form, button) {
  const key = keyOf(form, button);
  const fields = read(form, button);
  if (!fields.has("mark")) return { key, form, button };
  const typed = typedIn(form, button);
  const before = latest.get(form);
  if (before?.typed === typed) return before;
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  const mark = number.toString(16).padStart(8, "0");
  fields.set("mark", mark);
  const sending = { key: `${key} ${mark}`, form, button, fields, typed };
  if (form.hasAttribute("data-typed")) latest.set(form, sending);
  return sending;
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
  box.hidden = !word && !box.querySelector("[data-given-back] li");
}

/** Why something still waits. */
function why() {
  const words = [...unsent.values()].map((one) => one.word);
  return WORDS.find((word) => words.includes(word));
}

/**
 * One at a time in all tabs: each count is read from a cookie and written back to it. A tab that the phone put to sleep in
 * its turn does not hold up the others for ever.
 * @template T
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
function inTurn(task) {
  if (!navigator.locks) return task();
  const patience = new AbortController();
  const late = setTimeout(() => patience.abort(), 2 * LONGEST_WAIT);
  return navigator.locks.request("maraudes-sending", { signal: patience.signal }, () => {
    clearTimeout(late);
    return task();
  });
}

/**
 * Ask the server, and give up after the longest wait; `AbortSignal.timeout` is missing on phones of before 2022.
 * @param {string} address
 * @param {RequestInit} [options]
 */
function ask(address, options) {
  const patience = new AbortController();
  setTimeout(() => patience.abort(), LONGEST_WAIT); // the body of the answer counts too
  return fetch(address, { ...options, headers: { [HEADER]: "1" }, signal: patience.signal });
}

/**
 * What to say when nothing came back, or half an answer: fetch has one error for a lost network.
 * @param {unknown} error
 */
function wordOf(error) {
  return error instanceof TypeError ? "offline" : "late";
}

/**
 * What to say of an answer that is neither a page to show nor a place to go. Ours bears our header: whatever else answers
 * (a Wi-Fi that wants a sign-in, a gateway whose service is away) knows nothing of what was sent.
 * @param {Response} answer
 */
function wordFor(answer) {
  if (answer.status === 429) return "busy";
  if (!answer.headers.has(HEADER)) return answer.status === 503 ? "busy" : "away";
  return answer.status >= 500 ? "failed" : "refused";
}

/**
 * @param {Response} answer
 * @returns {Promise<Document>}
 */
async function pageIn(answer) {
  const text = await answer.text();
  if (!text.trimEnd().endsWith("</html>")) throw new RangeError("half a page");
  return new DOMParser().parseFromString(text, "text/html");
}

/** @param {Sending} sending */
function post(sending) {
  const fields = sending.fields ?? read(sending.form, sending.button);
  const token = document.querySelector(`main input[name=${TOKEN}]`);
  if (token instanceof HTMLInputElement) fields.set(token.name, token.value);
  return ask(sending.form.getAttribute("action") || location.href, {
    method: "POST",
    body: fields,
    redirect: "manual", // our server says where to go in a word
  });
}

/** @param {string} token of the sign-in that is in force now */
function renew(token) {
  for (const field of document.querySelectorAll(`input[name=${TOKEN}]`)) {
    if (field instanceof HTMLInputElement) field.value = token;
  }
}

/**
 * Put the page that came as an answer in the place of this one: a form to correct, with everything in it, or what a round became.
 * @param {Document} page
 * @param {HTMLFormElement} [form] the one that was sent and is to be corrected
 */
function show(page, form) {
  const [here, there] = [document, page].map((one) => one.querySelector(".page"));
  if (!here || !there) return;
  document.title = page.title;
  here.replaceWith(document.adoptNode(there));
  for (const [key, one] of unsent) if (one.form === form) unsent.delete(key); // the new page holds what it held, and more
  document.dispatchEvent(new CustomEvent("page-replaced", { detail: { here, form } })); // for typed.js
  const first = document.querySelector("main [autofocus]") ?? document.querySelector("main");
  if (first instanceof HTMLElement) first.focus();
}

/**
 * Put in place what the same page says now, and nothing else: what is tapped next stays where it is, what was typed in another
 * form stays too. The parts are marked `data-live`.
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
}

/** Empty the forms that are counted, unless another group was typed there meanwhile. */
function clearCounted() {
  for (const [form, { key, button, typed }] of latest) {
    if (going.has(key) || unsent.has(key)) continue;
    if (typedIn(form, button) === typed) form.reset();
    latest.delete(form);
  }
}

/**
 * The page at an address that stands for the open one; else the word to say, or where it leads.
 * @param {string} address
 * @returns {Promise<{ page?: Document, word?: string, address?: string }>}
 */
async function fetchPage(address) {
  try {
    const answer = await inTurn(() => ask(address)); // this answer writes the counts' cookie too
    const path = new URL(answer.url).pathname;
    const signIn = document.querySelector("[data-sending] a[data-when]");
    if (signIn instanceof HTMLAnchorElement && path === signIn.pathname) return { word: "arrived-out" };
    if (!answer.ok || !answer.headers.has(HEADER)) return { word: "arrived" };
    return path === location.pathname ? { page: await pageIn(answer) } : { address: answer.url };
  } catch {
    return { word: "arrived" }; // what was sent is counted; the page shows it when the network is back
  }
}

/** Go on to where the server says; to the same page in place, where it has parts for that. What waits keeps the page open. */
async function goOn() {
  const asked = next;
  const same = new URL(asked, location.href).pathname === location.pathname;
  const live = same && document.querySelector("[data-live]");
  const { page, word, address = asked } = live ? await fetchPage(asked) : {};
  if (word) return say(why() ?? word);
  if (!page) return unsent.size > 0 ? say(why()) : location.assign(address);
  if (next === asked) next = "";
  const [here, there] = [document, page].map((one) => one.querySelector("h1")?.textContent);
  if (here !== there && unsent.size + going.size === 0) return show(page); // the round was closed or opened meanwhile
  putInPlace(page);
  clearCounted();
  if (going.size === 0) say(why());
}

/**
 * What to say of an answer; "" when the page goes on.
 * @param {Sending} sending
 * @param {Response} answer
 * @param {boolean} again whether this is the second try with a fresh token
 * @returns {Promise<string>}
 */
async function understand(sending, answer, again) {
  const kind = answer.headers.get("Content-Type") ?? "";
  if (!answer.headers.has(HEADER) || answer.status >= 500) return wordFor(answer);
  if (kind.startsWith("application/json")) {
    const word = await answer.json();
    if (answer.ok && typeof word.next === "string") {
      next = word.next;
      return "";
    }
    if (word.code === "csrf" && !again) {
      renew(word.token);
      return understand(sending, await post(sending), true);
    }
    return answer.status === 401 ? "signed-out" : wordFor(answer);
  }
  const page = await pageIn(answer);
  if (!page.querySelector("main form[method=post]")) return wordFor(answer);
  next = ""; // a form to correct leads nowhere, and what it holds is not counted
  if (latest.get(sending.form) === sending) latest.delete(sending.form);
  if (!document.querySelector("[data-live]")) show(page, sending.form);
  else if (sending.fields && typedIn(sending.form, sending.button) !== sending.typed) {
    sending.form.dispatchEvent(new CustomEvent("typed-over", { bubbles: true, detail: { ...sending, page } }));
  } else putInPlace(page);
  return "";
}

/** @param {Sending} sending */
async function send(sending) {
  const { key, button } = sending;
  if (going.has(key)) return;
  going.set(key, sending);
  button?.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => say("sending"), HESITATION);
  const word = await inTurn(async () => understand(sending, await post(sending), false)).catch(wordOf);
  clearTimeout(slow);
  going.delete(key);
  sending.word = word;
  if (word) unsent.set(key, sending);
  else {
    unsent.delete(key);
    if (next) sending.form.dispatchEvent(new Event("form-sent", { bubbles: true })); // for typed.js
  }
  if (going.size === 0 || word) say(why());
  if (next && going.size === 0) await goOn();
  if (![...going.values()].some((one) => one.button === button)) button?.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
  if (form.method !== "post" || !form.closest("main") || form.hasAttribute("data-whole-page")) return;
  if (!("submitter" in event)) return; // a browser of before 2022 sends it itself
  event.preventDefault();
  const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
  const key = keyOf(form, button);
  const bounced = last.key === key && event.timeStamp - last.at < BOUNCE;
  last = { key, at: event.timeStamp };
  const before = latest.get(form);
  const sending = prepare(form, button);
  const same = !sending.fields || sending === before;
  if (same && button?.getAttribute("aria-busy") === "true") return; // the same tap again, before its answer is in the page
  const counts = sending.fields && !form.hasAttribute("data-typed");
  if (bounced && (counts || unsent.has(sending.key))) return;
  void send(sending);
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-retry]")) return;
  for (const sending of [...unsent.values()]) void send(sending);
  if (next && going.size === 0) void goOn();
});

addEventListener("beforeunload", (event) => {
  if (unsent.size > 0 || going.size > 0) event.preventDefault(); // an answer on its way may hold counts
});
