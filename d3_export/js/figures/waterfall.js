// From one number to another by what adds and what takes away: a row a step, so that every name is read.

const ROW = 30;
const BAR = 18;

figures.waterfall = {
  draw(box, figure, kit, panel) {
    const spans = kit.waterfallSpans(figure.steps);
    const words = describe(figure, kit);
    const handle = { csv: () => table(figure), describe: () => words };
    if (!spans.length) {
      kit.el("p", "empty", "Nothing to show: there are no steps.", box);
      return { ...handle, resize() {} };
    }
    const chart = { figure, kit, spans, width: box.clientWidth };
    chart.plot = kit.plot(box, { mark: "waterfall", label: `${panel.title}. ${words}`, keys: "Arrow up and down move from step to step." });
    chart.cursor = kit.cursor(chart.plot, cursorOver(chart));
    paint(chart);
    return {
      ...handle,
      resize(width) {
        chart.width = width;
        chart.cursor.clear();
        paint(chart);
      },
    };
  },
};

/** Each step with the levels it leads from and to, null where its value is not known (engine/waterfall.py). */
kit.waterfallSpans = (steps) => {
  let level = 0;
  return steps.map((step) => {
    if (step.value === null) return { step, start: null, end: null };
    const start = step.total ? 0 : level;
    level = start + step.value;
    return { step, start, end: level };
  });
};

/** A step's value: a total as it is, a change with arrow and sign. */
function told({ figure, kit }, step, more = 0, unit = "") {
  const shown = kit.format(step.value, figure.kind_of_values, figure.decimals + more, unit);
  if (step.total) return `= ${shown}`;
  if (figure.kind_of_values === "change" || step.value === null || !/[1-9]/.test(shown)) return shown;
  return step.value > 0 ? `▲ +${shown}` : `▼ ${shown}`;
}

function table(figure) {
  return [["step", "value", "total", "formula", "note"], ...figure.steps.map(({ label, value, total, formula, note }) => [label, value, total, formula, note])];
}

function describe(figure, kit) {
  const changes = figure.steps.filter((step) => !step.total && step.value !== null);
  const totals = figure.steps.filter((step) => step.total && step.value !== null);
  const write = (step) => kit.format(step.value, figure.kind_of_values, figure.decimals);
  const unit = figure.unit ? ` ${figure.unit}` : "";
  const most = changes.filter((step) => step.value > 0).sort((a, b) => b.value - a.value)[0];
  const least = changes.filter((step) => step.value < 0).sort((a, b) => a.value - b.value)[0];
  const last = totals[totals.length - 1];
  return [
    totals.length > 1 ? `From ${totals[0].label} (${write(totals[0])}${unit}) to ${last.label} (${write(last)}${unit}).` : last ? `What makes ${last.label}: ${write(last)}${unit}.` : "",
    most ? `Adds most: ${most.label} (${write(most)}).` : "",
    least ? `Takes most away: ${least.label} (${write(least)}).` : "",
    figure.steps.some((step) => step.value === null) ? "— marks a step whose value is not known." : "",
  ].filter(Boolean).join(" ");
}

function paint(chart) {
  const { kit, plot, spans, width } = chart;
  const height = spans.length * ROW + 10;
  plot.size(width, height);
  kit.clear(plot.svg);
  const names = Math.min(Math.max(...spans.map(({ step }) => kit.textWidth(step.label, 13, 600))) + 12, width * (width < 520 ? 0.38 : 0.34));
  const values = Math.max(...spans.map(({ step }) => kit.textWidth(told(chart, step), 12, 600))) + 8;
  const ends = kit.extent([0], spans.map((span) => span.start), spans.map((span) => span.end));
  const x = kit.linear(ends, [names + (ends[0] < 0 ? values : 2), width - values - 2]);
  chart.bars = spans.map((span, at) => barOf(chart, span, at, x, names));
  const zero = Math.round(x(0)) + 0.5;
  kit.svg("line", { class: "waterfall-zero", x1: zero, x2: zero, y1: 2, y2: height - 8 }, plot.svg);
  chart.outline = kit.svg("rect", { class: "waterfall-outline", visibility: "hidden", x: 0, width, height: ROW }, plot.svg);
}

function barOf(chart, span, at, x, names) {
  const { kit, plot } = chart;
  const { step, start, end } = span;
  const y = at * ROW + 4;
  const middle = y + BAR / 2 + 2;
  nameOf(chart, step, names - 10, middle);
  if (start === null) {
    kit.svg("text", { class: "caption", x: x(0) + 6, y: middle, dy: "0.35em", "data-mark": at }, plot.svg, kit.blank());
    return { x: x(0), y: middle };
  }
  const [low, high] = [x(Math.min(start, end)), x(Math.max(start, end))];
  const tone = step.total ? "total" : step.value < 0 ? "down" : "up";
  kit.svg("rect", { class: `waterfall-bar ${tone}`, x: low, y: y + 2, width: Math.max(high - low, 1), height: BAR, "data-mark": at }, plot.svg);
  const next = chart.spans.slice(at + 1).findIndex((other) => other.start !== null);
  if (next >= 0) kit.svg("line", { class: "waterfall-join", x1: x(end), x2: x(end), y1: y + 2 + BAR, y2: y + 2 + (next + 1) * ROW }, plot.svg);
  const left = end < 0 || (step.value < 0 && start <= 0);
  kit.svg("text", { class: `waterfall-value ${tone}`, x: left ? low - 6 : high + 6, y: middle, dy: "0.35em", "text-anchor": left ? "end" : "start" }, plot.svg, told(chart, step));
  return { x: (low + high) / 2, y: middle };
}

/** A step's name on one line, or on two in smaller letters where one is too narrow. */
function nameOf({ kit, plot }, step, right, middle) {
  const weight = step.total ? 600 : 400;
  const write = (words, y, small) => kit.svg("text", {
    class: `waterfall-name${step.total ? " strong" : ""}${small ? " small" : ""}`, x: right, y, dy: "0.35em", "text-anchor": "end",
  }, plot.svg, kit.shorten(words, right, small ? 11 : 13, weight));
  if (kit.textWidth(step.label, 13, weight) <= right) return write(step.label, middle, false);
  const words = step.label.split(" ");
  let first = words.length - 1;
  while (first > 1 && kit.textWidth(words.slice(0, first).join(" "), 11, weight) > right) first -= 1;
  if (first < 1) return write(step.label, middle, true);
  write(words.slice(0, first).join(" "), middle - 6.5, true);
  return write(words.slice(first).join(" "), middle + 6.5, true);
}

function cursorOver(chart) {
  const { figure, kit, spans } = chart;
  return {
    count: () => spans.length,
    first: () => 0,
    at: (px, py) => kit.clamp(Math.floor(py / ROW), 0, spans.length - 1),
    content(index) {
      const { step, end } = spans[index];
      const rows = [{ label: step.total ? "total" : "step", value: told(chart, step, 1, figure.unit), tone: step.total ? "" : step.value < 0 ? "down" : "up" }];
      if (!step.total && end !== null) rows.push({ label: "so far", value: kit.format(end, figure.kind_of_values, figure.decimals + 1, figure.unit) });
      return { ...chart.bars[index], title: step.label, rows, note: [step.formula, step.note].filter(Boolean).join("; ") };
    },
    show(index) {
      chart.outline.setAttribute("visibility", index === null ? "hidden" : "visible");
      if (index !== null) chart.outline.setAttribute("y", index * ROW);
    },
  };
}
