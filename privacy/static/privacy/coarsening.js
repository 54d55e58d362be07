/**
 * Snapping on the phone: the exact place becomes its square before anything is queued.
 *
 * The same rules as `privacy/core/coarsening.py`, held to the same file of vectors; the server snaps again and is
 * the authority. A square is half-open (it owns its southern and western edge), and sizes change up the ladder
 * only. Nothing here stores, logs or sends anything, and an error never carries a coordinate.
 *
 * Formulas: EPSG Guidance Note 7-2, method 9820 (Lambert azimuthal equal area), oblique aspect.
 */

/**
 * @typedef {object} Grid
 * @property {number} crs EPSG code that stands in every identifier
 * @property {number} semiMajor metres
 * @property {number} inverseFlattening
 * @property {number} lat0 degrees
 * @property {number} lon0 degrees
 * @property {number} falseEasting metres
 * @property {number} falseNorthing metres
 * @property {readonly number[]} ladder sizes in metres, each a multiple of the one before
 * @property {number} west metres
 * @property {number} south metres
 * @property {number} east metres
 * @property {number} north metres
 */

/** @typedef {[number, number]} Place longitude and latitude in degrees, or easting and northing in metres */

/** @typedef {{ size: number, north: number, east: number }} Square its south-west corner, in metres */

/** ETRS89-LAEA Europe, in the extent of Regulation (EU) 2018/1799, article 3(1). @type {Grid} */
export const EUROPE = Object.freeze({
  crs: 3035,
  semiMajor: 6378137,
  inverseFlattening: 298.257222101,
  lat0: 52,
  lon0: 10,
  falseEasting: 4321000,
  falseNorthing: 3210000,
  ladder: Object.freeze([250, 500, 1000]),
  west: 900000,
  south: 900000,
  east: 7400000,
  north: 5500000,
});

/** Not a square of the ladder, or a point outside the grid. It names no value on purpose. */
export class BadCell extends Error {
  constructor() {
    super("bad-cell");
    this.name = "BadCell";
  }
}

const OPPOSITE = 1e-9;
const RADIANS = Math.PI / 180;
const CELL_ID = /^CRS([1-9][0-9]{3,5})RES([1-9][0-9]{1,4})mN(0|[1-9][0-9]{0,6})E(0|[1-9][0-9]{0,6})$/;

/**
 * The identifier of the square that a point stands in.
 * @param {number} lon degrees
 * @param {number} lat degrees
 * @param {number} size metres, a rung of the ladder
 * @param {Grid} [grid]
 * @returns {string} such as CRS3035RES500mN2889000E3760500
 * @throws {BadCell}
 */
export function snap(lon, lat, size, grid = EUROPE) {
  const [easting, northing] = forward(lon, lat, grid);
  return squareAt(easting, northing, size, grid);
}

/**
 * The identifier of the square over a place in metres.
 * @param {number} easting
 * @param {number} northing
 * @param {number} size
 * @param {Grid} [grid]
 * @returns {string}
 * @throws {BadCell}
 */
export function squareAt(easting, northing, size, grid = EUROPE) {
  const north = Math.floor(northing / size) * size;
  const east = Math.floor(easting / size) * size;
  return identify(checked({ size, north, east }, grid), grid);
}

/**
 * The square of `size` metres around a square; itself at its own size.
 * @param {string} id
 * @param {number} size
 * @param {Grid} [grid]
 * @returns {string}
 * @throws {BadCell} downwards: a square has no child that is not a guess
 */
export function parent(id, size, grid = EUROPE) {
  const cell = parse(id, grid);
  if (size < cell.size) throw new BadCell();
  return squareAt(cell.east, cell.north, size, grid);
}

/**
 * The outline of a square: five places in degrees, counter-clockwise from the south-west corner, closed.
 * @param {string} id
 * @param {Grid} [grid]
 * @returns {Place[]}
 * @throws {BadCell}
 */
export function ring(id, grid = EUROPE) {
  const { size, north, east } = parse(id, grid);
  /** @type {Place[]} */
  const corners = [
    [east, north],
    [east + size, north],
    [east + size, north + size],
    [east, north + size],
    [east, north],
  ];
  return corners.map(([x, y]) => {
    const [lon, lat] = inverse(x, y, grid);
    return [rounded(lon), rounded(lat)];
  });
}

/**
 * The square that an identifier names, written exactly as `snap` writes it.
 * @param {string} id
 * @param {Grid} [grid]
 * @returns {Square}
 * @throws {BadCell}
 */
export function parse(id, grid = EUROPE) {
  const found = CELL_ID.exec(id);
  if (found === null || Number(found[1]) !== grid.crs) throw new BadCell();
  return checked({ size: Number(found[2]), north: Number(found[3]), east: Number(found[4]) }, grid);
}

/**
 * Degrees to metres.
 * @param {number} lon
 * @param {number} lat
 * @param {Grid} [grid]
 * @returns {Place} easting, northing
 * @throws {BadCell} outside the extent of the grid
 */
export function forward(lon, lat, grid = EUROPE) {
  // Written so that NaN and everything that is no number fails too.
  if (typeof lon !== "number" || typeof lat !== "number") throw new BadCell();
  if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) throw new BadCell();
  const { e, e2, qPole, radius, d, beta0 } = constants(grid);
  const delta = (lon - grid.lon0) * RADIANS;
  const beta = Math.asin(clamp(authalic(Math.sin(lat * RADIANS), e, e2) / qPole));
  const facing =
    1 + Math.sin(beta0) * Math.sin(beta) + Math.cos(beta0) * Math.cos(beta) * Math.cos(delta);
  if (facing < OPPOSITE) throw new BadCell();
  const b = radius * Math.sqrt(2 / facing);
  const upward = Math.cos(beta0) * Math.sin(beta) - Math.sin(beta0) * Math.cos(beta) * Math.cos(delta);
  const easting = grid.falseEasting + b * d * Math.cos(beta) * Math.sin(delta);
  const northing = grid.falseNorthing + (b / d) * upward;
  if (!holds(easting, northing, grid)) throw new BadCell();
  return [easting, northing];
}

/**
 * Metres to degrees.
 * @param {number} easting
 * @param {number} northing
 * @param {Grid} [grid]
 * @returns {Place} longitude, latitude
 * @throws {BadCell}
 */
export function inverse(easting, northing, grid = EUROPE) {
  const { e, e2, qPole, radius, d, beta0 } = constants(grid);
  const x = (easting - grid.falseEasting) / d;
  const y = d * (northing - grid.falseNorthing);
  const rho = Math.hypot(x, y);
  if (!(rho < 2 * radius)) throw new BadCell();
  if (rho < OPPOSITE) return [grid.lon0, grid.lat0];
  const c = 2 * Math.asin(rho / (2 * radius));
  const beta = Math.asin(clamp(Math.cos(c) * Math.sin(beta0) + (y * Math.sin(c) * Math.cos(beta0)) / rho));
  const lon = Math.atan2(
    x * Math.sin(c),
    rho * Math.cos(beta0) * Math.cos(c) - y * Math.sin(beta0) * Math.sin(c),
  );
  return [grid.lon0 + lon / RADIANS, latitude(qPole * Math.sin(beta), e, e2) / RADIANS];
}

/** @param {Grid} grid */
function constants(grid) {
  const flattening = 1 / grid.inverseFlattening;
  const e2 = flattening * (2 - flattening);
  const e = Math.sqrt(e2);
  const phi = grid.lat0 * RADIANS;
  const qPole = authalic(1, e, e2);
  const beta0 = Math.asin(authalic(Math.sin(phi), e, e2) / qPole);
  const radius = grid.semiMajor * Math.sqrt(qPole / 2);
  const m = Math.cos(phi) / Math.sqrt(1 - e2 * Math.sin(phi) ** 2);
  return { e, e2, qPole, radius, d: (grid.semiMajor * m) / (radius * Math.cos(beta0)), beta0 };
}

/**
 * @param {number} sine of a latitude
 * @param {number} e
 * @param {number} e2
 */
function authalic(sine, e, e2) {
  return (1 - e2) * (sine / (1 - e2 * sine * sine) + Math.atanh(e * sine) / e);
}

/**
 * The latitude (radians) whose authalic function is q, by Newton's steps.
 * @param {number} q
 * @param {number} e
 * @param {number} e2
 */
function latitude(q, e, e2) {
  let phi = Math.asin(clamp(q / 2));
  for (let turn = 0; turn < 8; turn += 1) {
    const sine = Math.sin(phi);
    const cosine = Math.cos(phi);
    if (cosine < OPPOSITE) break;
    const root = 1 - e2 * sine * sine;
    const step = ((root * root) / (2 * cosine * (1 - e2))) * (q - authalic(sine, e, e2));
    phi += step;
    if (Math.abs(step) < 1e-15) break;
  }
  return phi;
}

/**
 * @param {number} easting
 * @param {number} northing
 * @param {Grid} grid
 */
function holds(easting, northing, grid) {
  return grid.west <= easting && easting < grid.east && grid.south <= northing && northing < grid.north;
}

/**
 * @param {Square} square
 * @param {Grid} grid
 * @returns {Square}
 */
function checked(square, grid) {
  const { size, north, east } = square;
  if (!grid.ladder.includes(size) || !holds(east, north, grid)) throw new BadCell();
  if (north % size !== 0 || east % size !== 0) throw new BadCell();
  return square;
}

/**
 * @param {Square} square
 * @param {Grid} grid
 */
function identify({ size, north, east }, grid) {
  return `CRS${grid.crs}RES${size}mN${north}E${east}`;
}

/** @param {number} sine */
function clamp(sine) {
  return Math.max(-1, Math.min(1, sine));
}

/** Seven decimals of a degree, about a centimetre. @param {number} degrees */
function rounded(degrees) {
  return Math.round(degrees * 1e7) / 1e7;
}
