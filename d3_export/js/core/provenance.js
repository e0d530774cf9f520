// Where a page comes from: its clock, its id, its sources, and what was read for it.

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)(?::(\d\d)(\.\d+)?)?Z$/;

/** An instant of the data ("2020-03-16T20:00:00Z") as a reader says it: "2020-03-16 20:00 UTC". */
function instantWords(iso) {
  if (!iso) return "not told";
  const found = INSTANT.exec(iso);
  if (!found) return iso;
  const [, year, month, day, minutes, seconds] = found;
  return `${year}-${month}-${day} ${minutes}${seconds && seconds !== "00" ? `:${seconds}` : ""} UTC`;
}

/** A clock as a reader says it: the last microsecond of a day in New York, which is what a date means, is that day's end. */
function clockInstant(iso) {
  const found = INSTANT.exec(iso);
  if (!found || found[6] !== ".999999" || !/^0[34]:59$/.test(found[4])) return instantWords(iso);
  const day = new Date(Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3]) - 1));
  return `the end of ${day.toISOString().slice(0, 10)}, New York`;
}

/** The clock in a word or two, for a list. */
function clockShort(lineage) {
  if (!lineage) return "";
  return lineage.live ? "live" : `as of ${clockInstant(lineage.asof).replace(/^the end of (.*), New York$/, "$1")}`;
}

/** "As of ..." in words; a page of the present says so. */
function clockWords(lineage) {
  if (!lineage) return "Without a clock: this page was made from no data.";
  const when = clockInstant(lineage.asof);
  const clock = lineage.live ? `Live: what was known at ${when}` : `As of ${when}: nothing known later is shown`;
  return lineage.recorded ? `${clock}; as this store had recorded it by ${clockInstant(lineage.recorded)}` : clock;
}

/** Each source of the figures once: its newest known_at, the tables read, and how well dates are known. */
function sourcesOf(lineage) {
  const found = new Map();
  const figures = lineage.reads.filter((read) => read.table !== "securities"); // these only tell what is called how
  for (const read of figures.length ? figures : lineage.reads) {
    for (const source of read.sources) {
      const one = found.get(source) || { source, newest: null, tables: new Set(), bases: new Set() };
      if (read.newest_known_at && (!one.newest || read.newest_known_at > one.newest)) one.newest = read.newest_known_at;
      one.tables.add(read.table);
      read.bases.forEach((basis) => one.bases.add(basis));
      found.set(source, one);
    }
  }
  return [...found.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}

function sourceTable(lineage) {
  const head = ["source", "newest known at", "last recorded at", "dates are", "tables"];
  const recorded = lineage.recorded_at || {};
  const rows = sourcesOf(lineage).map((one) => [
    one.source, instantWords(one.newest), instantWords(Object.hasOwn(recorded, one.source) ? recorded[one.source] : null),
    [...one.bases].sort().join(", "), [...one.tables].sort().join(", ")]);
  return plainTable("Sources of this page", head, rows);
}

function readTable(lineage) {
  const head = ["table", "from", "to", "rows", "newest known at", "sha256 of the rows"];
  const rows = lineage.reads.map((read) => [
    read.table, read.start || "", read.end || "", String(read.rows), read.newest_known_at ? instantWords(read.newest_known_at) : "",
    read.hash.slice(0, 16)]);
  return plainTable("Every read behind this page", head, rows);
}

function plainTable(caption, head, rows) {
  const cells = (row, tag) => row.map((text) => core.el(tag, tag === "th" ? { scope: "col" } : {}, text));
  return core.el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    core.el("table", { class: "plain" }, core.el("caption", {}, caption),
      core.el("thead", {}, core.el("tr", {}, ...cells(head, "th"))),
      core.el("tbody", {}, ...rows.map((row) => core.el("tr", {}, ...cells(row, "td"))))));
}

/** One line for every reader: sources, how new they are, and the page's id. */
function sourceLine(page) {
  const lineage = page.lineage;
  if (!lineage) return null;
  const told = sourcesOf(lineage).map((one) => `${one.source}${one.newest ? `, known by ${instantWords(one.newest)}` : ""}`);
  const source = told.length ? `Source: ${told.join("; ")}. ` : "";
  return core.el("p", { class: "source" }, `${source}asof ${lineage.version}, page ${lineage.snapshot_id}: `,
    core.el("code", {}, lineage.command));
}

/** A closed part below the page that a reader opens to see what it stands on. */
function provenance(page) {
  const lineage = page.lineage;
  if (!lineage) return null;
  const facts = [
    ["Clock", clockWords(lineage)],
    ["Page id", lineage.snapshot_id],
    ["Snapshot", `commit ${lineage.snapshot} of the store`],
    ["Command", lineage.command],
    ["Made by", `asof ${lineage.version}`],
  ];
  const list = facts.flatMap(([term, text]) => [core.el("dt", {}, term), core.el("dd", {}, text)]);
  return core.el("details", { class: "provenance" },
    core.el("summary", {}, "Where this comes from"),
    core.el("dl", {}, ...list),
    lineage.reads.length ? sourceTable(lineage) : null,
    lineage.reads.length ? readTable(lineage) : null);
}

core.instantWords = instantWords;
core.clockShort = clockShort;
core.clockWords = clockWords;
core.sourceLine = sourceLine;
core.provenance = provenance;
