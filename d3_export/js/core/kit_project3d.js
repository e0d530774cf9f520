// A height field seen from outside: turned about its vertical axis, tilted, and set smaller with distance.
// Model coordinates run from -1 to 1 along x, y (the floor) and z (up); the screen's y grows downwards.

const CAMERA_DISTANCE = 6; // of the eye from the middle; 2 is just outside the box, infinity is no perspective

function view3d(azimuth, elevation, scale, centerX, centerY) {
  return {
    azimuth, elevation, scale, centerX, centerY,
    ca: Math.cos(azimuth), sa: Math.sin(azimuth), ce: Math.cos(elevation), se: Math.sin(elevation),
  };
}

// [screen x, screen y, depth]; depth grows away from the eye.
function project3d(view, x, y, z) {
  const across = x * view.ca - y * view.sa;
  const away = x * view.sa + y * view.ca;
  const up = z * view.ce + away * view.se;
  const depth = away * view.ce - z * view.se;
  const near = CAMERA_DISTANCE / (CAMERA_DISTANCE + depth);
  return [view.centerX + across * near * view.scale, view.centerY - up * near * view.scale, depth];
}

// Places of an axis from the far end to the near one, of the eye at this azimuth: for a height field, cells drawn
// row by row in this order never cover what lies in front of them, and nothing need be sorted.
function farToNear(count, towards) {
  const order = Array.from({ length: count }, (_, i) => i);
  return towards > 0 ? order.reverse() : order;
}

// The cells [row, column] of a grid of (rows x columns) cells, farthest first.
function painterOrder(view, rows, columns) {
  const down = farToNear(rows, view.ca);
  const along = farToNear(columns, view.sa);
  const cells = [];
  // the axis that lies more along the line of sight is the outer one
  if (Math.abs(view.ca) >= Math.abs(view.sa)) for (const i of down) for (const j of along) cells.push([i, j]);
  else for (const j of along) for (const i of down) cells.push([i, j]);
  return cells;
}

// How much light falls on the cell with these four corners ([x, y, z] each): from 0, edge on, to 1.
function lightOf(a, b, c, light) {
  const u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const v = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
  const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const size = Math.hypot(...n) * Math.hypot(...light);
  return size ? Math.abs(n[0] * light[0] + n[1] * light[1] + n[2] * light[2]) / size : 0;
}

// The [x, y, z]s given as fractions 0..1 of an axis, in model coordinates.
function modelPlace(share) {
  return 2 * share - 1;
}

// Where ``value`` lies among ascending ``places``, as a fractional index; null outside them.
function fractionalIndex(places, value) {
  const last = places.length - 1;
  if (!(value >= places[0] && value <= places[last])) return null;
  let at = places.findIndex((place) => place >= value);
  if (at === 0) return 0;
  at -= 1;
  return at + (value - places[at]) / (places[at + 1] - places[at]);
}

// The grid's value at fractional indices, between its four neighbours in straight lines; null where one is blank.
function bilinear(values, row, column) {
  const r = Math.min(Math.floor(row), values.length - 1);
  const c = Math.min(Math.floor(column), values[0].length - 1);
  const r1 = Math.min(r + 1, values.length - 1);
  const c1 = Math.min(c + 1, values[0].length - 1);
  const [f, g] = [row - r, column - c];
  const corners = [[r, c, (1 - f) * (1 - g)], [r, c1, (1 - f) * g], [r1, c, f * (1 - g)], [r1, c1, f * g]];
  let sum = 0;
  for (const [i, j, weight] of corners) {
    if (weight === 0) continue;
    if (values[i][j] === null) return null;
    sum += weight * values[i][j];
  }
  return sum;
}

Object.assign(kit, { view3d, project3d, painterOrder, fractionalIndex, bilinear, lightOf, modelPlace });
