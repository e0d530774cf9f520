// Where a page comes from: its clock, its id, its sources, and what was read for it.

/** An instant of the data ("2020-03-17T03:59:59.999999Z") as a reader says it: "2020-03-17 03:59:59 UTC". */
function instantWords(iso) {
  if (!iso) return "not told";
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d))?[\d.]*Z$/.exec(iso);
  if (!found) return iso;
  return `${found[1]} ${found[2]}${found[3] && found[3] !== "00" ? `:${found[3]}` : ""} UTC`;
}

/** "As of ..." in words; a page of the present says so. */
function clockWords(lineage) {
  if (!lineage) return "Without a clock: this page was made from no data.";
  const when = instantWords(lineage.asof);
  const clock = lineage.live ? `Live: what was known at ${when}` : `As of ${when}: nothing known later is shown`;
  return lineage.recorded ? `${clock}; as this store had recorded it by ${instantWords(lineage.recorded)}` : clock;
}

/** Each source once: its newest known_at, the tables, and rows read from it. */
function sourcesOf(lineage) {
  const found = new Map();
  for (const read of lineage.reads) {
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
core.clockWords = clockWords;
core.provenance = provenance;
