// A grid of coloured cells with the names of its rows and columns: what heatmaps and surfaces from above are made of.

const FONT = 12;
const TOTALS = new Set(["year", "total", "all", "sum", "portfolio", "ytd"]);
const GAP = 8; // before a total

/** True where the last of `labels` is the total of the others. */
kit.hasTotal = (labels) => labels.length > 2 && TOTALS.has(labels[labels.length - 1].toLowerCase());

/** Where everything of a grid stands at `width` px: sizes, and whether numbers fit their cells. */
kit.gridLayout = ({ rows, columns, texts, width }) => {
  const widest = (labels, weight) => Math.max(0, ...labels.map((label) => kit.textWidth(label, FONT, weight)));
  const left = Math.ceil(Math.min(widest(rows, 600) + 10, Math.max(width * 0.36, 60)));
  const widestText = Math.max(0, ...texts.map((text) => kit.textWidth(text, 11)));
  const gapX = kit.hasTotal(columns) ? GAP : 0;
  const gapY = kit.hasTotal(rows) ? GAP : 0;
  const least = kit.printed() ? 1 : columns.length > 30 ? 5 : Math.min(Math.max(widestText + 6, 18), 46);
  const most = Math.max(96, Math.min(widest(columns, 600) + 12, 170)); // as wide as names want that stand level
  const cw = kit.clamp((width - left - gapX - 1) / columns.length, least, most);
  const ch = rows.length > 60 ? kit.clamp(cw, 7, 14) : rows.length > 30 ? kit.clamp(cw, 14, 20) : kit.clamp(cw, 22, 30);
  const numbers = ch >= 14 && widestText + 4 <= cw;
  const turned = widest(columns, 600) + 6 > cw && cw >= 11; // in narrower columns a few names stand level
  const top = turned ? Math.ceil(Math.min(widest(columns, 600), 110)) + 10 : 22;
  return { left, top, cw, ch, gapX, gapY, numbers, turned, width: columns.length * cw + gapX + 1, height: top + rows.length * ch + gapY + 1 };
};

/** Draws a grid into `plot` and answers { svg, cells, mark(row, column), at(event) }.
 *
 * `cell(row, column)` answers { fill, ink, text, faded }; fill null is hatched. Names of rows stay in sight when a
 * wide grid is scrolled.
 */
kit.drawGrid = (plot, { id, rows, columns, layout, cell }) => {
  const x = (column) => column * layout.cw + (layout.gapX && column === columns.length - 1 ? layout.gapX : 0);
  const y = (row) => layout.top + row * layout.ch + (layout.gapY && row === rows.length - 1 ? layout.gapY : 0);
  const scroller = kit.el("div", "grid-scroll", null, plot);
  const names = kit.svg("svg", { class: "grid-names", width: layout.left, height: layout.height, "aria-hidden": "true" }, scroller);
  const svg = kit.svg("svg", { class: "grid-cells", width: layout.width, height: layout.height, "aria-hidden": "true" }, scroller);
  const hatch = kit.hatch(svg, `${id}-hatch`);
  const rowNames = thinned(rows, layout.ch, 11).map(({ label, at }) => kit.svg("text", {
    class: "grid-name", x: layout.left - 6, y: y(at) + layout.ch / 2, dy: "0.35em", "text-anchor": "end", "data-at": at,
  }, names, kit.shorten(label, layout.left - 10, FONT, 600)));
  const room = layout.turned ? 11 : layout.cw < 11 ? Math.max(...columns.map((name) => kit.textWidth(name, FONT, 600))) + 14 : 0;
  const columnNames = thinned(columns, layout.cw, room).map(({ label, at }) => columnName(svg, label, at, x(at) + layout.cw / 2, layout));
  const group = kit.svg("g", {}, svg);
  const cells = rows.map((_, row) => columns.map((__, column) => drawCell(group, cell(row, column), { row, column, x: x(column), y: y(row), layout, hatch })));
  const outline = kit.svg("rect", { class: "grid-outline", width: layout.cw + 1, height: layout.ch + 1, visibility: "hidden" }, svg);
  const mark = (row, column) => {
    outline.setAttribute("visibility", row === null ? "hidden" : "visible");
    if (row !== null) outline.setAttribute("x", x(column) - 0.5), outline.setAttribute("y", y(row) - 0.5);
    for (const each of rowNames) each.classList.toggle("picked", Number(each.dataset.at) === row);
    for (const each of columnNames) each.classList.toggle("picked", Number(each.dataset.at) === column);
  };
  const at = (event) => {
    const [px, py] = kit.pointerIn(event, svg);
    const column = columns.findIndex((_, i) => px >= x(i) && px < x(i) + layout.cw);
    const row = rows.findIndex((_, i) => py >= y(i) && py < y(i) + layout.ch);
    return row >= 0 && column >= 0 ? [row, column] : null;
  };
  return { svg, scroller, cells, mark, at, x, y };
};

/** The labels that have room of `least` px each, evenly: all, or every second, fifth ... */
function thinned(labels, step, least) {
  const every = Math.max(1, Math.ceil(least / step));
  return labels.map((label, at) => ({ label, at })).filter(({ at }) => at % every === 0);
}

function columnName(svg, label, at, x, layout) {
  const shown = layout.cw < 11 ? label : kit.shorten(label, layout.turned ? 110 : layout.cw, FONT, 600);
  const place = layout.turned
    ? { transform: `translate(${x + 4},${layout.top - 7}) rotate(-90)`, "text-anchor": "start" }
    : { x: layout.cw < 11 ? x - layout.cw / 2 : x, y: layout.top - 8, "text-anchor": layout.cw < 11 ? "start" : "middle" };
  return kit.svg("text", { class: "grid-name", "data-at": at, ...place }, svg, shown);
}

function drawCell(group, { fill, ink, text, faded }, { row, column, x, y, layout, hatch }) {
  const gap = Math.min(layout.cw, layout.ch) > 12 ? 1 : 0;
  const rect = kit.svg("rect", {
    class: fill === null ? "cell cell-blank" : faded ? "cell cell-faded" : "cell", "data-mark": `${row},${column}`,
    x, y, width: layout.cw - gap, height: layout.ch - gap, fill: fill === null ? hatch : fill,
  }, group);
  if (layout.numbers && text) {
    kit.svg("text", { class: faded ? "cell-text faded" : "cell-text", x: x + (layout.cw - gap) / 2, y: y + (layout.ch - gap) / 2, dy: "0.35em" }, group, text).style.fill = faded ? "" : ink;
  }
  return rect;
}

/** Keys and pointer over a grid of (rows x columns): { pick(row, column), drop() }; `told(row, column)` is called. */
kit.gridWalk = (stage, size, told, quiet) => {
  let place = null;
  const pick = (row, column) => {
    const [rows, columns] = size();
    if (!rows || !columns) return;
    place = [kit.clamp(row, 0, rows - 1), kit.clamp(column, 0, columns - 1)];
    told(...place);
  };
  const drop = () => {
    quiet();
  };
  const step = (down, across) => () => (place ? pick(place[0] + down, place[1] + across) : pick(0, 0));
  const end = 1e9;
  stage.keys({
    ArrowUp: step(-1, 0), ArrowDown: step(1, 0), ArrowLeft: step(0, -1), ArrowRight: step(0, 1),
    Home: step(0, -end), End: step(0, end), PageUp: step(-end, 0), PageDown: step(end, 0), Escape: drop,
  });
  stage.plot.addEventListener("focus", () => {
    if (stage.plot.matches(":focus-visible")) pick(...(place || [0, 0]));
  });
  stage.plot.addEventListener("blur", drop);
  return { pick, drop, reset: () => { place = null; } };
};
