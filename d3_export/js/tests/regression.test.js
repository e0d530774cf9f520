const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const { leastSquares, regressionWords } = core("kit_regression.js");
const { placeLabels, overlapping } = core("kit_place_labels.js");

// Anscombe (1973), "Graphs in Statistical Analysis", The American Statistician 27(1): first set
const X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
const Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];

test("Anscombe's first set: y = 3.00 + 0.500 x, R squared 0.67", () => {
  const fit = leastSquares(X.map((x, i) => [x, Y[i]]));
  assert.strictEqual(fit.intercept.toFixed(2), "3.00");
  assert.strictEqual(fit.slope.toFixed(3), "0.500");
  assert.strictEqual(fit.r2.toFixed(2), "0.67");
  assert.strictEqual(regressionWords(fit, "y", "x"), "y = 3.00 + 0.500 × x, R² 0.67, n = 11");
});

test("a falling line reads with a minus; blanks are left out", () => {
  const fit = leastSquares([[0, 1], [1, -1], [2, -3], [null, 5], [3, NaN]]);
  assert.deepStrictEqual([fit.n, fit.slope, fit.intercept, fit.r2], [3, -2, 1, 1]);
  assert.match(regressionWords(fit, "y", "x"), /1\.00 − 2\.00 × x/);
});

test("two points, or points above one another, have no line", () => {
  assert.strictEqual(leastSquares([[0, 1], [1, 2]]), null);
  assert.strictEqual(leastSquares([[1, 1], [1, 2], [1, 3]]), null);
});

test("labels cover neither one another, nor points, nor the edge", () => {
  const points = Array.from({ length: 60 }, (_, i) => ({
    x: 30 + ((i * 97) % 340), y: 20 + ((i * 61) % 160), r: 4, width: 34, height: 12, weight: i === 7 ? 2 : 1,
  }));
  const bounds = { x0: 0, y0: 0, x1: 400, y1: 200 };
  const placed = placeLabels(points, bounds);
  const boxes = placed.filter(Boolean);
  assert.ok(placed[7], "the weightiest is labelled");
  assert.ok(boxes.length > 10);
  boxes.forEach((a, i) => {
    assert.ok(a.x0 >= 0 && a.x1 <= 400 && a.y0 >= 0 && a.y1 <= 200);
    boxes.slice(i + 1).forEach((b) => assert.ok(!overlapping(a, b)));
    points.forEach(({ x, y, r }, at) => {
      if (placed[at] !== a) assert.ok(!overlapping(a, { x0: x - r, y0: y - r, x1: x + r, y1: y + r }));
    });
  });
});
