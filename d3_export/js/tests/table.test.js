const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const kit = core("kit.js", "kit_formats.js", "kit_dates.js", "../figures/_table_data.js");
const column = (name, kind) => ({ name, label: name, kind, decimals: null, unit: "", formula: "", default_blank: "never existed" });
const figure = {
  columns: [column("name", "text"), column("value", "change")],
  rows: [{ name: "b10", value: 0.1 }, { name: "B2", value: null }, { name: "=1+1", value: -0.2 }, { name: "a\tb", value: 0.1 }],
  blanks: [{ row: 1, column: "value", kind: "failed to load" }],
};
const cells = kit.cellsOf(figure);
const ALL = [0, 1, 2, 3];

test("numbers sort as numbers, blanks last either way, equals in the data's order", () => {
  assert.deepStrictEqual(kit.sorted(cells, ALL, 1, 1), [2, 0, 3, 1]);
  assert.deepStrictEqual(kit.sorted(cells, ALL, 1, -1), [0, 3, 2, 1]);
  assert.deepStrictEqual(kit.sorted(cells, ALL, null, 1), ALL);
});

test("words sort without case, and numbers in them as numbers", () => {
  assert.deepStrictEqual(kit.sorted(cells, [0, 1], 0, 1), [1, 0]);
});

test("a filter holds every word, as cells read", () => {
  assert.deepStrictEqual(kit.filtered(cells, "B"), [0, 1, 3]);
  assert.deepStrictEqual(kit.filtered(cells, "b +10"), [0, 3]);
  assert.deepStrictEqual(kit.filtered(cells, "▼"), [2]);
  assert.deepStrictEqual(kit.filtered(cells, "  "), ALL);
});

test("kinds of blank are told apart", () => {
  assert.strictEqual(cells.text(1, 1), "✗");
  assert.deepStrictEqual(cells.kinds(), ["failed to load"]);
});

test("what is copied has tabs between values in full, and no formula of outside text", () => {
  assert.strictEqual(kit.tsv(cells, [2, 1, 3]), "name\tvalue\n'=1+1\t-0.2\nB2\t\na b\t0.1");
});
