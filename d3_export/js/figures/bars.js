// One value a label: columns where labels are short (years), rows where they are long. Values stand at the bars' ends.

const ROW = 26;
const HIGH = 240;

figures.bars = {
  draw(box, figure, kit, panel) {
    const handle = { csv: () => table(figure), describe: () => words(figure) };
    if (!figure.labels.length) {
      kit.el("p", "empty", "No values are known here.", box);
      return { ...handle, resize() {} };
    }
    const chart = { figure, values: figure.values.map((value) => (Number.isFinite(value) ? value : null)), marks: [] };
    chart.plot = kit.plot(box, { mark: "bars", label: `${panel.title}. ${words(figure)}` });
    chart.cursor = kit.cursor(chart.plot, over(chart));
    const resize = (width) => {
      drawn(chart, width);
      chart.cursor.clear();
    };
    resize(box.clientWidth);
    return { ...handle, resize };
  },
};

/** Half the length of a value's error bar; null where there is none. */
function errorOf(figure, index) {
  const error = figure.errors ? figure.errors[index] : null;
  return Number.isFinite(error) ? error : null;
}

/** The values with what their error bars reach to. */
function reached(figure, values) {
  return values.flatMap((value, index) => (value === null ? [] : [value - (errorOf(figure, index) ?? 0), value + (errorOf(figure, index) ?? 0)]));
}

function table(figure) {
  const header = figure.errors ? ["label", "value", "error"] : ["label", "value"];
  return [header, ...figure.labels.map((label, index) => [label, figure.values[index], ...(figure.errors ? [errorOf(figure, index)] : [])])];
}

function told(figure, value) {
  return kit.format(value, "number", figure.decimals, figure.unit);
}

function words(figure) {
  const known = figure.labels.map((label, index) => ({ label, value: figure.values[index] })).filter((one) => Number.isFinite(one.value));
  if (!known.length) return "No values are known here.";
  const unit = figure.unit ? ` in ${figure.unit === "%" ? "percent" : figure.unit}` : "";
  const [low, high] = [d3.least(known, (one) => one.value), d3.greatest(known, (one) => one.value)];
  const span = known.length > 1 ? `, from ${told(figure, low.value)} (${low.label}) to ${told(figure, high.value)} (${high.label})` : "";
  const error = figure.errors ? ` Thin lines: ${figure.error || "error"}.` : "";
  return `${kit.counted(figure.labels.length, "value")}${unit}${span}.${error}`;
}

function drawn(chart, width) {
  const widest = Math.max(...chart.figure.labels.map((label) => kit.textWidth(label, 12)));
  chart.lying = widest > Math.max(24, (width / chart.figure.labels.length) * 1.1) && chart.figure.labels.length <= 60;
  kit.clear(chart.plot.layer("grids"));
  const layer = kit.clear(chart.plot.layer("marks"));
  kit.clear(chart.plot.layer("foot"));
  if (chart.lying) rows(chart, layer, width, widest);
  else columns(chart, layer, width);
  chart.plot.stage.dataset.bars = String(chart.values.filter((value) => value !== null).length);
}

function rows(chart, layer, width, widest) {
  const { figure, values } = chart;
  const left = Math.min(widest, width * 0.4) + 10;
  const room = Math.max(...values.map((value) => kit.textWidth(plain(figure, value), 12))) + 8;
  const known = kit.extent(reached(figure, values), [0]);
  const negative = known[0] < 0 ? room : 0;
  const x = kit.linear(known, [left + negative, width - room], { zero: true });
  chart.plot.size(width, values.length * ROW + 6);
  chart.marks = values.map((value, index) => {
    const y = index * ROW + 3;
    kit.svg("text", { x: left - 8, y: y + ROW / 2, dy: "0.35em", "text-anchor": "end" }, layer, kit.shorten(figure.labels[index], left - 10));
    const end = value === null ? x(0) : x(value);
    bar(layer, value, { x: Math.min(x(0), end), y: y + 4, width: Math.abs(end - x(0)), height: ROW - 8 });
    const tip = whisker(chart, layer, index, x, y + ROW / 2, true);
    const away = value < 0 ? -5 : 5;
    kit.svg("text", { class: "value", x: (tip ?? end) + away, y: y + ROW / 2, dy: "0.35em", "text-anchor": value < 0 ? "end" : "start" }, layer, plain(figure, value));
    return { x: end, y: y + ROW / 2, from: y, to: y + ROW };
  });
  kit.svg("line", { class: "grid strong", x1: Math.round(x(0)) + 0.5, x2: Math.round(x(0)) + 0.5, y1: 0, y2: values.length * ROW + 6 }, layer);
}

function columns(chart, layer, width) {
  const { figure, values } = chart;
  const known = kit.extent(reached(figure, values), [0]);
  const y = kit.linear(known, [HIGH - (known[0] < 0 ? 16 : 0), 20], { zero: true });
  const slot = width / values.length;
  const direct = slot >= Math.max(...values.map((value) => kit.textWidth(plain(figure, value), 12))) + 4;
  const axis = direct ? 0 : kit.axisWidth(y, { unit: figure.unit });
  const at = { left: 0, right: width - axis, width };
  const x = (index) => ((index + 0.5) / values.length) * at.right;
  const wide = Math.max(1, Math.min(56, (at.right / values.length) * 0.72));
  chart.plot.size(width, HIGH + 26);
  if (!direct) kit.gridY(chart.plot.layer("grids"), y, at, { unit: figure.unit });
  chart.marks = values.map((value, index) => {
    const end = value === null ? y(0) : y(value);
    bar(layer, value, { x: x(index) - wide / 2, y: Math.min(y(0), end), width: wide, height: Math.abs(end - y(0)) });
    const tip = whisker(chart, layer, index, y, x(index), false);
    if (direct) kit.svg("text", { class: "value", x: x(index), y: (tip ?? end) + (value < 0 ? 14 : -6), "text-anchor": "middle" }, layer, plain(figure, value));
    return { x: x(index), y: end, from: x(index) - at.right / values.length / 2, to: x(index) + at.right / values.length / 2 };
  });
  kit.axisX(chart.plot.layer("foot"), figure.labels.map((label, index) => ({ x: x(index), label, strong: false })), at, HIGH);
  if (known[0] < 0) kit.svg("line", { class: "grid strong", x1: 0, x2: at.right, y1: Math.round(y(0)) + 0.5, y2: Math.round(y(0)) + 0.5 }, layer);
}

/** A value without its unit: the unit stands in the subtitle. */
function plain(figure, value) {
  return kit.format(value, "number", figure.decimals, figure.unit === "%" ? "%" : "");
}

function bar(layer, value, place) {
  if (value === null) return;
  kit.svg("rect", { class: value < 0 ? "bar below" : "bar", "data-mark": "bar", "data-value": value, ...place }, layer);
}

/** The error bar of a value, along or up; -> where it ends on the value's side, null where there is none. */
function whisker({ figure, values }, layer, index, scale, middle, lying) {
  const [value, error] = [values[index], errorOf(figure, index)];
  if (value === null || error === null) return null;
  const [low, high] = [scale(value - error), scale(value + error)];
  const path = lying
    ? `M${low},${middle}H${high}M${low},${middle - 4}v8M${high},${middle - 4}v8`
    : `M${middle},${low}V${high}M${middle - 5},${low}h10M${middle - 5},${high}h10`;
  kit.svg("path", { class: "error-bar", "data-mark": "error", d: path }, layer);
  return value < 0 ? low : high;
}

function over(chart) {
  const { figure } = chart;
  return {
    count: () => figure.labels.length,
    first: () => 0,
    at: (x, y) => {
      const along = chart.lying ? y : x;
      const found = chart.marks.findIndex((mark) => along >= mark.from && along < mark.to);
      return found < 0 ? null : found;
    },
    content: (index) => {
      const value = chart.values[index];
      const row = { label: "value", value: value === null ? kit.format(null) : figure.unit ? `${value} ${figure.unit}` : String(value) };
      const error = errorOf(figure, index);
      const rest = error === null || value === null ? [] : [{ label: "from", value: told(figure, value - error) }, { label: "to", value: told(figure, value + error) }];
      return { x: chart.marks[index].x, y: chart.marks[index].y, title: figure.labels[index], rows: [row, ...rest], note: rest.length ? figure.error : "" };
    },
    show: (index) => chart.plot.svg.querySelectorAll(".bar").forEach((one) => one.classList.toggle("dim", index !== null && chart.values[index] !== Number(one.dataset.value))),
  };
}
