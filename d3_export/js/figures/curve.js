// Curves over a number that is no date: yields over tenors.

const HIGH = 300;

figures.curve = {
  draw(box, figure, kit, panel) {
    const set = kit.curvesOf(figure);
    const handle = { csv: () => kit.curveTable(set), describe: () => kit.curveWords(set, figure) };
    if (!set.places.length) {
      kit.el("p", "empty", "No values are known here.", box);
      return { ...handle, resize() {} };
    }
    const chart = { figure, set, picked: null };
    chart.above = kit.el("div", "above", null, box);
    chart.plot = kit.plot(box, {
      mark: "lines curve", label: `${panel.title}. ${kit.curveWords(set, figure)}`,
      keys: "Left and right move along the curves, up and down choose one.",
    });
    chart.cursor = kit.cursor(chart.plot, over(chart));
    chart.resize = (width) => resized(chart, width);
    chart.resize(box.clientWidth);
    return { ...handle, resize: chart.resize };
  },
};

function resized(chart, width) {
  const { set, figure, plot } = chart;
  const high = width < 560 ? 230 : HIGH;
  chart.rows = { top: 18, foot: high };
  const names = set.curves.map((curve) => curve.name);
  chart.room = kit.endRoom(names, width, high - 18);
  kit.clear(chart.above);
  if (!chart.room && names.length > 1) kit.legend(chart.above, set.curves.map((curve) => ({ label: curve.name, series: curve.number })));
  const values = set.curves.map((curve) => curve.values);
  const known = kit.extent(...values) || [0, 1];
  chart.y = kit.linear(known, [high - 4, 18], { pad: 0.06, zero: known[0] >= 0 && known[0] < (known[1] - known[0]) * 0.15 });
  const axis = kit.axisWidth(chart.y, { kind: figure.kind_of_values, unit: figure.unit }) + 6;
  chart.at = chart.room ? { left: axis, right: width - chart.room, width } : { left: 0, right: width - axis, width };
  const ends = [set.places[0].x, set.places[set.places.length - 1].x];
  const range = [chart.at.left + 8, chart.at.right - 8];
  chart.x = figure.scale === "log" && ends[0] > 0 ? kit.log(ends, range) : kit.linear(ends, range);
  plot.size(width, high + (figure.x_unit ? 42 : 26));
  drawn(chart);
  chart.cursor.clear();
}

function drawn(chart) {
  const { plot, set, figure, at, rows, x, y } = chart;
  kit.gridY(plot.layer("grids"), y, at, { count: 5, kind: figure.kind_of_values, unit: figure.unit, side: chart.room ? "left" : "right", strong: 0 });
  kit.axisX(plot.layer("foot"), set.places.map((place) => ({ x: x(place.x), label: place.label || kit.format(place.x), strong: false })), at, rows.foot);
  const captions = kit.clear(plot.layer("captions"));
  if (figure.unit && figure.unit !== "%") kit.svg("text", { class: "caption", x: 0, y: 10 }, captions, figure.unit);
  if (figure.x_unit) kit.svg("text", { class: "caption", x: at.right, y: rows.foot + 38, "text-anchor": "end" }, captions, figure.x_unit);
  const layer = kit.clear(plot.layer("marks"));
  [...set.curves].reverse().forEach((curve) => drawCurve(chart, layer, curve));
  plot.stage.dataset.curves = String(set.curves.length);
  kit.clear(plot.layer("ends"));
  if (chart.room) named(chart);
}

function drawCurve(chart, layer, curve) {
  const { x, y, picked } = chart;
  const faded = picked !== null && picked !== curve.number;
  const group = kit.svg("g", { class: faded ? "curve faded" : "curve", "data-mark": "curve" }, layer);
  group.style.color = `var(${kit.seriesName(curve.number)})`;
  const line = d3.line().defined((_, index) => Number.isFinite(curve.values[index])).x((place) => x(place)).y((_, index) => y(curve.values[index]));
  kit.svg("path", { d: line(curve.x) || "", class: curve.number ? "" : "first", "stroke-dasharray": kit.seriesDash(curve.number).join(" ") || null }, group);
  curve.values.forEach((value, index) => {
    if (Number.isFinite(value)) kit.svg("circle", { "data-mark": "point", "data-value": value, cx: x(curve.x[index]), cy: y(value), r: 2.5 }, group);
  });
}

function named(chart) {
  const { set, x, y, at, rows } = chart;
  const known = set.curves.map((curve) => ({ curve, last: curve.values.findLastIndex((value) => Number.isFinite(value)) })).filter((one) => one.last >= 0);
  kit.endLabels(chart.plot.layer("ends"), known.map(({ curve, last }) => ({
    x: x(curve.x[last]), y: y(curve.values[last]), name: curve.name, series: curve.number, faded: chart.picked !== null && chart.picked !== curve.number,
  })), { left: at.right, top: rows.top, foot: rows.foot });
}

function over(chart) {
  const { set, figure } = chart;
  return {
    count: () => set.places.length,
    first: () => 0,
    at: (x) => kit.nearest(set.places.map((place) => chart.x(place.x)), x),
    step: (index, across, down) => {
      if (down && set.curves.length > 1) {
        const from = chart.picked === null ? (down > 0 ? -1 : set.curves.length) : chart.picked;
        chart.picked = (from + down + set.curves.length) % set.curves.length;
        drawn(chart);
      }
      return kit.clamp(index + across, 0, set.places.length - 1);
    },
    content: (index) => {
      const found = kit.curveRows(set, figure, index, chart.picked);
      const first = found.find((row) => Number.isFinite(row.number));
      return { x: chart.x(set.places[index].x), y: first ? chart.y(first.number) : 60, title: kit.placeName(set.places[index], figure), rows: found };
    },
    show: (index) => {
      const layer = kit.clear(chart.plot.layer("crosshair"));
      if (index === null) return;
      const x = Math.round(chart.x(set.places[index].x)) + 0.5;
      kit.svg("line", { class: "cursor", x1: x, x2: x, y1: chart.rows.top, y2: chart.rows.foot }, layer);
    },
  };
}
