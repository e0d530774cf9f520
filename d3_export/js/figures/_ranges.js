// Spans to choose from, above a long axis of time: one month to all, as far as the data go.

const SPANS = [["1M", 1], ["3M", 3], ["6M", 6], ["YTD", 0], ["1Y", 12], ["3Y", 36], ["5Y", 60], ["10Y", 120]];
const DAYS = [["1D", 1], ["5D", 5], ["20D", 20]];

/** Buttons in `parent` that set `view` to the last month, year, ...; `days` are ISO dates, ascending. -> the row. */
kit.ranges = (parent, view, days, within = false) => {
  const row = kit.el("div", "ranges", null, parent);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Span shown");
  const add = (label, act) => {
    const made = kit.el("button", "tool", label, row);
    made.type = "button";
    made.dataset.range = label;
    made.addEventListener("click", act);
    return made;
  };
  for (const [label, start] of within ? byDays(days) : byMonths(days)) {
    add(label, () => view.set(start, days.length));
  }
  add("All", view.reset);
  return { row, add };
};

function byMonths(days) {
  const last = days[days.length - 1];
  const found = [];
  for (const [label, months] of SPANS) {
    const from = months ? monthsBefore(last, months) : `${last.slice(0, 4)}-01-01`;
    const start = kit.firstFrom(days, from);
    if (start > 0 && days.length - start >= 5) found.push([label, start]);
  }
  return found;
}

function monthsBefore(day, months) {
  const [year, month] = day.split("-").map(Number);
  const count = year * 12 + month - 1 - months;
  const text = `${String(Math.floor(count / 12)).padStart(4, "0")}-${String((count % 12) + 1).padStart(2, "0")}`;
  return `${text}${day.slice(7)}`; // 31 February sorts where its month ends
}

function byDays(days) {
  const starts = days.flatMap((day, index) => (index === 0 || day !== days[index - 1] ? [index] : []));
  return DAYS.filter(([, count]) => starts.length > count).map(([label, count]) => [label, starts[starts.length - count]]);
}
