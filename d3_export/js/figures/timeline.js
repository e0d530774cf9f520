// A line over time with the states behind it, and below how probable each is. States are named where they stand.

const GAP = 24; // between the line's plot and what is below it

figures.timeline = {
  draw(box, figure, kit, panel) {
    const words = kit.timelineWords(figure);
    const handle = { csv: () => kit.timelineTable(figure), describe: () => words };
    if (!figure.dates.length) {
      kit.el("p", "empty", "Nothing to show: no dates are known.", box);
      return { ...handle, resize() {} };
    }
    const chart = { figure, kit, width: box.clientWidth, values: kit.timelineLine(figure), inks: kit.stateInks(figure), spells: kit.spellsOf(figure.states) };
    const known = kit.extent(chart.values);
    chart.log = figure.line_scale === "log" && known !== null && known[0] > 0;
    chart.plot = kit.plot(box, {
      mark: "timeline", label: `${panel.title}. ${words}`,
      keys: "Left and right move by date, up and down from state to state; plus and minus zoom, with Shift arrows move the window, 0 shows all.",
    });
    chart.redraw = kit.scheduled(() => paint(chart));
    chart.view = kit.view(figure.dates.length, () => {
      chart.shared.moved();
      chart.cursor.clear();
      chart.redraw();
    }, 10);
    chart.shared = kit.share(panel.page, { view: chart.view, ...kit.byDays(figure.dates), point: (place) => ruled(chart, place) });
    chart.cursor = kit.cursor(chart.plot, cursorOver(chart));
    kit.gestures(chart.plot, chart.view, () => chart.at);
    chart.redraw.now();
    return {
      ...handle,
      resize(width) {
        chart.width = width;
        chart.cursor.clear();
        chart.redraw.now();
      },
    };
  },
};

function paint(chart) {
  const { figure, kit, plot, view, width } = chart;
  const tall = figure.line ? Math.round(kit.clamp(width * 0.32, 180, 300)) : 0;
  const below = figure.probabilities ? Math.round(kit.clamp(width * 0.12, 80, 120)) : Math.max(22, figure.names.length * 14);
  const height = tall + (tall ? GAP : figure.probabilities ? 18 : 0) + below + 28;
  plot.size(width, height);
  kit.clear(plot.svg);
  const [start, end] = [Math.floor(view.start), Math.min(Math.ceil(view.end), figure.dates.length)];
  const y = tall ? scaleOf(chart, start, end, tall) : null;
  const names = Math.max(...figure.names.map((name) => kit.textWidth(name, 12, 600)));
  const side = Math.min(Math.max(y ? kit.axisWidth(y, { unit: figure.line.unit }) : 0, names + 20), width * 0.34);
  const at = { left: 1, right: Math.round(width - side), width };
  const x = d3.scaleLinear().domain([view.start, view.end]).range([at.left, at.right]);
  Object.assign(chart, { x, y, at, tall, foot: height - 28, top: height - 28 - below });
  const clip = `clip-${plot.stage.getAttribute("aria-describedby")}`;
  kit.svg("rect", { x: at.left, y: 0, width: at.right - at.left, height }, kit.svg("clipPath", { id: clip }, kit.svg("defs", {}, plot.svg)));
  const layer = () => kit.svg("g", { "clip-path": `url(#${clip})` }, plot.svg);
  if (y) bands(chart, layer(), start, end);
  const grid = kit.svg("g", {}, plot.svg);
  const body = layer();
  if (y) {
    kit.gridY(grid, y, at, { unit: figure.line.unit, strong: chart.log ? null : 0 });
    const kept = kit.minmax(chart.values, start, end, Math.max(at.right - at.left, 1));
    const line = d3.line().defined((index) => chart.values[index] !== null).x((index) => x(index + 0.5)).y((index) => y(chart.values[index]));
    kit.svg("path", { class: "timeline-line", d: line(kept), "data-mark": "line" }, body);
    kit.svg("text", { class: "label", x: at.left + 4, y: 14 }, plot.svg, figure.line.name + (figure.line.unit ? `, ${figure.line.unit}` : ""));
  }
  if (figure.probabilities) stack(chart, body, start, end);
  else strip(chart, body, start, end);
  const marks = kit.sessionTicks(figure.dates, view.start, view.end, Math.max(3, (at.right - at.left) / 80));
  kit.axisX(kit.svg("g", {}, plot.svg), marks.map((mark) => ({ ...mark, x: x(mark.index) })), at, chart.foot);
  chart.rule = kit.svg("line", { class: "cursor", y1: 0, y2: chart.foot, visibility: "hidden" }, plot.svg);
  chart.dot = kit.svg("circle", { class: "timeline-dot", r: 4, visibility: "hidden" }, plot.svg);
}

function scaleOf({ kit, values, log }, start, end, tall) {
  const known = kit.extent(values.slice(start, end)) || [0, 1];
  return log ? kit.log(known, [tall - 4, 20], { pad: 0.03 }) : kit.linear(known, [tall - 4, 20], { pad: 0.05 });
}

function seenSpells({ spells }, start, end) {
  return spells.filter(({ state, first, last }) => state !== null && last >= start && first < end);
}

function bands(chart, parent, start, end) {
  const { kit, x, inks, tall } = chart;
  for (const { state, first, last } of seenSpells(chart, start, end)) {
    const rect = kit.svg("rect", { class: `band ${inks[state].tone}`, x: x(first), y: 0, width: Math.max(x(last + 1) - x(first), 0.6), height: tall, "data-mark": `${first}-${last}` }, parent);
    rect.style.fill = `var(${inks[state].variable})`;
  }
}

/** Probabilities, one on the other; each is named at the right, beside where it ends. */
function stack(chart, parent, start, end) {
  const { figure, kit, plot, x, at, inks, top, foot } = chart;
  const y = d3.scaleLinear().domain([0, 1]).range([foot, top]);
  const steps = kit.stacked(figure.probabilities, start, end, (at.right - at.left) / 2);
  figure.names.forEach((_, state) => {
    const area = d3.area().defined((step) => step.stops !== null).x((step) => x(step.at + 0.5)).y0((step) => y(step.stops[state])).y1((step) => y(step.stops[state + 1]));
    const path = kit.svg("path", { class: "probability", d: area(steps), "data-mark": `probability-${state}` }, parent);
    Object.assign(path.style, { fill: `var(${inks[state].variable})`, fillOpacity: inks[state].opacity * 0.85 });
  });
  const ends = [...steps].reverse().find((step) => step.stops !== null);
  const wanted = figure.names.map((_, state) => (ends ? y((ends.stops[state] + ends.stops[state + 1]) / 2) : top + state * 14));
  const placed = kit.spread(wanted, 14, top + 5, foot - 5) || wanted;
  figure.names.forEach((name, state) => nameAt(chart, name, state, at.right + 7, placed[state]));
  kit.svg("text", { class: "caption", x: at.left + 3, y: top - 6 }, plot.svg, "probability of each state");
}

function nameAt({ kit, plot, inks, width }, name, state, x, y) {
  const bar = kit.svg("rect", { x, y: y - 5, width: 4, height: 10 }, plot.svg);
  Object.assign(bar.style, { fill: `var(${inks[state].variable})`, fillOpacity: inks[state].opacity });
  kit.svg("text", { class: "tick strong", x: x + 8, y, dy: "0.35em" }, plot.svg, kit.shorten(name, width - x - 8, 12, 600));
}

/** Without probabilities: one strip of the states, named at the right. */
function strip(chart, parent, start, end) {
  const { figure, kit, x, inks, top, foot } = chart;
  const seen = seenSpells(chart, start, end);
  for (const { state, first, last } of seen) {
    const rect = kit.svg("rect", { class: "timeline-strip", x: x(first), y: top, width: Math.max(x(last + 1) - x(first), 0.6), height: foot - top, "data-mark": figure.line ? null : `${first}-${last}` }, parent);
    Object.assign(rect.style, { fill: `var(${inks[state].variable})`, fillOpacity: inks[state].opacity });
  }
  const middle = (top + foot) / 2;
  figure.names.forEach((name, state) => nameAt(chart, name, state, chart.at.right + 7, middle + (state - (figure.names.length - 1) / 2) * 14));
}

function cursorOver(chart) {
  const { figure, kit, values } = chart;
  const state = (index) => (figure.states[index] === null ? kit.blank("not yet known") : figure.names[figure.states[index]]);
  return {
    count: () => figure.dates.length,
    first: () => figure.dates.length - 1,
    at: (px) => kit.clamp(Math.floor(chart.x.invert(px)), Math.floor(chart.view.start), Math.min(Math.ceil(chart.view.end), figure.dates.length) - 1),
    content(index) {
      chart.view.reveal(index);
      const rows = figure.line ? [{ label: figure.line.name, value: kit.format(values[index], "number", null, figure.line.unit) }] : [];
      rows.push({ label: "state", value: state(index) });
      if (figure.probabilities) figure.names.forEach((name, at) => rows.push({ label: `P(${name})`, value: kit.format(figure.probabilities[index][at], "percent", 1), variable: chart.inks[at].variable }));
      return { x: chart.x(index + 0.5), y: placeOf(chart, index), title: figure.dates[index], rows };
    },
    show(index) {
      chart.shared.pointed(index);
      ruled(chart, index);
      chart.dot.setAttribute("visibility", index === null ? "hidden" : "visible");
      if (index === null) return;
      const x = chart.x(index + 0.5);
      if (!chart.y || values[index] === null) return void chart.dot.setAttribute("visibility", "hidden");
      chart.dot.setAttribute("cx", x);
      chart.dot.setAttribute("cy", chart.y(values[index]));
    },
    step(index, across, down) {
      if (across) return kit.clamp(index + across, 0, figure.dates.length - 1);
      const now = chart.spells.findIndex(({ first, last }) => first <= index && index <= last);
      const next = chart.spells[kit.clamp(now + Math.sign(down), 0, chart.spells.length - 1)];
      return next.first;
    },
  };
}

/** The rule at a place, out of sight where that is not seen. */
function ruled(chart, place) {
  const x = place === null ? -1 : chart.x(place + 0.5);
  chart.rule.setAttribute("visibility", x < chart.at.left || x > chart.at.right ? "hidden" : "visible");
  chart.rule.setAttribute("x1", x);
  chart.rule.setAttribute("x2", x);
}

function placeOf(chart, index) {
  return chart.y && chart.values[index] !== null ? chart.y(chart.values[index]) : chart.top;
}
