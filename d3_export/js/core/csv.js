// What a reader takes along: a panel's values as CSV, the whole data block as JSON.

/** Rows as RFC 4180 text, UTF-8. Numbers are the shortest text that reads back the same; a blank is an empty field. */
function toCsv(rows) {
  return rows.map((row) => row.map(field).join(",") + "\r\n").join("");
}

/** What spreadsheets take for the start of a formula, full-width forms included; what is a number is left as it is. */
const STARTS_FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r]/;
const NUMBER = /^[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?%?$/;

/** One field, with an apostrophe before text that a spreadsheet would run as a formula (as engine/encode/csv.py does). */
function field(value) {
  if (value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value))) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = String(value);
  const inert = STARTS_FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** Offer `text` to the reader as a file. */
function save(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** Parts as one file name. */
function fileName(...parts) {
  return parts.filter(Boolean).join("-").replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 120);
}

core.toCsv = toCsv;
core.save = save;
core.fileName = fileName;
