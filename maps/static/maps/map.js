// The one adapter over Leaflet: outlines of sectors, squares by class, nothing fetched from anywhere.
// What it draws comes from a JSON block of the same page; every word on the map is set as text, never as HTML.
// The map is an addition to a table: a page without scripts loses nothing, and its squares are no stops of the keyboard.

/**
 * @typedef {object} Data
 * @property {object | null} cells GeoJSON, a feature's id is its square
 * @property {object | null} sectors GeoJSON, a feature's name is the sector's
 * @property {Record<string, number>} classes square → 1 to 5
 * @property {Record<string, string>} names square → what it is called in the table
 * @property {Record<string, string>} legend class → words
 */

/** Leaflet has no module of its own in django-leaflet: it stands in a global. @type {any} */
const L = /** @type {any} */ (globalThis).L;

/** How far one may enlarge: a square of 250 m then fills a phone. There is nothing finer to see. */
const CLOSEST = 15;

/** @param {string} words */
function text(words) {
  const box = document.createElement("span");
  box.textContent = words;
  return box;
}

/**
 * @param {Data} data
 * @returns {any} a layer of squares
 */
function squares(data) {
  return L.geoJSON(data.cells, {
    style: (/** @type {any} */ feature) => ({
      className: "map-cell",
      fill: true,
      fillColor: `url(#map-class-${data.classes[feature.id] ?? 1})`,
    }),
    onEachFeature: (/** @type {any} */ feature, /** @type {any} */ layer) => {
      const words = data.legend[String(data.classes[feature.id])] ?? "";
      layer.bindTooltip(text([data.names[feature.id], words].filter(Boolean).join(" : ")), { sticky: true });
      // Leaflet listens for the focus of what has a tooltip, and a browser makes a stop of whatever listens for the focus.
      layer.on("add", () => layer.getElement()?.setAttribute("tabindex", "-1"));
    },
  });
}

/**
 * @param {Data} data
 * @returns {any} a layer of outlines
 */
function outlines(data) {
  return L.geoJSON(data.sectors, {
    style: () => ({ className: "map-sector", fill: false }),
    interactive: false,
    onEachFeature: (/** @type {any} */ feature, /** @type {any} */ layer) => {
      const name = feature.properties.name;
      if (name) {
        layer.bindTooltip(text(name), { permanent: true, direction: "center", className: "map-name" });
      }
    },
  });
}

/**
 * @param {DOMRect} one
 * @param {DOMRect} other
 */
function overlap(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

/**
 * Show the names that fit inside their sector at this scale and cover no other name; hide the rest.
 * @param {any} map
 * @param {any} layer what `outlines` made
 */
function nameWhatFits(map, layer) {
  /** @type {DOMRect[]} */
  const shown = [];
  layer.eachLayer((/** @type {any} */ sector) => {
    const label = sector.getTooltip()?.getElement();
    if (!label) return;
    label.hidden = false;
    const bounds = sector.getBounds();
    const width = map.latLngToLayerPoint(bounds.getNorthEast()).x - map.latLngToLayerPoint(bounds.getSouthWest()).x;
    const box = label.getBoundingClientRect();
    label.hidden = width < box.width || shown.some((other) => overlap(box, other));
    if (!label.hidden) shown.push(box);
  });
}

/** @param {HTMLElement} figure */
function draw(figure) {
  const ground = figure.querySelector(".map-ground");
  const source = document.getElementById(figure.dataset.map ?? "");
  if (!(ground instanceof HTMLElement)) return;
  if (!L || !source?.textContent) {
    ground.hidden = true;
    return;
  }
  /** @type {Data} */
  const data = JSON.parse(source.textContent);
  const coarse = matchMedia("(pointer: coarse)").matches;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(ground, {
    attributionControl: false,
    zoomControl: false,
    dragging: !coarse, // one finger scrolls the page, two move the map
    scrollWheelZoom: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    inertia: !still,
    maxZoom: CLOSEST,
    zoomSnap: 0.25,
  });
  L.control
    .zoom({ zoomInTitle: figure.dataset.zoomIn ?? "+", zoomOutTitle: figure.dataset.zoomOut ?? "−" })
    .addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  const sectors = data.sectors ? outlines(data) : null;
  const drawn = [data.cells ? squares(data) : null, sectors].filter(Boolean);
  const seen = drawn[0]?.getBounds();
  if (!seen?.isValid()) {
    ground.hidden = true;
    return;
  }
  map.fitBounds(seen.pad(0.15), { animate: false });
  for (const layer of drawn) layer.addTo(map);
  if (sectors) {
    nameWhatFits(map, sectors);
    map.on("zoomend", () => nameWhatFits(map, sectors));
  }
}

document.querySelectorAll("[data-map]").forEach((one) => draw(/** @type {HTMLElement} */ (one)));
