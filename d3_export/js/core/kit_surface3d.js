// A surface over two numbers, drawn on a canvas from far to near, with the box it stands in and the quotes it was
// fitted to. Everything is worked out anew at each turn: some hundred cells take a millisecond or two.

const HEIGHT = 0.62; // of the box, where its floor is 2 x 2

/** What a surface is in the box: places of its axes, its heights, its points, and the scale of its values. */
kit.surfaceModel = (figure) => {
  const known = figure.values.flat().filter((value) => value !== null);
  if (!known.length) return null;
  const [least, most] = kit.extent(known, figure.points.filter((point) => point.used).map((point) => point.value));
  const [low, high] = kit.extent(known);
  const room = (high - low || Math.abs(high) || 1) * 0.25; // quotes may stretch the scale this far
  const domain = kit.linear([Math.max(least, low - room), Math.min(most, high + room)], [0, 1], { nice: 5 }).domain();
  const x = axisShare(figure.x, false);
  const y = axisShare(figure.y, figure.y[0] >= 0 && figure.y[figure.y.length - 1] > 6 * figure.y[0]);
  const z = (value) => (2 * (value - domain[0]) / (domain[1] - domain[0]) - 1) * HEIGHT;
  const vertices = figure.values.map((row, i) => row.map((value, j) => (
    value === null ? null : [kit.modelPlace(x(figure.x[j])), kit.modelPlace(y(figure.y[i])), z(value)])));
  return { figure, domain, x, y, z, vertices, points: placedPoints(figure, { x, y, z, domain }), scale: kit.rampScale({ scale: "sequential" }, known) };
};

/** 0 to 1 along an axis; by the root of time where expiries crowd at the near end. */
function axisShare(values, rooted) {
  const bend = rooted ? Math.sqrt : (value) => value;
  const [first, last] = [bend(values[0]), bend(values[values.length - 1])];
  const share = (value) => (last > first ? (bend(value) - first) / (last - first) : 0.5);
  share.rooted = rooted;
  return share;
}

/** The quotes that lie within the box, with the cell each stands over. */
function placedPoints(figure, { x, y, z, domain }) {
  const found = [];
  figure.points.forEach((point, index) => {
    const column = kit.fractionalIndex(figure.x, point.x);
    const row = kit.fractionalIndex(figure.y, point.y);
    if (column === null || row === null || point.value === null || point.value < domain[0] || point.value > domain[1]) return;
    const cell = [Math.min(Math.floor(row), Math.max(figure.y.length - 2, 0)), Math.min(Math.floor(column), Math.max(figure.x.length - 2, 0))];
    found.push({ point, index, cell, fit: kit.bilinear(figure.values, row, column), place: [kit.modelPlace(x(point.x)), kit.modelPlace(y(point.y)), z(point.value)] });
  });
  return found;
}

/** The view that shows the whole box in width x height px, as large at every azimuth. */
kit.surfaceView = ({ azimuth, elevation }, width, height) => {
  const unit = kit.view3d(0, elevation, 1, 0, 0);
  const [top, foot] = [-kit.project3d(unit, 0, Math.SQRT2, HEIGHT)[1], kit.project3d(unit, 0, -Math.SQRT2, -HEIGHT)[1]];
  const sides = Math.min(170, width * 0.3);
  const scale = Math.min((width - sides) / 2.95, (height - 62) / (top + foot));
  return kit.view3d(azimuth, elevation, scale, width / 2, 12 + top * scale);
};

/** Draws the model as seen by `view` and answers what is under a pointer: { cells, at(px, py) }. */
kit.drawSurface = (context, model, view, look) => {
  const seen = model.vertices.map((row) => row.map((vertex) => vertex && kit.project3d(view, ...vertex)));
  const points = model.points.map((each) => ({ ...each, seen: kit.project3d(view, ...each.place) }));
  const near = [view.sa > 0 ? -1 : 1, view.ca > 0 ? -1 : 1]; // the corner of the floor nearest to the eye
  walls(context, model, view, near, look);
  const held = new Map();
  for (const each of points) {
    const key = each.cell.join();
    if (!held.has(key)) held.set(key, []);
    held.get(key).push(each);
  }
  const [rows, columns] = [seen.length - 1, seen[0].length - 1];
  const cells = [];
  for (const [i, j] of kit.painterOrder(view, rows, columns)) {
    const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]];
    const quad = corners.map(([r, c]) => seen[r][c]);
    if (quad.every(Boolean)) {
      paintCell(context, model, corners, quad, look);
      cells.push({ corners, quad });
    }
    for (const each of held.get(`${i},${j}`) || []) paintPoint(context, each, look);
  }
  labels(context, model, view, near, look);
  return { cells, points, seen, at: (px, py) => under(px, py, cells, points) };
};

function path(context, corners) {
  context.beginPath();
  corners.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
}

function paintCell(context, model, corners, quad, look) {
  const mean = corners.reduce((sum, [r, c]) => sum + model.figure.values[r][c], 0) / 4;
  path(context, quad);
  context.closePath();
  context.fillStyle = look.colour(mean);
  context.fill();
  context.strokeStyle = look.mesh;
  context.lineWidth = 0.6;
  context.stroke();
}

function paintPoint(context, { point, seen: [x, y] }, look) {
  context.beginPath();
  context.arc(x, y, (point.used ? 2 : 2.6) * look.dot, 0, 2 * Math.PI);
  context.lineWidth = 1;
  if (point.used) {
    context.fillStyle = look.ink;
    context.fill();
    context.strokeStyle = look.paper;
  } else context.strokeStyle = look.left;
  context.stroke();
}

/** Floor and the two walls behind, with light lines at the ticks of the height. */
function walls(context, model, view, [nx, ny], look) {
  const at = (x, y, z) => kit.project3d(view, x, y, z);
  context.lineWidth = 1;
  context.strokeStyle = look.grid;
  for (const tick of d3.ticks(...model.domain, 5)) {
    const z = model.z(tick);
    path(context, [at(nx, -ny, z), at(-nx, -ny, z), at(-nx, ny, z)]);
    context.stroke();
  }
  for (const x of [-1, 1]) {
    path(context, [at(x, -1, -HEIGHT), at(x, 1, -HEIGHT)]);
    context.stroke();
    path(context, [at(-1, x, -HEIGHT), at(1, x, -HEIGHT)]);
    context.stroke();
  }
  path(context, [at(-nx, -ny, -HEIGHT), at(-nx, -ny, HEIGHT)]);
  context.stroke();
}

function labels(context, model, view, [nx, ny], look) {
  const { figure } = model;
  context.fillStyle = look.muted;
  context.font = kit.font(12);
  context.textBaseline = "middle";
  const along = (name, place, text) => ({ seen: kit.project3d(view, ...place), text, name });
  const xs = figure.x.map((value, at) => along("x", [kit.modelPlace(model.x(value)), ny * 1.09, -HEIGHT], look.xLabel(at)));
  const ys = figure.y.map((value, at) => along("y", [nx * 1.09, kit.modelPlace(model.y(value)), -HEIGHT], look.yLabel(at)));
  const middle = kit.project3d(view, 0, 0, -HEIGHT)[0];
  for (const marks of [xs, ys]) {
    const right = marks[marks.length >> 1].seen[0] > middle;
    spaced(marks, right).forEach(({ seen: [x, y], text }) => {
      context.textAlign = right ? "left" : "right";
      const reach = kit.textWidth(text);
      context.fillText(text, right ? Math.min(x + 2, look.width - reach) : Math.max(x - 2, reach), y + 8);
    });
  }
  heightLabels(context, model, view, [nx, ny], look);
  titles(context, model, xs[xs.length >> 1].seen[0] > middle, look);
}

/** What the two axes are, at the foot of the side on which each runs. */
function titles(context, model, xRight, look) {
  const { x_title: x, y_title: y } = model.figure;
  const named = [x, model.y.rooted ? `${y} (by root of time)` : y];
  const [left, right] = xRight ? [named[1], named[0]] : named;
  context.font = kit.font(12, 600);
  context.fillStyle = look.ink;
  context.textAlign = "left";
  context.fillText(kit.shorten(left, look.width * 0.48, 12, 600), 2, look.height - 9);
  context.textAlign = "right";
  context.fillText(kit.shorten(right, look.width * 0.48, 12, 600), look.width - 2, look.height - 9);
}

/** The marks that do not run into one another: the ends, and of the rest as many as there is room for. */
function spaced(marks) {
  const kept = [];
  const apart = (a, b) => Math.abs(a.seen[1] - b.seen[1]) >= 15 || Math.abs(a.seen[0] - b.seen[0]) >= kit.textWidth(a.text.length > b.text.length ? a.text : b.text, 12) + 8;
  const wanted = [marks[0], marks[marks.length - 1], ...marks.slice(1, -1)];
  for (const mark of wanted) if (kept.every((other) => apart(mark, other))) kept.push(mark);
  return kept;
}

function heightLabels(context, model, view, [nx, ny], look) {
  const corners = [[nx, -ny], [-nx, ny]].map(([x, y]) => [x, y, kit.project3d(view, x, y, 0)[0]]);
  const [x, y] = corners[0][2] < corners[1][2] ? corners[0] : corners[1];
  context.textAlign = "right";
  context.fillStyle = look.muted;
  const ticks = d3.ticks(...model.domain, 5);
  const write = kit.tickFormat(ticks, model.figure.kind_of_values, model.figure.unit);
  for (const tick of ticks) {
    const [px, py] = kit.project3d(view, x, y, model.z(tick));
    if (model.z(tick) > 0.01 - HEIGHT) context.fillText(write(tick), px - 6, py); // at the floor the axis begins
  }
}

/** A quote within reach of the pointer, else the nearest corner of the foremost cell there, else null. */
function under(px, py, cells, points) {
  const hit = [...cells].reverse().find(({ quad }) => inside(px, py, quad));
  const front = hit ? Math.min(...hit.quad.map(([, , depth]) => depth)) : Infinity;
  let quote = null;
  for (const each of points) {
    const apart = Math.hypot(each.seen[0] - px, each.seen[1] - py);
    if (apart <= 5 && each.seen[2] <= front + 0.25 && !(quote && quote.apart <= apart)) quote = { apart, each };
  }
  if (quote) return { quote: quote.each };
  if (!hit) return null;
  let best = { apart: Infinity };
  hit.quad.forEach(([x, y], at) => {
    const apart = Math.hypot(x - px, y - py);
    if (apart < best.apart) best = { apart, corner: hit.corners[at] };
  });
  return { row: best.corner[0], column: best.corner[1] };
}

function inside(px, py, quad) {
  let within = false;
  for (let i = 0, j = quad.length - 1; i < quad.length; j = i, i += 1) {
    const [[ax, ay], [bx, by]] = [quad[i], quad[j]];
    if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}
