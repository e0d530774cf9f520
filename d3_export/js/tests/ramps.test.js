const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const { rampColour, rampScale, rampInk: inkOn, rampContrast: contrast, toOklab } = core("kit_ramps.js");
const STEPS = Array.from({ length: 41 }, (_, i) => i / 40);
const SCHEMES = ["diverging", "sequential"].flatMap((name) => [[name, false], [name, true]]);

// Deuteranopia, severity 1: Machado, Oliveira and Fernandes (2009), table 1, over linear RGB
const DEUTAN = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]];
const PROTAN = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];

function seen(hex, matrix) {
  const rgb = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const linear = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const made = matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * linear[i], 0));
  const bytes = made.map((c) => Math.max(0, Math.min(1, c))).map((c) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  return `#${bytes.map((c) => Math.round(c * 255).toString(16).padStart(2, "0")).join("")}`;
}

const apart = (a, b) => Math.hypot(...toOklab(a).map((part, i) => part - toOklab(b)[i]));

test("white, black and red in OKLab, as its author gives them", () => {
  assert.ok(Math.abs(toOklab("#ffffff")[0] - 1) < 1e-4 && Math.abs(toOklab("#000000")[0]) < 1e-9);
  const red = toOklab("#ff0000");
  [0.628, 0.225, 0.126].forEach((part, i) => assert.ok(Math.abs(red[i] - part) < 1e-3));
});

test("contrast is WCAG's: black on white 21, #777 on white 4.48", () => {
  assert.strictEqual(contrast("#000000", "#ffffff"), 21);
  assert.strictEqual(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

test("numbers in cells read: at least 4.5 on every step of every ramp", () => {
  for (const [name, dark] of SCHEMES) {
    for (const step of STEPS) {
      const ground = rampColour(name, dark, step);
      assert.ok(contrast(ground, inkOn(ground)) >= 4.5, `${name} ${dark} ${step} ${ground}`);
    }
  }
});

test("lightness goes one way: along a sequential ramp, and from the middle to either end of a diverging one", () => {
  for (const [name, dark] of SCHEMES) {
    for (const matrix of [[[1, 0, 0], [0, 1, 0], [0, 0, 1]], DEUTAN, PROTAN]) {
      const light = STEPS.map((step) => toOklab(seen(rampColour(name, dark, step), matrix))[0]);
      const parts = name === "sequential" ? [light] : [light.slice(20), light.slice(0, 21).reverse()];
      for (const part of parts) {
        const way = Math.sign(part[part.length - 1] - part[0]);
        assert.ok(part.every((each, i) => i === 0 || (each - part[i - 1]) * way > 0), `${name} dark=${dark}: ${part}`);
      }
    }
  }
});

test("the two sides of a diverging ramp are told apart without red and green", () => {
  for (const dark of [false, true]) {
    for (const matrix of [DEUTAN, PROTAN]) {
      for (const share of [0.05, 0.15, 0.25, 0.35]) {
        const [low, high] = [share, 1 - share].map((each) => seen(rampColour("diverging", dark, each), matrix));
        assert.ok(apart(low, high) > 0.06, `dark=${dark} ${share}: ${low} ${high}`);
      }
    }
  }
});

test("a diverging scale is even about its centre, a sequential one runs from least to most", () => {
  const even = rampScale({ scale: "diverging", center: 0 }, [-0.1, null, 0.3]);
  assert.deepStrictEqual([even.low, even.high, even.share(0), even.share(0.3)], [-0.3, 0.3, 0.5, 1]);
  const given = rampScale({ scale: "diverging", center: 0.5, low: 0, high: 1 }, [0.2]);
  assert.strictEqual(given.share(0.25), 0.25);
  const rising = rampScale({ scale: "sequential" }, [2, 4, NaN]);
  assert.deepStrictEqual([2, 3, 4].map(rising.share), [0, 0.5, 1]);
});
