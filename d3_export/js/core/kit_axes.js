// Axes as a letter wants them: light horizontal lines, numbers outside, no boxes.

/** A linear scale of `domain` to `range`, with room above and below (`pad`, a share) and nice ends where asked. */
kit.linear = (domain, range, { pad = 0, nice = 0, zero = false } = {}) => {
  let [low, high] = domain;
  if (zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  if (low === high) [low, high] = low === 0 ? [-1, 1] : [low - Math.abs(low) * 0.05, high + Math.abs(high) * 0.05];
  const room = (high - low) * pad;
  const scale = d3.scaleLinear().domain([zero && low === 0 ? 0 : low - room, zero && high === 0 ? 0 : high + room]);
  return (nice ? scale.nice(nice) : scale).range(range);
};

/** A logarithmic scale of positive values. */
kit.log = (domain, range, { pad = 0 } = {}) => {
  let [low, high] = domain;
  if (low === high) [low, high] = [low / 1.05, high * 1.05];
  const room = (high / low) ** pad;
  return d3.scaleLog().domain([low / room, high * room]).range(range);
};

/** About `count` round values within a scale's domain; of a logarithmic one 1, 2, 5 of each power. */
kit.ticks = (scale, count) => {
  if (!scale.base) return scale.ticks(count);
  const [low, high] = scale.domain();
  if (high / low < 4) return d3.ticks(low, high, count);
  const found = [];
  const steps = high / low < 12 ? [1, 1.5, 2, 3, 5, 7] : [1, 2, 5];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (const step of steps) {
      const tick = Number((step * power).toPrecision(12));
      if (tick >= low && tick <= high) found.push(tick);
    }
  }
  if (found.length <= count * 1.6) return found;
  const powers = found.filter((tick) => /^1/.test(tick.toExponential()));
  return powers.length > count * 1.6 ? powers.filter((_, place) => place % 2 === 0) : powers;
};

/** Horizontal grid lines with their values, in `parent` (an SVG group that is emptied first).
 *
 * `at` is {left, right} of the plot in px; `side` where values stand; `format` writes a value (from
 * kit.tickFormat); `strong` is the value whose line is drawn full (0, 100); near the height `clear` no value is
 * written, since something else stands there. `on` {context, palette} draws the lines on a canvas, below its marks.
 */
kit.gridY = (parent, scale, at, { count = 5, side = "right", kind = "number", unit = "", format = null, strong = null, clear = null, on = null } = {}) => {
  kit.clear(parent);
  const ticks = kit.ticks(scale, count);
  const write = format || kit.tickFormat(ticks, kind, unit);
  for (const tick of ticks) {
    const y = Math.round(scale(tick)) + 0.5;
    if (on) gridLine(on.context, at, y, tick === strong ? on.palette.muted : on.palette.grid);
    else kit.svg("line", { class: tick === strong ? "grid strong" : "grid", x1: at.left, x2: at.right, y1: y, y2: y }, parent);
    if (clear !== null && Math.abs(y - clear) < 15) continue;
    kit.svg("text", {
      class: "tick", x: side === "right" ? at.right + 6 : at.left - 6, y, dy: "0.35em",
      "text-anchor": side === "right" ? "start" : "end",
    }, parent, write(tick));
  }
  return ticks;
};

function gridLine(context, at, y, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(at.left, y);
  context.lineTo(at.right, y);
  context.stroke();
}

/** The width that the values of an axis need. */
kit.axisWidth = (scale, { count = 5, kind = "number", unit = "", format = null } = {}) => {
  const ticks = kit.ticks(scale, count);
  const write = format || kit.tickFormat(ticks, kind, unit);
  return Math.ceil(Math.max(0, ...ticks.map((tick) => kit.textWidth(write(tick), 12)))) + 8;
};

/** A line at the foot of a plot with marks [{x (px), label, strong}] below it; labels that would touch are left out. */
kit.axisX = (parent, marks, at, y) => {
  kit.clear(parent);
  const base = Math.round(y) + 0.5;
  kit.svg("line", { class: "axis", x1: at.left, x2: at.right, y1: base, y2: base }, parent);
  for (const mark of fitting(marks, at)) {
    const x = Math.round(mark.x) + 0.5;
    kit.svg("line", { class: "axis", x1: x, x2: x, y1: base, y2: base + 5 }, parent);
    kit.svg("text", { class: mark.strong ? "tick strong" : "tick", x: mark.textX, y: base + 18, "text-anchor": "middle" }, parent, mark.label);
  }
};

/** The marks that have room: strong ones first, each label kept within the figure. */
function fitting(marks, at) {
  const taken = [];
  const kept = new Set();
  for (const wanted of [true, false]) {
    for (const mark of marks) {
      if (Boolean(mark.strong) !== wanted) continue;
      const half = kit.textWidth(mark.label, 12, mark.strong ? 600 : 400) / 2;
      const x = kit.clamp(mark.x, Math.min(half, mark.x + half), Math.max((at.width || at.right) - half, 0));
      if (taken.some(([left, right]) => x - half < right + 10 && x + half > left - 10)) continue;
      taken.push([x - half, x + half]);
      kept.add({ ...mark, textX: x });
    }
  }
  return [...kept];
}
