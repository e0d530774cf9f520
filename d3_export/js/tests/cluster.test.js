const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const { clusterOrder, averageLinkage } = core("kit_cluster.js");

const blocks = (r) => [
  [1, 0.1, r, 0.1, r],
  [0.1, 1, 0.1, r, 0.1],
  [r, 0.1, 1, 0.1, r],
  [0.1, r, 0.1, 1, 0.1],
  [r, 0.1, r, 0.1, 1],
];

test("what moves together stands together", () => {
  const places = clusterOrder(blocks(0.9));
  const apart = places.map((each) => (each % 2 === 0 ? "a" : "b")).join("");
  assert.ok(["aaabb", "bbaaa"].includes(apart), apart);
});

test("every row is in the order once, of any size", () => {
  for (const size of [0, 1, 2, 3, 7, 40]) {
    let seed = 7;
    const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const matrix = Array.from({ length: size }, () => Array.from({ length: size }, () => 2 * next() - 1));
    for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) matrix[i][j] = matrix[j][i] = i === j ? 1 : matrix[i][j];
    assert.deepStrictEqual([...clusterOrder(matrix)].sort((a, b) => a - b), matrix.map((_, i) => i));
  }
});

test("the tree joins the nearest first and leaves are turned so that neighbours are near", () => {
  // on a line at 0, 1, 3, 6: joined 0-1, then 3, then 6; the order along the line has the least sum of steps
  const at = [3, 0, 6, 1];
  const distance = at.map((a) => at.map((b) => Math.abs(a - b)));
  const tree = averageLinkage(distance);
  assert.deepStrictEqual([...tree.leaves].sort(), [0, 1, 2, 3]);
  const inner = tree.left.leaves.length > tree.right.leaves.length ? tree.left : tree.right;
  assert.deepStrictEqual([...inner.leaves].sort(), [0, 1, 3]);
  const r = distance.map((row) => row.map((d) => 1 - 2 * (d / 10) ** 2)); // so that sqrt((1 - r) / 2) is d / 10
  const order = clusterOrder(r).map((i) => at[i]);
  assert.ok(["0,1,3,6", "6,3,1,0"].includes(String(order)), String(order));
});

test("a blank correlation is taken for none", () => {
  const matrix = blocks(0.9);
  matrix[0][1] = matrix[1][0] = null;
  assert.strictEqual(new Set(clusterOrder(matrix)).size, 5);
});

test("a hundred securities are ordered in the time of a click", () => {
  const size = 100;
  const matrix = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => Math.cos((i - j) * 0.37)));
  const start = performance.now();
  clusterOrder(matrix);
  assert.ok(performance.now() - start < 5000);
});

test("of all orders that the tree allows the one with the least sum of steps, by trying all", () => {
  let seed = 11;
  const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let round = 0; round < 20; round++) {
    const size = 3 + (round % 6);
    const points = Array.from({ length: size }, () => [next(), next(), next()]);
    const distance = points.map((a) => points.map((b) => Math.hypot(...a.map((x, i) => x - b[i])) / 2));
    const length = (order) => order.slice(1).reduce((sum, each, i) => sum + distance[order[i]][each], 0);
    const every = (node) => {
      if (!node.left) return [node.leaves];
      const [one, two] = [every(node.left), every(node.right)];
      return one.flatMap((a) => two.flatMap((b) => [[...a, ...b], [...b, ...a]]));
    };
    const best = Math.min(...every(averageLinkage(distance)).map(length));
    const found = length(clusterOrder(distance.map((row) => row.map((d) => 1 - 2 * d * d))));
    assert.ok(Math.abs(found - best) < 1e-9, `${found} is not ${best}`);
  }
});
