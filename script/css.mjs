// Makes outreach/static/outreach/css/pico.css: of Pico, as it was locked, the rules that a page of ours can match.
//   node script/css.mjs            writes it
//   node script/css.mjs --check    fails when it is not what this script makes
// Run it when a page uses an element, a kind of field or a state that none used before.

import { readFileSync, writeFileSync } from "node:fs";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const FROM = "node_modules/@picocss/pico/css/pico.min.css";
const TO = "outreach/static/outreach/css/pico.css";

/** Where elements and attributes are written; what Django draws for a form is written out below. */
const PAGES = [
  "outreach/templates/**/*.html",
  "maps/templates/**/*.html",
  "demo/**/*.html",
  "outreach/templatetags/*.py",
  "outreach/forms/*.py",
  "outreach/static/outreach/**/*.js",
  "maps/static/maps/**/*.js",
];
const DRAWN = `<input type="text"><input type="password"><input type="email"><input type="number"><input type="date">
  <input type="time"><textarea></textarea><select><option></option></select><input type="checkbox"><input type="radio">`;

/** Parts of a selector whose words stand in our pages with another meaning: no page has these elements or states. */
const NEVER = [
  ":host",
  "[data-theme=light]",
  "[role=group]",
  "[role=switch]",
  "[role=search]",
  "[type=color]",
  "[type=file]",
  "[type=range]",
  "[type=reset]",
  "[type=search]",
  "[aria-busy",
  "[dir=rtl]",
  ":indeterminate",
  ".contrast",
  ".outline",
  ".secondary",
];

/** Elements that our own sheets draw from nothing. */
const OURS = /(^|[\s>+~(,])(nav|article|dialog|hgroup)\b/;

/** @param {string} selector */
function isUsed(selector) {
  const said = selector.replaceAll(/:not\([^()]*(\([^()]*\))*[^()]*\)/g, "");
  return !OURS.test(said) && !NEVER.some((part) => said.includes(part));
}

const [{ css }] = await new PurgeCSS().purge({
  content: [...PAGES, { raw: DRAWN, extension: "html" }],
  css: [FROM],
  variables: true,
  keyframes: true,
});
const sheet = postcss.parse(css);
sheet.walkRules((rule) => {
  const used = rule.selectors.filter(isUsed);
  if (used.length) rule.selectors = used;
  else rule.remove();
});
sheet.walkAtRules((rule) => {
  if (rule.nodes?.length === 0) rule.remove();
});
// In a layer of its own: whatever our sheets say wins, however much its selectors weigh.
sheet.walkAtRules("charset", (rule) => rule.remove());
const made = `/* Made by script/css.mjs; do not edit. */\n@layer pico {\n${sheet.toString()}\n}\n`;

if (!process.argv.includes("--check")) {
  writeFileSync(TO, made);
} else if (readFileSync(TO, "utf-8") !== made) {
  console.error(`${TO} is not what the pages use: run node script/css.mjs`);
  process.exit(1);
}
