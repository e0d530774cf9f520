// Points over two numbers, with the lines that belong to them. What has room is named; the pointer names the rest.

const SHAPES = [d3.symbolCircle, d3.symbolSquare, d3.symbolTriangle, d3.symbolDiamond, d3.symbolCross, d3.symbolStar, d3.symbolWye];
const REACH = 26; // px within which the pointer finds a point

figures.scatter = {
  draw(box, figure, kit, panel) {
    const known = figure.marks.map((mark, index) => ({ ...mark, index })).filter(({ x, y }) => x !== null && y !== null);
    const groups = [...new Set(known.map((mark) => mark.group))];
    const words = describe(figure, known, kit);
    const handle = { csv: () => table(figure), describe: () => words };
    if (!known.length) {
      kit.el("p", "empty", "Nothing to show: no point has both values.", box);
      return { ...handle, resize() {} };
    }
    const chart = { figure, kit, known, groups, fit: null, width: box.clientWidth, panel };
    chart.above = kit.el("div", "scatter-above", null, box);
    chart.plot = kit.plot(box, { mark: "scatter", label: `${panel.title}. ${words}`, keys: "Arrow keys move to the next point in that direction." });
    chart.cursor = kit.cursor(chart.plot, cursorOver(chart));
    chart.redraw = () => paint(chart);
    chart.redraw();
    return {
      ...handle,
      resize(width) {
        chart.width = width;
        chart.cursor.clear();
        chart.redraw();
      },
    };
  },
};

function table(figure) {
  const marks = figure.marks.map(({ label, group, x, y, size }) => ["point", label, group, x, y, size]);
  const lines = figure.lines.flatMap((line) => line.x.map((x, at) => ["line", line.name, line.formula, x, line.y[at], null]));
  return [["what", "label", "group", figure.x_title, figure.y_title, "size"], ...marks, ...lines];
}

function describe(figure, known, kit) {
  const titled = (title, unit) => (unit ? `${title} (${unit})` : title);
  const missing = figure.marks.length - known.length;
  const most = known.length ? known.reduce((a, b) => (b.y > a.y ? b : a)) : null;
  return [
    `${kit.counted(known.length, "point")} by ${titled(figure.x_title, figure.x_unit)} across and ${titled(figure.y_title, figure.y_unit)} up.`,
    most && most.label ? `Highest: ${most.label}, ${kit.format(most.y, figure.y_kind, figure.y_decimals)}.` : "",
    ...figure.lines.map((line) => `Line, ${line.name}${line.formula ? `: ${line.formula}` : ""}.`),
    missing ? `${kit.counted(missing, "point")} without a value ${missing === 1 ? "is" : "are"} not shown.` : "",
  ].filter(Boolean).join(" ");
}

function paint(chart) {
  const { figure, kit, known, plot, width } = chart;
  legends(chart);
  const height = Math.round(kit.clamp(width * 0.6, 300, 520));
  plot.size(width, height);
  kit.clear(plot.svg);
  const lines = [...figure.lines, ...(chart.fit ? [chart.fit] : [])];
  const [xs, ys] = ["x", "y"].map((axis) => kit.extent(known.map((mark) => mark[axis]), ...lines.map((line) => line[axis])));
  const y = kit.linear(ys, [height - 48, 28], { pad: 0.06 });
  const at = { left: kit.axisWidth(y, { kind: figure.y_kind }) + 2, right: width - 10, width };
  const x = kit.linear(xs, [at.left + 6, at.right], { pad: 0.05 });
  axes(chart, x, y, at, height);
  Object.assign(chart, { x, y, at, height });
  lines.forEach((line, place) => kit.svg("path", { class: "scatter-line", d: pathOf(line, x, y), "stroke-dasharray": place ? "6 4" : null, "data-mark": "line" }, plot.svg));
  chart.places = known.map((mark) => ({ x: x(mark.x), y: y(mark.y), r: Math.sqrt(areaOf(mark) / Math.PI) }));
  const group = kit.svg("g", {}, plot.svg);
  known.forEach((mark, place) => point(chart, group, mark, chart.places[place]));
  named(chart);
  chart.ring = kit.svg("circle", { class: "scatter-ring", visibility: "hidden" }, plot.svg);
}

function areaOf(mark) {
  return 46 * Math.min(Math.max(mark.size || 1, 0.4), 6);
}

function point({ kit, groups }, parent, mark, place) {
  const index = groups.indexOf(mark.group);
  const node = kit.svg("path", {
    class: "scatter-point", "data-mark": mark.index, transform: `translate(${place.x},${place.y})`,
    d: d3.symbol(SHAPES[index % SHAPES.length], areaOf(mark))(),
  }, parent);
  node.style.fill = `var(${kit.seriesName(index)})`;
}

function pathOf(line, x, y) {
  return d3.line().defined((_, at) => line.x[at] !== null && line.y[at] !== null).x((_, at) => x(line.x[at])).y((_, at) => y(line.y[at]))(line.x);
}

function axes({ figure, kit, plot }, x, y, at, height) {
  const grid = kit.svg("g", {}, plot.svg);
  kit.gridY(grid, y, at, { side: "left", kind: figure.y_kind, strong: 0 });
  const ticks = kit.ticks(x, Math.max(3, Math.round((at.right - at.left) / 110)));
  const write = kit.tickFormat(ticks, figure.x_kind);
  for (const tick of ticks) {
    const px = Math.round(x(tick)) + 0.5;
    kit.svg("line", { class: tick === 0 ? "grid strong" : "grid", x1: px, x2: px, y1: 28, y2: height - 48 }, grid);
  }
  kit.axisX(kit.svg("g", {}, plot.svg), ticks.map((tick) => ({ x: x(tick), label: write(tick) })), at, height - 48);
  const title = (name, unit) => (unit ? `${name}, ${unit}` : name);
  kit.svg("text", { class: "caption", x: 0, y: 14 }, plot.svg, `↑ ${title(figure.y_title, figure.y_unit)}`);
  kit.svg("text", { class: "caption", x: at.right, y: height - 6, "text-anchor": "end" }, plot.svg, `${title(figure.x_title, figure.x_unit)} →`);
}

/** Names beside points where they cover nothing: the large first, then those far from the middle. */
function named({ kit, plot, known, places, at, height }) {
  const middle = [d3.median(places, (each) => each.x), d3.median(places, (each) => each.y)];
  const far = (each) => Math.hypot(each.x - middle[0], each.y - middle[1]) / 1000;
  const wanted = places.map((each, i) => ({ ...each, width: known[i].label ? kit.textWidth(known[i].label, 11.5) : 0, height: 14, weight: (known[i].size || 1) + far(each) }));
  kit.placeLabels(wanted, { x0: at.left, y0: 20, x1: at.right, y1: height - 50 }).forEach((box, i) => {
    if (box) kit.svg("text", { class: "scatter-name", x: box.x0, y: (box.y0 + box.y1) / 2, dy: "0.35em" }, plot.svg, known[i].label);
  });
}

/** What shapes and lines mean; without a line of its own, one by least squares for the asking. */
function legends(chart) {
  const { figure, kit, groups, above } = chart;
  kit.clear(above);
  const list = kit.el("ul", "legend", null, above);
  if (groups.length > 1) groups.forEach((group, index) => entry(kit, list, group || "others", (svg) => {
    const node = kit.svg("path", { d: d3.symbol(SHAPES[index % SHAPES.length], 46)(), transform: "translate(9,6)" }, svg);
    node.style.fill = `var(${kit.seriesName(index)})`;
  }));
  const lines = [...figure.lines, ...(chart.fit ? [chart.fit] : [])];
  lines.forEach((line, place) => entry(kit, list, line === chart.fit ? `${line.name}: ${line.formula}` : line.name, (svg) => {
    kit.svg("line", { class: "scatter-line", x1: 0, x2: 18, y1: 6, y2: 6, "stroke-dasharray": place ? "6 4" : null }, svg);
  }));
  if (!figure.lines.length && chart.known.length > 2) fitButton(chart, list);
}

function entry(kit, list, label, drawing) {
  const holder = kit.el("span", "legend-entry", null, kit.el("li", "", null, list));
  drawing(kit.svg("svg", { class: "swatch", width: 18, height: 12, "aria-hidden": "true" }, holder));
  kit.el("span", "", label, holder);
}

function fitButton(chart, list) {
  const { figure, kit, known } = chart;
  const fit = kit.leastSquares(known.map(({ x, y }) => [x, y]));
  if (!fit) return;
  const button = kit.el("button", "tool", "Least-squares line", kit.el("li", "", null, list));
  button.type = "button";
  button.dataset.action = "fit";
  button.setAttribute("aria-pressed", String(Boolean(chart.fit)));
  button.addEventListener("click", () => {
    const ends = kit.extent(known.map(({ x }) => x));
    chart.fit = chart.fit ? null : {
      name: "least squares", formula: kit.regressionWords(fit, figure.y_title, figure.x_title), x: ends, y: ends.map((x) => fit.intercept + fit.slope * x),
    };
    chart.redraw();
    chart.above.querySelector("[data-action=fit]").focus();
  });
}

function cursorOver(chart) {
  const { figure, kit, known } = chart;
  return {
    count: () => known.length,
    first: () => 0,
    at(px, py) {
      let best = { apart: REACH, index: null };
      chart.places.forEach(({ x, y }, index) => {
        const apart = Math.hypot(x - px, y - py);
        if (apart < best.apart) best = { apart, index };
      });
      return best.index;
    },
    content(index) {
      const mark = known[index];
      return {
        ...chart.places[index], title: mark.label || mark.group || `point ${mark.index + 1}`,
        rows: [
          { label: figure.x_title, value: kit.format(mark.x, figure.x_kind, figure.x_decimals + 1, figure.x_unit) },
          { label: figure.y_title, value: kit.format(mark.y, figure.y_kind, figure.y_decimals + 1, figure.y_unit) },
        ],
        note: mark.label ? mark.group : "",
      };
    },
    show(index) {
      chart.ring.setAttribute("visibility", index === null ? "hidden" : "visible");
      if (index === null) return;
      const { x, y, r } = chart.places[index];
      for (const [name, value] of Object.entries({ cx: x, cy: y, r: r + 4 })) chart.ring.setAttribute(name, value);
    },
    step: (index, across, down) => kit.nextIn(chart.places, index, across, down),
  };
}
