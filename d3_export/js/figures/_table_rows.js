// A table's rows on the page: all of them where they are few, else those that are in sight and some around them.

const MANY = 200; // rows from which only those in sight are made
const HIGH = 29; // px of a row where they are many; css/figures/table.css says the same
const AROUND = 12;

/** Rows in `body` (a tbody) within `scroller`, for `cells`; -> {many, draw(rows), reveal(place), see(), print(whether)}. */
kit.tableRows = (body, scroller, cells) => {
  const many = cells.count > MANY;
  const state = { rows: [], from: -1, to: -1, whole: !many };
  const sight = () => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / HIGH) - AROUND);
    return [first, Math.min(state.rows.length, first + Math.ceil(scroller.clientHeight / HIGH) + AROUND * 2)];
  };
  const put = (from, to) => {
    if (from === state.from && to === state.to) return;
    Object.assign(state, { from, to });
    const made = document.createDocumentFragment();
    spacer(made, from, cells);
    for (let place = from; place < to; place += 1) made.appendChild(rowOf(cells, state.rows[place], place));
    spacer(made, state.rows.length - to, cells);
    body.replaceChildren(made);
  };
  const see = () => (state.whole ? put(0, state.rows.length) : put(...sight()));
  const print = (whether) => {
    state.whole = whether || !many;
    see();
  };
  const draw = (rows) => {
    Object.assign(state, { rows, from: -1, to: -1 });
    see();
  };
  const reveal = (place) => {
    if (!many) return body.rows[place] && body.rows[place].scrollIntoView({ block: "nearest" });
    const [top, foot] = [place * HIGH, (place + 1) * HIGH];
    const room = scroller.clientHeight - HIGH * 1.3; // below the heading
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (foot > scroller.scrollTop + room) scroller.scrollTop = foot - room;
    return see();
  };
  if (many) scroller.addEventListener("scroll", see, { passive: true });
  return { many, draw, reveal, see, print };
};

function spacer(parent, rows, cells) {
  if (!rows) return;
  const row = kit.el("tr", "spacer", null, parent);
  row.setAttribute("aria-hidden", "true");
  const cell = kit.el("td", "", null, row);
  cell.colSpan = cells.columns.length;
  cell.style.height = `${rows * HIGH}px`;
}

function rowOf(cells, row, place) {
  const emphasis = cells.emphasis(row);
  const made = kit.el("tr", emphasis ? `row-${emphasis}` : "");
  made.setAttribute("aria-rowindex", String(place + 2));
  made.dataset.row = String(row);
  made.dataset.place = String(place);
  cells.columns.forEach((column, number) => {
    const tag = number === 0 ? "th" : "td";
    const cell = kit.el(tag, cellClass(cells, row, number), cells.text(row, number), made);
    if (number === 0) cell.scope = "row";
    cell.dataset.mark = "cell";
    cell.dataset.column = column.name;
    const blank = cells.blank(row, number);
    if (blank) {
      cell.dataset.blank = blank;
      cell.setAttribute("aria-label", blank);
    }
  });
  return made;
}

const WHOLE = new Set(["date", "instant"]); // never broken at their hyphens

function cellClass(cells, row, column) {
  const value = cells.value(row, column);
  const names = cells.numeric[column] ? ["number"] : [];
  if (value === null) names.push("blank");
  if (typeof value === "string" && value.length > 24) names.push("long");
  if (WHOLE.has(cells.columns[column].kind)) names.push("whole");
  if (cells.columns[column].kind === "change" && value) names.push(value > 0 ? "tone-up" : "tone-down");
  if (cells.columns[column].kind === "mark" && value) names.push("mark");
  return names.join(" ");
}

/** Widths in px for the columns of a table of many rows, so that they stay while rows come and go. */
kit.columnWidths = (cells) =>
  cells.columns.map((column, number) => {
    let longest = "";
    for (let row = 0; row < cells.count; row += 1) {
      const text = cells.text(row, number);
      if (text.length > longest.length) longest = text;
    }
    const words = Math.max(kit.textWidth(column.label, 13, 600) + 18, kit.textWidth(longest, 13.5, number === 0 ? 600 : 400) * 1.04);
    return Math.ceil(Math.min(words, 340)) + 22;
  });
