// An order that puts what moves together side by side: average linkage over sqrt((1 - r) / 2) (Mantegna 1999),
// leaves turned so that the sum of distances between neighbours is least (Bar-Joseph, Gifford and Jaakkola 2001).

function correlationDistance(r) {
  return Number.isFinite(r) ? Math.sqrt(Math.max((1 - r) / 2, 0)) : Math.SQRT1_2; // a blank says nothing: as r = 0
}

// The tree of average linkage: nested { left, right, leaves }, a leaf { leaves: [i] }.
function averageLinkage(distance) {
  let nodes = distance.map((_, i) => ({ leaves: [i] }));
  const mean = (a, b) => {
    let sum = 0;
    for (const i of a.leaves) for (const j of b.leaves) sum += distance[i][j];
    return sum / (a.leaves.length * b.leaves.length);
  };
  while (nodes.length > 1) {
    let best = { apart: Infinity };
    for (let i = 0; i < nodes.length; i++) {
      nodes[i].near ??= new Map();
      for (let j = i + 1; j < nodes.length; j++) {
        let apart = nodes[i].near.get(nodes[j]);
        if (apart === undefined) nodes[i].near.set(nodes[j], (apart = mean(nodes[i], nodes[j])));
        if (apart < best.apart) best = { apart, i, j };
      }
    }
    const left = nodes[best.i];
    const right = nodes[best.j];
    const merged = { left, right, leaves: [...left.leaves, ...right.leaves] };
    nodes = nodes.filter((node) => node !== left && node !== right);
    for (const node of nodes) node.near?.delete(left), node.near?.delete(right);
    nodes.push(merged);
  }
  return nodes[0];
}

// For every pair of ends that the tree allows: the least sum of distances between neighbours, and its order.
function bestEnds(node, distance) {
  if (!node.left) return new Map([[node.leaves[0], new Map([[node.leaves[0], { cost: 0 }]])]]);
  const one = bestEnds(node.left, distance);
  const two = bestEnds(node.right, distance);
  const found = new Map(node.leaves.map((leaf) => [leaf, new Map()]));
  for (const [u, inner] of one) {
    for (const [k, outer] of two) {
      let join = { cost: Infinity };
      for (const [m, first] of inner) {
        const cost = first.cost + distance[m][k];
        if (cost < join.cost) join = { cost, m };
      }
      for (const [w, last] of outer) {
        const cost = join.cost + last.cost;
        const held = found.get(u).get(w);
        if (!held || cost < held.cost) {
          const way = { cost, u, m: join.m, k, w, first: one, second: two };
          found.get(u).set(w, way);
          found.get(w).set(u, { ...way, turned: true });
        }
      }
    }
  }
  return found;
}

function walkEnds(ends, u, w) {
  const way = ends.get(u).get(w);
  if (!way.first) return [u];
  const order = [...walkEnds(way.first, way.u, way.m), ...walkEnds(way.second, way.k, way.w)];
  return way.turned ? order.reverse() : order;
}

// The clustered order of a square matrix of correlations, as indices.
function clusterOrder(matrix) {
  const indices = matrix.map((_, i) => i);
  if (matrix.length < 3) return indices;
  const distance = matrix.map((row, i) => row.map((r, j) => (i === j ? 0 : correlationDistance(r))));
  const ends = bestEnds(averageLinkage(distance), distance);
  let best = { cost: Infinity };
  for (const u of indices) {
    for (const [w, way] of ends.get(u)) if (way.cost < best.cost - 1e-12) best = { cost: way.cost, u, w };
  }
  return walkEnds(ends, best.u, best.w);
}

Object.assign(kit, { clusterOrder, averageLinkage });
