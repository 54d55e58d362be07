/** The phone snaps as the server does: one file of vectors for both. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import {
  BadCell,
  EUROPE,
  forward,
  inverse,
  parent,
  parse,
  ring,
  snap,
  squareAt,
} from "../../privacy/static/privacy/coarsening.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
const VECTORS = read("coarsening.json");
const PUBLISHED = read("published_cells.json");
const MILLIMETRE = 0.001;
const LADDER = [250, 500, 1000];

const gridOf = (entry) => ({
  crs: entry.crs,
  semiMajor: entry.semi_major,
  inverseFlattening: entry.inverse_flattening,
  lat0: entry.lat0,
  lon0: entry.lon0,
  falseEasting: entry.false_easting,
  falseNorthing: entry.false_northing,
  ladder: entry.ladder,
  west: entry.west,
  south: entry.south,
  east: entry.east,
  north: entry.north,
});

/** Numbers that repeat, so that a failure can be run again. */
function* dice(seed) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

const near = (one, other, by) => assert.ok(Math.abs(one - other) < by, `${one} is not ${other}`);

describe("against others", () => {
  test("the vectors speak of our grid", () => {
    assert.deepEqual(gridOf(VECTORS.grids[0].grid), { ...EUROPE, ladder: [...EUROPE.ladder] });
    assert.ok(VECTORS.provenance.tool.includes("PROJ"));
    assert.ok(VECTORS.grids[0].cases.length > 100);
  });

  for (const entry of VECTORS.grids) {
    test(`${entry.name}: PROJ's metres, squares and outlines`, () => {
      const grid = gridOf(entry.grid);
      for (const { lon, lat, easting, northing, cells, ring500 } of entry.cases) {
        const [east, north] = forward(lon, lat, grid);
        near(east, easting, MILLIMETRE);
        near(north, northing, MILLIMETRE);
        for (const size of LADDER) assert.equal(snap(lon, lat, size, grid), cells[size]);
        const outline = ring(cells[500], grid);
        assert.equal(outline.length, ring500.length);
        outline.forEach(([x, y], at) => {
          near(x, ring500[at][0], 6e-8);
          near(y, ring500[at][1], 6e-8);
        });
      }
    });
  }

  test("the worked example of the guidance note", () => {
    for (const { lon, lat, easting, northing, tolerance } of PUBLISHED.points) {
      const [east, north] = forward(lon, lat);
      near(east, easting, tolerance);
      near(north, northing, tolerance);
    }
  });

  test("published squares lie where their publisher says", () => {
    const fine = { ...EUROPE, ladder: [200, 1000] };
    for (const { id, west, south, east, north } of PUBLISHED.cells) {
      for (const [lon, lat] of ring(id, fine)) {
        assert.ok(west < lon && lon < east && south < lat && lat < north);
      }
    }
  });
});

describe("snapping", () => {
  test("there and back, and into the square it stands in", () => {
    const roll = dice(3035);
    const next = () => roll.next().value;
    for (let turn = 0; turn < 2000; turn += 1) {
      const easting = EUROPE.west + 10 + next() * (EUROPE.east - EUROPE.west - 20);
      const northing = EUROPE.south + 10 + next() * (EUROPE.north - EUROPE.south - 20);
      const place = inverse(easting, northing);
      const [east, north] = forward(...place);
      near(east, easting, MILLIMETRE);
      near(north, northing, MILLIMETRE);
      for (const size of LADDER) {
        const square = parse(snap(...place, size));
        assert.ok(square.east <= east && east < square.east + size);
        assert.ok(square.north <= north && north < square.north + size);
      }
    }
  });

  test("squares nest, and only upwards", () => {
    const roll = dice(1000);
    for (let turn = 0; turn < 500; turn += 1) {
      const easting = 3_700_000 + roll.next().value * 100_000;
      const northing = 2_800_000 + roll.next().value * 100_000;
      const ids = LADDER.map((size) => squareAt(easting, northing, size));
      ids.forEach((low, from) => {
        ids.forEach((high, to) => {
          if (to >= from) assert.equal(parent(low, LADDER[to]), high);
          else assert.throws(() => parent(low, LADDER[to]), BadCell);
        });
      });
    }
  });

  test("a square owns its southern and western edge", () => {
    assert.equal(squareAt(3760500, 2889000, 500), "CRS3035RES500mN2889000E3760500");
    assert.equal(squareAt(3760999.999, 2889499.999, 500), "CRS3035RES500mN2889000E3760500");
    assert.equal(squareAt(3761000, 2889000, 500), "CRS3035RES500mN2889000E3761000");
    assert.equal(squareAt(3760500, 2889500, 500), "CRS3035RES500mN2889500E3760500");
  });

  test("rings are closed and neighbours share corners", () => {
    const left = ring("CRS3035RES500mN2889000E3760500");
    const right = ring("CRS3035RES500mN2889000E3761000");
    assert.equal(left.length, 5);
    assert.deepEqual(left[0], left[4]);
    assert.deepEqual(left[1], right[0]);
    assert.deepEqual(left[2], right[3]);
  });
});

describe("refusals", () => {
  const refused = (what) => {
    assert.throws(what, (error) => error instanceof BadCell && error.message === "bad-cell");
  };

  test("sizes off the ladder", () => {
    for (const size of [0, -500, 1, 100, 200, 750, 2000, NaN, "500"]) {
      refused(() => snap(2.3522, 48.8566, size));
    }
    refused(() => parent("CRS3035RES500mN2889000E3760500", 750));
  });

  test("places off the grid, and what is no place", () => {
    const places = [
      [-73.56, 45.51],
      [2.35, -48.85],
      [-170, -52],
      [0, 90],
      [200, 48],
      [NaN, 48],
      [2, Infinity],
      ["2.35", "48.85"],
      [null, undefined],
    ];
    for (const [lon, lat] of places) refused(() => snap(lon, lat, 500));
    refused(() => inverse(NaN, 0));
    refused(() => inverse(4321000 + 2 * 6400000, 3210000));
  });

  test("other spellings of a square", () => {
    const spellings = [
      "",
      "CRS3035RES500mN2889000E3760500 ",
      "CRS3035RES500mN2889000E3760500\n",
      "CRS3035RES500mN02889000E3760500",
      "CRS3035RES500mN2889000E3760501",
      "CRS3035RES200mN2889000E3760400",
      "CRS4326RES500mN2889000E3760500",
      "crs3035res500mn2889000e3760500",
      "CRS3035RES500mN-500E3760500",
      "CRS3035RES1000mN5500000E3760000",
      "NL_CRS3035RES1000mN3150000E3858000",
    ];
    for (const id of spellings) refused(() => ring(id));
  });
});

test("the module keeps, sends and prints nothing", () => {
  const source = readFileSync(new URL("../../privacy/static/privacy/coarsening.js", import.meta.url), "utf8");
  assert.ok(source.includes("export function snap"));
  for (const word of ["fetch(", "localStorage", "indexedDB", "console", "Math.random", "Date", "import "]) {
    assert.ok(!source.includes(word), word);
  }
});
