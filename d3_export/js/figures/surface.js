// A value over two numbers: as a body that turns, from above, and slice by slice. The quotes it was fitted to are
// points in each.

const KEYS = {
  body: "Arrow keys move over the surface, with Shift they turn it.",
  above: "Arrow keys move from cell to cell.",
  slices: "Arrow up and down change the slice, left and right move along it.",
};

function draw(box, figure, kit, panel) {
  const stage = kit.stage(box, "surface");
  const model = kit.surfaceModel(figure);
  const say = tellers(figure, kit);
  const words = describe(figure, kit, say);
  if (!model) {
    kit.el("p", "empty", "Nothing to show: the surface has no values.", stage.plot);
    return { resize() {}, csv: () => rows(figure), describe: () => words };
  }
  const shared = { stage, figure, kit, panel, model, say, width: box.clientWidth };
  const views = { body: kit.surfaceBody(shared), above: kit.surfaceAbove(shared), slices: kit.surfaceSlices(shared) };
  let now = null;
  const names = [["body", "in space"], ["above", "from above"], ["slices", "slices"]].map(([value, label]) => ({ value, label }));
  const few = figure.x.length < 2 || figure.y.length < 2; // no cell, no body
  const choose = (name) => {
    if (now) views[now].leave();
    now = name;
    stage.hush();
    kit.clear(stage.plot);
    stage.plot.dataset.view = name;
    stage.label(`${words} ${KEYS[name]}`);
    views[name].enter();
  };
  kit.choice(stage.controls, "View", few ? names.slice(1) : names, few ? "above" : "body", choose);
  const handle = (event) => views[now].key(event);
  stage.plot.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !handle(event)) return;
    event.preventDefault();
  });
  stage.plot.addEventListener("blur", () => stage.hush());
  choose(few ? "above" : "body");
  return {
    resize(width) {
      shared.width = width;
      choose(now);
    },
    csv: () => rows(figure),
    describe: () => words,
  };
}

/** Every value of the grid, then every quote. */
function rows(figure) {
  const values = figure.values.flatMap((row, i) => row.map((value, j) => ["fit", figure.x[j], figure.y[i], figure.x_labels[j] ?? null, figure.y_labels[i] ?? null, value, null]));
  const quotes = figure.points.map((point) => ["quote", point.x, point.y, point.label, null, point.value, point.used]);
  return [["what", figure.x_title, figure.y_title, "x label", "y label", "value", "used"], ...values, ...quotes];
}

/** How places and values read. */
function tellers(figure, kit) {
  const write = (value, more = 0) => kit.format(value, figure.kind_of_values, figure.decimals + more, more ? figure.unit : "");
  const label = (values, labels) => {
    const places = alike(values);
    return (at) => labels[at] ?? (places === null ? kit.format(values[at]) : kit.fixed(values[at], places));
  };
  const [xLabel, yLabel] = [label(figure.x, figure.x_labels), label(figure.y, figure.y_labels)];
  return {
    write, xLabel, yLabel,
    cell: (row, column) => ({
      title: `${figure.y_title} ${yLabel(row)}`,
      rows: [{ label: figure.x_title, value: xLabel(column) }, { label: "fit", value: write(figure.values[row][column], 2) }],
    }),
    quote: ({ point, fit }) => ({
      title: point.label,
      rows: [{ label: "quote", value: write(point.value, 2) }, ...(fit === null ? [] : [{ label: "fit there", value: write(fit, 2) }])],
      note: point.used ? "" : "left out of the fit",
    }),
  };
}

/** The fewest decimals, up to four, with which every value of an axis is whole; null where more are needed. */
function alike(values) {
  for (let places = 0; places <= 4; places += 1) {
    if (values.every((value) => Math.abs(value - Number(value.toFixed(places))) < 1e-9)) return places;
  }
  return null;
}

function describe(figure, kit, say) {
  const known = figure.values.flatMap((row, i) => row.map((value, j) => ({ value, i, j }))).filter(({ value }) => value !== null);
  if (!known.length) return "No values.";
  const most = known.reduce((a, b) => (b.value > a.value ? b : a));
  const least = known.reduce((a, b) => (b.value < a.value ? b : a));
  const where = ({ i, j }) => `${say.xLabel(j)}, ${say.yLabel(i)}`;
  const out = figure.points.filter((point) => !point.used).length;
  const quotes = figure.points.length ? ` Points are ${kit.counted(figure.points.length, "quote")}${out ? `, hollow where left out of the fit (${out})` : ""}.` : "";
  const last = figure.y.length - 1;
  return `By ${figure.x_title} and ${figure.y_title}, ${say.yLabel(0)} to ${say.yLabel(last)}: from ${say.write(least.value)} (${where(least)}) to ${say.write(most.value)} (${where(most)}).${quotes}${figure.formula ? ` Each value: ${figure.formula}.` : ""}`;
}

figures.surface = { draw };
