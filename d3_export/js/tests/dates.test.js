const test = require("node:test");
const assert = require("node:assert");
const { core } = require("./load_core.js");

const kit = core("kit.js", "kit_dates.js", "kit_decimate.js");

function weekdays(first, count) {
  const days = [];
  for (let at = Date.parse(first); days.length < count; at += 86400000) {
    const day = new Date(at);
    if (day.getUTCDay() % 6) days.push(day.toISOString().slice(0, 10));
  }
  return days;
}

const YEARS = weekdays("2010-01-04", 2600);

test("ten years are marked by year, at each year's first session", () => {
  const marks = kit.sessionTicks(YEARS, 0, YEARS.length - 1, 12);
  assert.deepStrictEqual(marks.map((mark) => mark.label).slice(0, 3), ["2011", "2012", "2013"]);
  assert.strictEqual(YEARS[marks[0].index], "2011-01-03");
  assert.ok(marks.every((mark) => mark.strong));
});

test("a few months are marked by month, a new year by its number", () => {
  const from = YEARS.indexOf("2011-10-03");
  const labels = kit.sessionTicks(YEARS, from, from + 100, 8).map((mark) => mark.label);
  assert.deepStrictEqual(labels, ["Oct 2011", "Nov", "Dec", "2012", "Feb"]);
});

test("a few weeks are marked by day, of which the first names its year", () => {
  const from = YEARS.indexOf("2011-10-03");
  const labels = kit.sessionTicks(YEARS, from, from + 20, 6).map((mark) => mark.label);
  assert.deepStrictEqual(labels, ["3 Oct 2011", "10 Oct", "17 Oct", "24 Oct", "31 Oct"]);
});

test("never more marks than were asked for, whatever is seen", () => {
  for (let start = 0; start < 2000; start += 97) {
    for (const span of [5, 12, 40, 130, 600]) {
      assert.ok(kit.sessionTicks(YEARS, start, start + span, 7).length <= 7, `${start} ${span}`);
    }
  }
});

test("marks lie within what is seen, in order, each once", () => {
  const marks = kit.sessionTicks(YEARS, 100.5, 480.2, 9).map((mark) => mark.index);
  assert.ok(marks[0] >= 100.5 && marks[marks.length - 1] <= 480.2);
  assert.deepStrictEqual(marks, [...new Set(marks)].sort((a, b) => a - b));
});

test("minutes are marked on the exchange's clocks, in summer and in winter", () => {
  const minutes = (day, open) => Array.from({ length: 390 }, (_, i) => new Date(Date.parse(`${day}T${open}:00Z`) + i * 60000).toISOString().replace(".000", ""));
  for (const [day, open] of [["2020-01-15", "14:30"], ["2020-07-15", "13:30"]]) {
    const starts = minutes(day, open);
    const marks = kit.clockTicks(starts, starts.map(() => day), "America/New_York", 0, 389, 8);
    assert.deepStrictEqual(marks.map((mark) => mark.label), ["10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]);
    assert.strictEqual(marks[0].index, 30);
  }
});

test("an instant on an exchange's clocks", () => {
  assert.strictEqual(kit.instant("2020-01-15T14:30:05Z", "Europe/London"), "2020-01-15 14:30:05 GMT");
  assert.strictEqual(kit.local("2020-01-15T05:00:00Z", "America/New_York").clock, "00:00");
});
