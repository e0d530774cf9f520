// A table's rows: how cells read, which kinds of blank stand in them, how they sort, filter and are copied.

const NUMERIC = kit.NUMERIC;
const EMPHASES = ["strong", "muted"]; // up and down are told by the sign of the value itself

/** A figure's cells: {columns, count, text(row, column), blank(row, column), value(row, column)}; columns by number. */
kit.cellsOf = (figure) => {
  const { columns, rows } = figure;
  const blanks = new Map(figure.blanks.map((blank) => [`${blank.row}/${blank.column}`, blank.kind]));
  const cells = { columns, count: rows.length };
  cells.value = (row, column) => rows[row][columns[column].name] ?? null;
  cells.blank = (row, column) => {
    if (cells.value(row, column) !== null) return "";
    return blanks.get(`${row}/${columns[column].name}`) || columns[column].default_blank;
  };
  cells.text = (row, column) => {
    const { name, kind, decimals, unit } = columns[column];
    const own = figure.decimals && Object.hasOwn(figure.decimals, name) ? figure.decimals[name][row] : null;
    return kit.format(cells.value(row, column), kind, own ?? decimals, unit, { blank: cells.blank(row, column) });
  };
  cells.emphasis = (row) => (figure.emphasis && EMPHASES.includes(figure.emphasis[row]) ? figure.emphasis[row] : "");
  cells.numeric = columns.map((column) => NUMERIC.has(column.kind));
  cells.kinds = () => [...new Set([...Array(cells.count).keys()].flatMap((row) => columns.map((_, column) => cells.blank(row, column))))].filter(Boolean);
  return cells;
};

/** The rows whose cells, as they read, hold every word of `wanted`, whatever its case; in the data's order. */
kit.filtered = (cells, wanted) => {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [...Array(cells.count).keys()];
  if (!words.length) return all;
  cells.told = cells.told || all.map((row) => cells.columns.map((_, column) => cells.text(row, column)).join("\u0001").toLowerCase());
  return all.filter((row) => words.every((word) => cells.told[row].includes(word)));
};

/** `rows` by `column`, `way` 1 ascending or -1 descending; equal ones in the data's order, blanks last either way. */
kit.sorted = (cells, rows, column, way) => {
  if (column === null) return rows;
  const keys = new Map(rows.map((row) => [row, cells.value(row, column)]));
  const compare = (a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    if (x === null || y === null) return (x === null) - (y === null) || a - b;
    return way * ordered(x, y) || a - b;
  };
  return [...rows].sort(compare);
};

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function ordered(x, y) {
  return typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y));
}

/** Rows as text that a spreadsheet takes: tabs between values in full, headings first; no formula of outside text. */
kit.tsv = (cells, rows) => {
  const head = cells.columns.map((column) => inert(column.label));
  const body = rows.map((row) => cells.columns.map((_, column) => inert(cells.value(row, column))));
  return [head, ...body].map((row) => row.join("\t")).join("\n");
};

function inert(value) {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const flat = value.replace(/[\t\r\n]+/g, " ");
  return /^\s*[=+\-@＝＋－＠]/.test(flat) && !/^[+-]?[\d.,]+%?$/.test(flat.trim()) ? `'${flat}` : flat;
}
