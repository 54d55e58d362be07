// Draws the squares of a sector that came as signs ("0110 1110", from the north) when the sector is unfolded, or all of
// them when the phone looks for its place. The form then holds what a page with every square would hold; nothing is asked
// of a network. Without this file a button asks the server for them.

/** A column counted from 0 as in a spreadsheet: A … Z, AA, AB …
 * @param {number} column
 */
function letters(column) {
  let text = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(65 + ((rest - 1) % 26)) + text;
  }
  return text;
}

/**
 * @param {string} kind
 * @param {string} name
 * @param {string} [words]
 */
function made(kind, name, words = "") {
  const one = document.createElement(kind);
  one.className = name;
  one.textContent = words;
  return one;
}

/**
 * @param {HTMLElement} picker
 * @param {string} cell
 * @param {string} label
 * @param {string} sector
 */
function square(picker, cell, label, sector) {
  const box = made("label", "square");
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.name = picker.dataset.group ?? "";
  radio.value = cell;
  radio.dataset.label = label;
  radio.dataset.sector = sector;
  box.append(radio, made("span", "", label));
  return box;
}

/**
 * @param {HTMLElement} picker
 * @param {HTMLElement} sector
 */
function draw(picker, sector) {
  const { squares, north, west } = sector.dataset;
  if (!squares) return;
  delete sector.dataset.squares;
  const size = Number(picker.dataset.size);
  const name = sector.querySelector("summary")?.textContent ?? "";
  const map = made("div", "picker-map");
  map.setAttribute("role", "group");
  map.setAttribute("aria-label", `${picker.dataset.title}, ${name}`);
  squares.split(" ").forEach((signs, down) => {
    const row = made("div", "picker-row");
    [...signs].forEach((sign, across) => {
      const cell = `CRS3035RES${size}mN${Number(north) - (down + 1) * size}E${Number(west) + across * size}`;
      row.append(
        sign === "1" ? square(picker, cell, `${letters(across)}${down + 1}`, name) : made("span", "picker-gap"),
      );
    });
    map.append(row);
  });
  const scroll = made("div", "picker-scroll");
  scroll.append(map);
  sector.querySelector(".picker-ask")?.replaceWith(made("p", "hint", picker.dataset.hint), scroll);
}

function prepareAll() {
  document.querySelectorAll("[data-picker]").forEach((one) => {
    const picker = /** @type {HTMLElement} */ (one);
    const collapsed = /** @type {HTMLDetailsElement[]} */ ([...picker.querySelectorAll("details[data-squares]")]);
    for (const sector of collapsed) {
      if (sector.open) draw(picker, sector);
      sector.addEventListener("toggle", () => sector.open && draw(picker, sector));
    }
    // Before the script that looks for the place searches among the squares.
    const locate = picker.querySelector("[data-locate]");
    locate?.addEventListener("click", () => collapsed.forEach((sector) => draw(picker, sector)), { capture: true });
  });
}

prepareAll();
document.addEventListener("page-replaced", prepareAll); // by send.js
