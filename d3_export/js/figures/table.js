// Rows that sort, filter and copy. A heading that stays, blanks of three kinds, exact values at a click or by key.

const SIGNS = { 1: "▲", [-1]: "▼" };
const FILTERED = 8; // rows from which a filter is worth its place

figures.table = {
  draw(box, figure, kit, panel) {
    const cells = kit.cellsOf(figure);
    const handle = {
      csv: () => [cells.columns.map((column) => column.name), ...figure.rows.map((row) => cells.columns.map((column) => row[column.name] ?? null))],
      describe: () => words(cells),
    };
    if (!cells.count) {
      kit.el("p", "empty", figure.empty, box);
      return { ...handle, resize() {} };
    }
    const table = built(box, cells, panel);
    return { ...handle, resize: () => table.rows.see(), destroy: table.destroy };
  },
};

function words(cells) {
  if (!cells.count) return "No rows.";
  const labels = cells.columns.map((column) => column.label).filter(Boolean);
  const told = labels.length > 6 ? `${labels.slice(0, 5).join(", ")} and ${labels.length - 5} more` : kit.listed(labels);
  return `${kit.counted(cells.count, "row")}: ${told}.`;
}

function built(box, cells, panel) {
  const table = { cells, column: null, way: 1, wanted: "", at: null };
  const looks = [[cells.columns.length > 9, "wide"], [cells.columns.length > 12, "widest"], [cells.count <= 15, "short"]];
  table.root = kit.el("div", ["table-figure", ...looks.filter(([so]) => so).map(([, name]) => name)].join(" "), null, box);
  if (cells.count >= FILTERED || cells.columns.length > 1) toolbar(table, panel);
  frame(table, panel);
  table.rows = kit.tableRows(table.body, table.scroller, cells);
  if (table.rows.many) fixed(table);
  key(table);
  table.live = kit.el("p", "unseen", null, table.root);
  table.live.setAttribute("aria-live", "polite");
  table.tooltip = kit.tooltip(table.holder);
  cursor(table);
  const [before, after] = [() => table.rows.print(true), () => table.rows.print(false)];
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  table.destroy = () => {
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  };
  shown(table);
  return table;
}

function toolbar(table, panel) {
  const bar = kit.el("div", table.cells.count < FILTERED ? "table-bar alone" : "table-bar", null, table.root);
  if (table.cells.count >= FILTERED) {
    const input = kit.el("input", "filter", null, bar);
    Object.assign(input, { type: "search", placeholder: "Filter rows", spellcheck: false, autocomplete: "off" });
    input.setAttribute("aria-label", `Filter rows of ${panel.title}`);
    table.filter = input;
    input.addEventListener("input", () => {
      table.wanted = input.value;
      shown(table);
    });
  }
  table.count = kit.el("span", "count", null, bar);
  table.count.setAttribute("role", "status");
  const copy = kit.el("button", "tool copy", "Copy", bar);
  copy.type = "button";
  copy.dataset.action = "copy";
  copy.setAttribute("aria-label", `Copy the rows of ${panel.title} that are shown, with tabs between values`);
  copy.addEventListener("click", async () => {
    const done = await kit.copy(kit.tsv(table.cells, table.order));
    table.count.textContent = done ? `${kit.counted(table.order.length, "row")} copied` : "The browser refused to copy: save the CSV instead.";
  });
}

function frame(table, panel) {
  table.holder = kit.el("div", "table-holder", null, table.root);
  table.scroller = kit.el("div", "table-scroll", null, table.holder);
  const { scroller, cells } = table;
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", `${panel.title}. Arrow keys move from cell to cell.`);
  table.table = kit.el("table", "rows", null, scroller);
  table.table.setAttribute("aria-rowcount", String(cells.count + 1));
  const head = kit.el("tr", "", null, kit.el("thead", "", null, table.table));
  table.heads = cells.columns.map((column, number) => heading(table, head, column, number));
  table.body = kit.el("tbody", "", null, table.table);
}

function heading(table, row, column, number) {
  const cell = kit.el("th", table.cells.numeric[number] ? "number" : "", null, row);
  cell.scope = "col";
  const made = kit.el("button", "sort", null, cell);
  made.type = "button";
  made.dataset.sort = column.name;
  kit.el("span", "", column.label || column.name, made);
  kit.el("span", "sign", "", made).setAttribute("aria-hidden", "true");
  if (column.formula) made.title = column.formula;
  made.addEventListener("click", () => {
    const first = table.cells.numeric[number] ? -1 : 1;
    if (table.column !== number) Object.assign(table, { column: number, way: first });
    else if (table.way === first) table.way = -first;
    else table.column = null;
    shown(table);
  });
  return cell;
}

/** Widths that stay while rows come and go. */
function fixed(table) {
  table.root.classList.add("many");
  const group = kit.el("colgroup");
  const widths = kit.columnWidths(table.cells);
  for (const width of widths) kit.el("col", "", null, group).style.width = `${width}px`;
  table.table.prepend(group);
  table.table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
}

/** What the signs of blanks mean, of those that stand here. */
function key(table) {
  const kinds = table.cells.kinds();
  if (kinds.length) kit.el("p", "key", kinds.map((kind) => `${kit.blank(kind)} ${kind}`).join(" · "), table.root);
}

function shown(table) {
  const { cells, root } = table;
  table.order = kit.sorted(cells, kit.filtered(cells, table.wanted), table.column, table.way);
  table.at = null;
  table.tooltip.hide();
  table.heads.forEach((head, number) => {
    const sorted = number === table.column;
    head.setAttribute("aria-sort", sorted ? (table.way > 0 ? "ascending" : "descending") : "none");
    head.querySelector(".sign").textContent = sorted ? SIGNS[table.way] : "";
  });
  table.scroller.scrollTop = 0;
  table.rows.draw(table.order);
  const all = kit.counted(cells.count, "row");
  if (table.filter) table.count.textContent = table.order.length === cells.count ? all : `${table.order.length.toLocaleString("en-US")} of ${all}`;
  root.dataset.rows = String(table.order.length);
  root.dataset.total = String(cells.count);
}

function cursor(table) {
  const { scroller } = table;
  scroller.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-mark='cell']");
    if (cell) go(table, Number(cell.parentNode.dataset.place), [...cell.parentNode.cells].indexOf(cell));
  });
  scroller.addEventListener("keydown", (event) => byKey(table, event));
  scroller.addEventListener("scroll", () => table.tooltip.hide(), { passive: true });
  scroller.addEventListener("blur", () => leave(table));
}

function leave(table) {
  table.tooltip.hide();
  const before = table.body.querySelector(".here");
  if (before) before.classList.remove("here");
}

function byKey(table, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target !== table.scroller) return;
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-12, 0], PageDown: [12, 0], Home: [-Infinity, 0], End: [Infinity, 0] };
  if (event.key === "Escape") leave(table);
  const step = steps[event.key];
  if (!step || !table.order.length) return;
  event.preventDefault();
  const [row, column] = table.at || [step[0] > 0 ? -1 : 0, 0];
  go(table, kit.clamp(row + step[0], 0, table.order.length - 1), kit.clamp(column + step[1], 0, table.cells.columns.length - 1));
}

/** The cell at `place` and `column`: marked, told by voice, and in a tooltip in full. */
function go(table, place, column) {
  table.at = [place, column];
  table.rows.reveal(place);
  leave(table);
  const row = table.body.querySelector(`tr[data-place="${place}"]`);
  if (!row) return;
  const cell = row.cells[column];
  cell.classList.add("here");
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  const content = exact(table.cells, table.order[place], column);
  const [edge, own] = [table.holder.getBoundingClientRect(), cell.getBoundingClientRect()];
  table.tooltip.show(own.right - edge.left - 8, own.bottom - edge.top + 24, content);
  table.live.textContent = kit.readout(content);
}

function exact(cells, row, column) {
  const { label, name, formula } = cells.columns[column];
  const value = cells.value(row, column);
  const rows = [{ label: label || name, value: value === null ? cells.blank(row, column) : cells.text(row, column) }];
  if (typeof value === "number" && cells.text(row, column).replace(/,/g, "") !== String(value)) rows.push({ label: "in full", value: String(value) });
  return { title: column ? cells.text(row, 0) : "", rows, note: formula };
}
