const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const { view3d, project3d, painterOrder, fractionalIndex, bilinear, lightOf } = core("kit_project3d.js");
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("the middle stays in the middle however it is turned", () => {
  for (const [a, e] of [[0, 0], [1, 0.5], [-3, 1.2]]) {
    const [x, y, depth] = project3d(view3d(a, e, 100, 300, 200), 0, 0, 0);
    near(x, 300), near(y, 200), near(depth, 0);
  }
});

test("from the front, level: x goes right, z goes up, y goes away", () => {
  const view = view3d(0, 0, 60, 0, 0);
  const [x, y, depth] = project3d(view, 1, 0, 0);
  near(x, 60), near(y, 0), near(depth, 0);
  near(project3d(view, 0, 0, 1)[1], -60);
  const [far, , away] = project3d(view, 1, 1, 0);
  near(away, 1);
  near(far, (60 * 6) / 7); // one further from an eye six away
});

test("a quarter turn puts what was right behind", () => {
  const [x, , depth] = project3d(view3d(Math.PI / 2, 0, 60, 0, 0), 1, 0, 0);
  near(x, 0), near(depth, 1);
});

test("from straight above depth is height alone", () => {
  const [x, y, depth] = project3d(view3d(0, Math.PI / 2, 60, 0, 0), 0.5, 1, 0);
  near(x, 30), near(y, -60), near(depth, 0);
});

test("cells are drawn from far to near, of every side", () => {
  for (let turn = -8; turn <= 8; turn++) {
    const view = view3d((turn * Math.PI) / 8 + 0.05, 0.6, 1, 0, 0);
    const place = new Map(painterOrder(view, 5, 7).map(([i, j], at) => [`${i},${j}`, at]));
    assert.strictEqual(place.size, 35);
    const depth = (i, j) => project3d(view, -1 + (2 * (j + 0.5)) / 7, -1 + (2 * (i + 0.5)) / 5, 0)[2];
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 7; j++) {
        for (const [a, b] of [[i + 1, j], [i, j + 1]]) {
          if (a > 4 || b > 6) continue; // neighbours share an edge: the farther is drawn first
          const first = place.get(`${i},${j}`) < place.get(`${a},${b}`);
          assert.strictEqual(first, depth(i, j) > depth(a, b), `turn ${turn}, ${i},${j} beside ${a},${b}`);
        }
      }
    }
  }
});

test("a value's place among an axis's, and the value there, by hand", () => {
  assert.strictEqual(fractionalIndex([0.1, 0.2, 0.4], 0.3), 1.5);
  assert.strictEqual(fractionalIndex([0.1, 0.2, 0.4], 0.1), 0);
  assert.strictEqual(fractionalIndex([0.1, 0.2, 0.4], 0.5), null);
  near(bilinear([[1, 2], [3, 8]], 0.5, 0.5), 3.5);
  near(bilinear([[1, 2], [3, null]], 0, 0.25), 1.25); // a blank corner without weight does not matter
  assert.strictEqual(bilinear([[1, 2], [3, null]], 0.5, 0.5), null);
});

test("light falls fully on what faces it and not on what lies edge on", () => {
  near(lightOf([0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 2]), 1);
  near(lightOf([0, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 2]), 0);
});
