const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const kit = core("kit.js", "kit_labels.js", "kit_view.js");

test("labels with room stay where they are", () => assert.deepStrictEqual(kit.spread([10, 50, 90], 15, 0, 100), [10, 50, 90]));

test("labels that touch part from their middle", () => assert.deepStrictEqual(kit.spread([50, 50, 50], 10, 0, 100), [40, 50, 60]));

test("labels keep within the plot and in order", () => {
  const wanted = [99, 1, 98, 2, 97];
  const placed = kit.spread(wanted, 12, 0, 100);
  const order = [...wanted.keys()].sort((a, b) => placed[a] - placed[b]);
  assert.deepStrictEqual(order.map((index) => wanted[index]), [...wanted].sort((a, b) => a - b));
  assert.ok(placed.every((place) => place >= 0 && place <= 100 + 1e-9));
  order.slice(1).forEach((index, before) => assert.ok(placed[index] - placed[order[before]] >= 12 - 1e-9));
});

test("too many labels have no places", () => assert.strictEqual(kit.spread(Array(20).fill(5), 15, 0, 100), null));

test("a window zooms about a place, and stays within the whole", () => {
  let moved = 0;
  const view = kit.view(1000, () => (moved += 1));
  view.zoom(0.5, 0.25);
  assert.deepStrictEqual([view.start, view.end], [125, 625]);
  view.pan(900);
  assert.deepStrictEqual([view.start, view.end], [500, 1000]);
  view.zoom(0.000001);
  assert.strictEqual(view.span(), 5);
  view.reset();
  view.reset();
  assert.ok(view.whole() && moved === 4);
});

test("a window over few places shows them all", () => {
  const view = kit.view(3, () => {});
  view.zoom(0.1);
  assert.deepStrictEqual([view.start, view.end], [0, 3]);
});

test("a place out of sight is brought in", () => {
  const view = kit.view(100, () => {});
  view.set(10, 20);
  view.reveal(25);
  assert.deepStrictEqual([view.start, view.end], [16, 26]);
  view.reveal(3);
  assert.deepStrictEqual([view.start, view.end], [3, 13]);
});
