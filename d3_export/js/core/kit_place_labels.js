// Labels beside points so that none covers another, a point, or the edge; what finds no place has no label.

function overlapping(a, b) {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

// Right, left, above, below, then the corners: where a label of (width x height) may stand about a point.
function labelPlaces(point, width, height) {
  const gap = point.r + 3;
  const lean = gap * 0.7;
  const middle = point.y - height / 2;
  return [
    [point.x + gap, middle], [point.x - gap - width, middle],
    [point.x - width / 2, point.y - gap - height], [point.x - width / 2, point.y + gap],
    [point.x + lean, point.y - lean - height], [point.x - lean - width, point.y - lean - height],
    [point.x + lean, point.y + lean], [point.x - lean - width, point.y + lean],
  ].map(([x, y]) => ({ x0: x, y0: y, x1: x + width, y1: y + height }));
}

// ``points``: [{ x, y, r, width, height, weight }]; the weightiest are placed first. Answers a box or null for each.
function placeLabels(points, bounds) {
  const taken = points.map(({ x, y, r }) => ({ x0: x - r, y0: y - r, x1: x + r, y1: y + r }));
  const placed = points.map(() => null);
  const order = points.map((_, i) => i).sort((a, b) => points[b].weight - points[a].weight || a - b);
  for (const at of order) {
    const point = points[at];
    if (!point.width) continue;
    const free = labelPlaces(point, point.width, point.height).find(
      (box) =>
        box.x0 >= bounds.x0 && box.x1 <= bounds.x1 && box.y0 >= bounds.y0 && box.y1 <= bounds.y1 &&
        !taken.some((other, i) => i !== at && overlapping(box, other)),
    );
    if (!free) continue;
    placed[at] = free;
    taken.push(free);
  }
  return placed;
}

Object.assign(kit, { placeLabels, overlapping });
