const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const kit = core("kit.js", "kit_decimate.js");
const wave = Array.from({ length: 10000 }, (_, i) => Math.sin(i / 7) * (1 + (i % 97) / 30));

test("few values are all kept", () => {
  assert.deepStrictEqual(kit.minmax([1, null, 3], 0, 3, 10), [0, 1, 2]);
});

test("of each column the least and the greatest are kept, and no column has more than five", () => {
  const kept = kit.minmax(wave, 0, wave.length, 100);
  assert.ok(kept.length <= 500);
  for (let column = 0; column < 100; column += 1) {
    const part = wave.slice(column * 100, column * 100 + 100);
    const own = kept.filter((index) => index >= column * 100 && index < column * 100 + 100).map((index) => wave[index]);
    assert.strictEqual(Math.min(...own), Math.min(...part));
    assert.strictEqual(Math.max(...own), Math.max(...part));
    assert.ok(own.includes(part[0]) && own.includes(part[99]));
  }
});

test("kept places ascend, each once, ends among them", () => {
  const kept = kit.minmax(wave, 17, 9871, 77);
  assert.deepStrictEqual(kept, [...new Set(kept)].sort((a, b) => a - b));
  assert.strictEqual(kept[0], 17);
  assert.strictEqual(kept[kept.length - 1], 9870);
});

test("a gap longer than a column stays a gap", () => {
  const holed = wave.map((value, index) => (index >= 3000 && index < 3400 ? null : value));
  const kept = kit.minmax(holed, 0, holed.length, 100);
  assert.ok(kept.some((index) => holed[index] === null));
});

const bars = {
  open: [1, 2, 3, 4, 5, 6], high: [2, 3, 9, 5, 6, 7], low: [0.5, 1, 2, 3, 4, 5],
  close: [2, 3, 4, 5, 6, 7], volume: [10, 20, 30, null, 50, 60],
};

test("three bars a candle: first open, greatest high, least low, last close, all volume", () => {
  const { size, groups } = kit.candlesOf(bars, 0, 6, 2);
  assert.strictEqual(size, 3);
  assert.deepStrictEqual(groups[0], { from: 0, to: 3, open: 1, high: 9, low: 0.5, close: 4, volume: 60 });
  assert.deepStrictEqual(groups[1], { from: 3, to: 6, open: 4, high: 7, low: 3, close: 7, volume: 110 });
});

test("groups begin at the same bars wherever the window begins", () => {
  const long = Object.fromEntries(Object.keys(bars).map((name) => [name, wave]));
  const starts = (from) => kit.candlesOf(long, from, from + 1000, 200).groups.map((group) => group.from);
  assert.ok(starts(103).slice(1).every((start) => starts(100).includes(start) || start >= 1100));
});

test("bars that are not known make no candle", () => {
  const none = { open: [null], high: [null], low: [null], close: [null], volume: [null] };
  assert.deepStrictEqual(kit.candlesOf(none, 0, 1, 5).groups, []);
});

test("the nearest of ascending values, and the first that is not below", () => {
  assert.deepStrictEqual([-1, 4, 6, 7, 40].map((x) => kit.nearest([0, 5, 10], x)), [0, 1, 1, 1, 2]);
  assert.deepStrictEqual([-1, 0, 1, 10, 11].map((x) => kit.firstFrom([0, 5, 10], x)), [0, 0, 1, 2, 3]);
});
