// A grid of values by colour and number. A square one of equal names is a matrix of correlations: it can be put in
// the order that brings together what moves together, and weak pairs can be left pale.

const NEAR = 1e-9;

/** Whether the figure is a symmetric matrix of correlations. */
function isCorrelation({ rows, columns, values }) {
  if (rows.length < 2 || rows.length !== columns.length || rows.some((name, i) => name !== columns[i])) return false;
  return values.every((row, i) => row.every((value, j) => {
    const other = values[j][i];
    if (value === null || other === null) return value === other;
    return Math.abs(value - other) < NEAR && Math.abs(value) <= 1 + NEAR && (i !== j || Math.abs(value - 1) < 1e-6);
  }));
}

/** Every cell that has a value: [{ row, column, value }]; of a matrix of correlations every pair once. */
function known(figure, pairs) {
  const found = [];
  figure.values.forEach((row, i) => row.forEach((value, j) => {
    if (value !== null && !(pairs && j <= i)) found.push({ row: figure.rows[i], column: figure.columns[j], value });
  }));
  return found;
}

function draw(box, figure, kit, panel) {
  const pairs = isCorrelation(figure);
  const stage = kit.stage(box, pairs ? "correlation matrix" : "heatmap");
  const state = { order: figure.rows.map((_, i) => i), floor: 0, grid: null, width: box.clientWidth };
  const scale = kit.rampScale(figure, figure.values.flat());
  const write = (value, more = 0) => kit.format(value, figure.kind_of_values === "change" ? "percent" : figure.kind_of_values, figure.decimals + more, more ? figure.unit : "");
  const short = (value) => write(value).replace("%", "");
  const columnsOf = () => (pairs ? state.order : figure.columns.map((_, j) => j));

  function paint() {
    kit.clear(stage.plot);
    const columns = columnsOf();
    if (!figure.rows.length || !figure.columns.length) {
      kit.el("p", "empty", "Nothing to show: the grid has no rows.", stage.plot);
      return;
    }
    const names = { rows: state.order.map((i) => figure.rows[i]), columns: columns.map((j) => figure.columns[j]) };
    const texts = figure.values.flat().map((value) => (value === null ? "" : short(value)));
    const layout = kit.gridLayout({ ...names, texts, width: state.width });
    const colour = kit.rampOf(figure.scale, scale);
    const cell = (row, column) => {
      const value = figure.values[state.order[row]][columns[column]];
      if (value === null) return { fill: null, ink: null, text: "—" };
      const self = pairs && state.order[row] === columns[column];
      const fill = self ? kit.css("--raised") : colour(value); // of itself everyone has 1: no news, no colour
      return { fill, ink: self ? kit.css("--muted") : kit.rampInk(fill), text: short(value), faded: pairs && !self && Math.abs(value) < state.floor };
    };
    state.grid = kit.drawGrid(stage.plot, { id: panel.id, ...names, layout, cell });
    kit.rampKey(stage.plot, `${panel.id}-key`, {
      name: figure.scale, scale, title: pairs ? "correlation" : keyTitle(figure), write: (value) => write(value), middle: figure.scale === "diverging" ? figure.center : null,
    });
    state.grid.svg.addEventListener("pointermove", (event) => {
      const at = state.grid.at(event);
      if (at) walk.pick(...at);
      else walk.drop();
    });
    state.grid.svg.addEventListener("pointerleave", () => walk.drop());
  }

  function told(row, column) {
    state.grid.mark(row, column);
    const [i, j] = [state.order[row], columnsOf()[column]];
    const rect = state.grid.cells[row][column];
    if (document.activeElement === stage.plot) rect.scrollIntoView({ block: "nearest", inline: "nearest" });
    const what = pairs ? "correlation" : keyTitle(figure);
    const title = pairs ? `${figure.rows[i]} and ${figure.columns[j]}` : `${figure.rows[i]}, ${figure.columns[j]}`;
    stage.tell(...kit.placeIn(rect, stage.root), { title, rows: [{ label: what, value: write(figure.values[i][j], 2) }] });
  }

  const walk = kit.gridWalk(stage, () => [figure.rows.length, figure.columns.length], told, () => {
    if (state.grid) state.grid.mark(null, null);
    stage.hush();
  });

  function sorted(way) {
    const indices = figure.rows.map((_, i) => i);
    if (way === "clustered") state.order = kit.clusterOrder(figure.values);
    else if (way === "name") state.order = indices.sort((a, b) => (figure.rows[a] < figure.rows[b] ? -1 : 1));
    else state.order = indices;
    stage.plot.dataset.order = way;
    walk.reset();
    paint();
  }

  if (pairs) {
    const ways = [["given", "as given"], ["clustered", "clustered"], ["name", "by name"]];
    if (figure.rows.length > 2) kit.choice(stage.controls, "Order", ways.map(([value, label]) => ({ value, label })), "given", sorted);
    kit.slider(stage.controls, "Pale below |r|", {
      low: 0, high: 1, step: 0.05, value: 0, write: (value) => value.toFixed(2),
      change(value) {
        state.floor = value;
        paint();
      },
    });
  }
  const words = pairs ? pairWords(figure, write) : gridWords(figure, write);
  stage.label(`${words} Arrow keys move from cell to cell.`);
  paint();
  return {
    resize(width) {
      state.width = width;
      paint();
    },
    csv: () => [[figure.row_title || "row", ...figure.columns], ...figure.values.map((row, i) => [figure.rows[i], ...row])],
    describe: () => words,
  };
}

function keyTitle(figure) {
  const kind = { percent: "per cent", change: "per cent" }[figure.kind_of_values] || "";
  return figure.unit || kind || figure.formula || "value";
}

function each(formula) {
  return formula ? `Each cell: ${formula.replace(/[.\s]+$/, "")}.` : "";
}

function gridWords(figure, write) {
  const cells = known(figure, false);
  if (!cells.length) return "No values.";
  const { rows, columns } = figure;
  const total = kit.hasTotal(columns) ? columns.length - 1 : columns.length;
  const inner = cells.filter(({ column }) => total === columns.length || column !== columns[total]);
  const most = inner.reduce((a, b) => (b.value > a.value ? b : a));
  const least = inner.reduce((a, b) => (b.value < a.value ? b : a));
  const span = (title, labels) => `${title ? `${title} ` : ""}${labels[0]} to ${labels[labels.length - 1]}`;
  const blanks = rows.length * columns.length - cells.length;
  const where = ({ row, column }) => `${row}, ${column}`;
  return [
    `Rows: ${rows.length > 1 ? span(figure.row_title, rows) : rows[0]}; columns: ${columns.length > 1 ? span(figure.column_title, columns.slice(0, total)) : columns[0]}.`,
    `Highest ${write(most.value)} (${where(most)}), lowest ${write(least.value)} (${where(least)})${figure.unit ? `, in ${figure.unit}` : ""}.`,
    blanks ? `Hatched: no value (${kit.counted(blanks, "cell")}).` : "",
    each(figure.formula),
  ].filter(Boolean).join(" ");
}

function pairWords(figure, write) {
  const cells = known(figure, true);
  if (!cells.length) return "No values.";
  const most = cells.reduce((a, b) => (b.value > a.value ? b : a));
  const least = cells.reduce((a, b) => (b.value < a.value ? b : a));
  const mean = cells.reduce((sum, { value }) => sum + value, 0) / cells.length;
  const pair = ({ row, column, value }) => `${row} and ${column} (${write(value)})`;
  return [
    `Correlations of ${figure.rows.length}, on average ${write(mean)}.`,
    cells.length > 1 ? `Highest: ${pair(most)}; lowest: ${pair(least)}.` : "",
    each(figure.formula),
  ].filter(Boolean).join(" ");
}

figures.heatmap = { draw };
