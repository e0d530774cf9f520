const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const kit = core("kit.js", "kit_formats.js", "kit_dates.js");

// as tests/engine/test_format.py has them; tests/d3_export/test_formats.py holds both against each other
const CASES = [
  [[0.0523, "percent"], "5.23%"],
  [[0.0523, "change"], "▲ +5.23%"],
  [[-0.0523, "change", 1], "▼ -5.2%"],
  [[0.000001, "change"], "0.00%"],
  [[-0.000001, "number"], "-0.000001"],
  [[-0.001, "number", 2], "0.00"],
  [[1234567.891, "price", 2, "USD"], "1,234,567.89 USD"],
  [[1.1172, "price"], "1.1172"],
  [[0.0123, "number"], "0.0123"],
  [[12.5, "ratio", 1, "x"], "12.5x"],
  [[null, "number"], "—"],
  [[null, "number", 2, "USD", { blank: "not yet known" }], "…"],
  [[null, "number", 2, "", { blank: "failed to load" }], "✗"],
  [[true, "text"], "yes"],
  [["2020-03-16", "date"], "2020-03-16"],
  [["2020-03-16T20:00:00Z", "instant"], "2020-03-16 20:00 UTC"],
  [["2020-03-16T20:00:00Z", "instant", null, "", { zone: "America/New_York" }], "2020-03-16 16:00 EDT"],
  [[7, "integer"], "7"],
];

for (const [words, told] of CASES) {
  test(`${JSON.stringify(words)} reads ${told}`, () => assert.strictEqual(kit.format(...words), told));
}

test("three digits and a scale", () => {
  const told = [999, 1234, 45600, 999600, 1.5e9, -2.5e12, 12.34].map(kit.compact);
  assert.deepStrictEqual(told, ["999", "1.23K", "45.6K", "1.00M", "1.50B", "-2.50T", "12.34"]);
});

test("ticks have as many decimals as tell them apart, and large ones are short", () => {
  const told = (ticks, kind, unit) => ticks.map(kit.tickFormat(ticks, kind, unit));
  assert.deepStrictEqual(told([0, 0.05, 0.1], "percent"), ["0%", "5%", "10%"]);
  assert.deepStrictEqual(told([0, 0.025, 0.05], "percent"), ["0.0%", "2.5%", "5.0%"]);
  assert.deepStrictEqual(told([-20, 0], "number", "% a year"), ["-20%", "0%"]);
  assert.deepStrictEqual(told([0, 500000, 1500000]), ["0", "500K", "1.5M"]);
  assert.deepStrictEqual(told([1000, 1500]), ["1,000", "1,500"]);
  assert.deepStrictEqual(told([100000, 110000]), ["100K", "110K"]);
});

test("a date as a sentence says it", () => assert.strictEqual(kit.spoken("2020-03-06"), "6 March 2020"));
