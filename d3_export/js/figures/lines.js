// Lines over a shared axis of time: named at their ends where that fits, broken at gaps, exact under the cursor.

const FOOT = 26;
const DAY = 86400000;
const LONG = 120; // dates from which a window over them is worth its room
const TOLD = 12; // lines that a tooltip tells of at once
const CROWD = 16; // lines of which more are a crowd: the outermost have colours, the others are grey until chosen

figures.lines = {
  draw(box, figure, kit, panel) {
    const set = kit.linesOf(figure);
    const handle = { csv: () => kit.lineTable(set), describe: () => kit.lineWords(set, figure) };
    if (!set.dates.length) {
      kit.el("p", "empty", "No values are known here.", box);
      return { ...handle, resize() {} };
    }
    const chart = built(box, figure, set, panel);
    chart.resize(box.clientWidth);
    return { ...handle, resize: chart.resize };
  },
};

function built(box, figure, set, panel) {
  const chart = { figure, set, log: figure.scale === "log", picked: null, rings: [], events: placed(set, figure.events) };
  chart.crowd = set.lines.length > CROWD;
  if (chart.crowd) kit.outermost(set.lines);
  chart.draw = kit.scheduled(() => drawn(chart));
  chart.view = kit.view(set.last + (set.ordinal ? 1 : 0) || 1, () => {
    chart.shared.moved();
    chart.draw();
  });
  chart.long = set.dates.length >= LONG;
  if (chart.long) controls(box, chart);
  chart.above = kit.el("div", "above", null, box);
  chart.plot = kit.plot(box, {
    canvas: true, mark: "lines", label: `${panel.title}. ${kit.lineWords(set, figure)}`,
    keys: "Left and right move the cursor, up and down choose a line, with Shift the window moves; plus and minus zoom, 0 shows all.",
  });
  if (chart.long) {
    chart.overview = kit.overview(box, chart.view, (context, width, height) => overall(chart, context, width, height),
      (place) => set.dates[kit.nearest(set.places, place)]);
    kit.gestures(chart.plot, chart.view, () => chart.at);
  }
  chart.cursor = kit.cursor(chart.plot, cursorOver(chart));
  chart.shared = chart.long && !set.ordinal ? shared(chart, panel) : kit.alone;
  chart.resize = (width) => resized(chart, width);
  return chart;
}

function shared(chart, panel) {
  const { first } = chart.set;
  return kit.share(panel.page, {
    view: chart.view, instant: (place) => first + place * DAY, place: (at) => (at - first) / DAY,
    point: (place) => kit.sharedCursor(chart.plot, place === null ? null : chart.x(place), chart.at, chart.rows.top, chart.rows.base),
  });
}

function controls(box, chart) {
  const { set, view } = chart;
  const spans = { ...view, set: (from, to) => view.set(set.places[from], to >= set.dates.length ? view.count : set.places[to]) };
  const ranges = kit.ranges(box, spans, set.dates.map((date) => date.slice(0, 10)), set.ordinal);
  const known = kit.extent(...set.lines.map((line) => line.values));
  if (!known || known[0] <= 0) chart.log = false;
  if (!known || known[0] <= 0 || (!chart.log && known[1] < known[0] * 5)) return;
  const toggle = ranges.add("Log", () => {
    chart.log = !chart.log;
    toggle.setAttribute("aria-pressed", String(chart.log));
    chart.draw();
  });
  toggle.dataset.action = "log";
  toggle.setAttribute("aria-label", "Logarithmic scale");
  toggle.setAttribute("aria-pressed", String(chart.log));
}

function placed(set, events) {
  return events.map((event) => ({ index: kit.firstFrom(set.dates, event.date), events: [event] })).filter((one) => one.index < set.dates.length);
}

function resized(chart, width) {
  const { set, figure } = chart;
  const high = width < 560 ? 230 : 300;
  chart.palette = kit.palette("muted", "grid");
  chart.colours = set.lines.map((line) => kit.css(kit.lineColour(line)));
  chart.rows = { top: 18, foot: high, base: high + (chart.events.length ? 26 : 0) };
  const names = chart.crowd ? [] : set.lines.map((line) => line.name);
  chart.room = kit.endRoom(names, width, chart.rows.foot - chart.rows.top);
  legend(chart);
  const scale = valueScale(chart, set.lines.map((line) => line.values));
  const axis = kit.axisWidth(scale, { count: 5, unit: figure.unit }) + 8;
  chart.at = chart.room ? { left: axis, right: width - chart.room, width } : { left: 0, right: width - axis, width };
  chart.plot.size(width, chart.rows.base + FOOT);
  if (chart.overview) chart.overview.resize(chart.at);
  chart.draw.now();
}

function legend(chart) {
  const { set } = chart;
  kit.clear(chart.above);
  if (chart.room || set.lines.length < 2) return;
  const entries = set.lines.map((line) => ({ label: line.name, variable: kit.lineColour(line), dash: kit.lineDash(line) }));
  chart.list = kit.legend(chart.above, entries, (index) => pick(chart, chart.picked === index ? null : index));
  mark(chart);
}

/** One line to the fore, the others faded; null: all alike. */
function pick(chart, index) {
  chart.picked = index;
  if (!chart.room) mark(chart);
  chart.draw();
}

function mark(chart) {
  if (!chart.list) return;
  chart.list.classList.toggle("picked", chart.picked !== null);
  chart.list.querySelectorAll("button").forEach((entry, index) => entry.setAttribute("aria-pressed", String(index === chart.picked)));
}

function valueScale(chart, values) {
  const known = kit.extent(...values) || [0, 1];
  const range = [chart.rows.foot - 4, chart.rows.top];
  if (chart.log && known[0] > 0) return kit.log(known, range, { pad: 0.04 });
  chart.below = known[1] <= 0 && known[0] < 0; // a drawdown hangs from nought
  const zero = chart.below || (known[0] >= 0 && known[0] < (known[1] - known[0]) * 0.25);
  return kit.linear(known, range, { pad: 0.04, zero });
}

/** Of each line the part [from, to) that the window shows, with one value beyond either edge. */
function seenParts(chart) {
  const { view, set } = chart;
  return set.lines.map((line) => ({
    from: Math.max(0, kit.firstFrom(line.places, view.start) - 1),
    to: Math.min(line.places.length, kit.firstFrom(line.places, view.end + 1e-9) + 1),
  }));
}

function drawn(chart) {
  const { view, at, plot, set } = chart;
  const wide = (at.right - at.left) / view.span();
  const middle = set.ordinal ? 0.5 : 0;
  chart.x = (place) => at.left + (place + middle - view.start) * wide;
  const parts = seenParts(chart);
  chart.y = valueScale(chart, set.lines.map((line, index) => line.values.slice(parts[index].from, parts[index].to)));
  paint(chart, parts);
  axes(chart, parts);
  Object.assign(plot.stage.dataset, {
    start: view.start.toFixed(2), end: view.end.toFixed(2), lines: set.lines.length, labels: chart.room ? "direct" : "legend",
    values: parts.reduce((sum, part) => sum + part.to - part.from, 0), scale: chart.log ? "log" : "linear",
    left: at.left, right: at.right,
  });
  if (chart.overview) chart.overview.update();
  kit.clear(plot.layer("shared"));
  if (chart.cursor.index !== null) chart.cursor.set(chart.cursor.index);
}

function paint(chart, parts) {
  const { plot, at, set, x, y } = chart;
  const context = kit.sharp(plot.canvas, plot.width, plot.height);
  const side = chart.room ? "left" : "right";
  kit.gridY(plot.layer("grids"), y, at, { count: 5, unit: chart.figure.unit, side, strong: 0, on: { context, palette: chart.palette } });
  context.save();
  context.beginPath();
  context.rect(at.left - 2, 0, at.right - at.left + 4, plot.height);
  context.clip();
  const order = [...set.lines].sort((a, b) => (a.number === chart.picked) - (b.number === chart.picked) || Boolean(b.grey) - Boolean(a.grey) || b.number - a.number);
  let points = 0;
  for (const line of order) {
    const { from, to } = parts[line.number];
    const faded = chart.picked !== null && chart.picked !== line.number;
    const look = { start: from, end: to, x: (index) => x(line.places[index]), y, columns: Math.round(at.right - at.left) };
    const own = chart.picked === line.number;
    context.globalAlpha = own ? 1 : line.grey ? 0.3 : faded ? 0.22 : 1;
    const colour = chart.colours[line.number];
    if (chart.below && line.number === 0) kit.drawArea(context, line.values, { ...look, colour, base: y(0) });
    points += kit.drawLine(context, line.values, {
      ...look, colour, dash: kit.lineDash(line), width: own ? 2.5 : chart.crowd ? 1 : to - from > 500 ? 1.5 : 2,
    });
  }
  context.restore();
  plot.stage.dataset.points = points;
}

function axes(chart, parts) {
  const { plot, at, rows, set, figure, view, x, y } = chart;
  const count = Math.max(2, Math.floor((at.right - at.left) / 80));
  kit.axisX(plot.layer("foot"), timeMarks(chart, count), at, rows.base);
  const captions = kit.clear(plot.layer("captions"));
  if (figure.unit && figure.unit !== "%") kit.svg("text", { class: "caption", x: chart.room ? 0 : at.left, y: 10 }, captions, figure.unit);
  const places = chart.events.map((event) => ({ ...event, x: x(set.places[event.index]) })).filter((event) => event.x >= at.left && event.x <= at.right);
  chart.rings = kit.drawEvents(plot.layer("events"), places, rows.foot + 14, at, y);
  if (!chart.room) return;
  const ends = set.lines.map((line) => ({ line, newest: newestSeen(line, parts[line.number], view) })).filter((end) => end.newest);
  kit.endLabels(plot.layer("ends"), ends.map(({ line, newest }) => ({
    x: Math.min(x(line.places[newest.at]), at.right), y: kit.clamp(y(newest.value), rows.top, rows.foot), name: line.name, series: line.number,
    faded: chart.picked !== null && chart.picked !== line.number,
  })), { left: at.right, top: rows.top, foot: rows.foot });
}

function newestSeen(line, part, view) {
  const last = Math.min(part.to, kit.firstFrom(line.places, view.end + 1e-9));
  const newest = kit.newest(line, last);
  return newest && newest.at >= part.from ? newest : null;
}

function timeMarks(chart, count) {
  const { set, view, x } = chart;
  if (set.ordinal) {
    return kit.sessionTicks(set.dates, view.start, view.end - 1, count).map((tick) => ({ ...tick, x: x(tick.index) }));
  }
  return kit.timeTicks(set.first + view.start * DAY, set.first + view.end * DAY, count)
    .map((tick) => ({ ...tick, x: x((tick.at - set.first) / DAY) }));
}

function overall(chart, context, width, height) {
  const { set, view } = chart;
  const known = kit.extent(...set.lines.map((line) => line.values)) || [0, 1];
  const y = chart.log && known[0] > 0 ? kit.log(known, [height - 4, 4]) : kit.linear(known, [height - 4, 4]);
  for (const line of set.lines.slice(0, 8)) {
    kit.drawLine(context, line.values, {
      start: 0, end: line.values.length, x: (index) => (line.places[index] / view.count) * width, y, columns: Math.round(width),
      colour: set.lines.length > 1 ? chart.colours[line.number] : chart.palette.muted, width: 1,
    });
  }
}

function cursorOver(chart) {
  const { set, view } = chart;
  const inside = (index) => set.places[index] >= view.start - 0.5 && set.places[index] <= view.end + 0.5;
  const moved = (index) => {
    const place = set.places[index];
    if (place < view.start) view.pan(place - view.start);
    else if (place > view.end) view.pan(place - view.end);
    return index;
  };
  return {
    count: () => set.dates.length,
    first: () => kit.nearest(set.places, view.end),
    at: (x, y) => {
      chart.ring = kit.eventAt(chart.rings, x, y);
      chart.pointed = y;
      if (chart.ring) return chart.ring.index;
      return kit.nearest(set.places, view.start + ((x - chart.at.left) / (chart.at.right - chart.at.left)) * view.span() - (set.ordinal ? 0.5 : 0));
    },
    step: (index, across, down) => {
      chart.ring = chart.pointed = null;
      if (down && set.lines.length > 1) pick(chart, ((chart.picked === null ? (down > 0 ? -1 : set.lines.length) : chart.picked) + down + set.lines.length) % set.lines.length);
      return moved(kit.clamp(index + across, 0, set.dates.length - 1));
    },
    content: (index) => (inside(index) ? kit.lineTip(chart, index, TOLD) : null),
    show: (index) => crosshair(chart, index),
  };
}

function crosshair(chart, index) {
  const { plot, set, rows, x, y } = chart;
  const layer = kit.clear(plot.layer("crosshair"));
  chart.shared.pointed(index === null ? null : set.places[index]);
  if (index === null) return;
  const at = Math.round(x(set.places[index])) + 0.5;
  kit.svg("line", { class: "cursor", x1: at, x2: at, y1: rows.top, y2: rows.base }, layer);
  const nearest = chart.crowd ? kit.nearestLine(chart, index) : null;
  if (nearest) overlaid(chart, layer, nearest);
  for (const line of nearest ? [nearest] : set.lines) {
    const found = kit.lineAt(line, index);
    if (!found || !found.exact || !Number.isFinite(found.value)) continue;
    const dot = kit.svg("circle", { class: "point", "data-mark": "point", cx: at, cy: y(found.value), r: 3.5 }, layer);
    dot.style.fill = `var(${kit.lineColour(line)})`;
  }
}

/** Of a crowd the line under the pointer, drawn over the others. */
function overlaid(chart, layer, line) {
  const { at, x, y, view } = chart;
  const [from, to] = [kit.firstFrom(line.places, view.start), kit.firstFrom(line.places, view.end + 1e-9)];
  let [path, pen] = ["", "M"];
  for (const index of kit.minmax(line.values, from, to, Math.round(at.right - at.left))) {
    const value = line.values[index];
    if (Number.isFinite(value)) path += `${pen}${x(line.places[index]).toFixed(1)},${y(value).toFixed(1)}`;
    pen = Number.isFinite(value) ? "L" : "M";
  }
  kit.svg("path", { class: "overlaid", d: path }, layer);
}
