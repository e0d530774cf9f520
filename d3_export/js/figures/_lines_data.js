// Lines over dates: one axis for all of them, each with its own dates; what is told of a date.

const DAY = 86400000;

/** A figure's series on one axis.
 *
 * `dates` are all dates of all series, ascending; `places` where they stand (days since the first; instants follow
 * one another, so that nights leave no gap). Of each line `index` maps its values to `dates`.
 */
kit.linesOf = (figure) => {
  const dates = [...new Set(figure.series.flatMap((series) => series.dates))].sort();
  const order = new Map(dates.map((date, index) => [date, index]));
  const ordinal = dates.some((date) => date.length > 10);
  const first = dates.length ? kit.time(dates[0]) : 0;
  const places = dates.map((date, index) => (ordinal ? index : Math.round((kit.time(date) - first) / DAY)));
  const lines = figure.series.map((series, number) => lineOf(series, number, order, places));
  return { dates, places, ordinal, first, lines, last: places.length ? places[places.length - 1] : 0 };
};

function lineOf(series, number, order, places) {
  const index = series.dates.map((date) => order.get(date));
  return { name: series.name, unit: series.unit, formula: series.formula, values: series.values, number, colour: number, grey: false, index, places: index.map((at) => places[at]) };
}

/** A line's value at date `index`: its own, else its newest before it while the line goes on. -> {value, at} or null. */
kit.lineAt = (line, index) => {
  const at = kit.firstFrom(line.index, index + 1) - 1;
  if (at < 0 || (line.index[at] !== index && at === line.index.length - 1)) return null;
  return { value: line.values[at], at, exact: line.index[at] === index };
};

/** The variable of a line's colour: its number's, or none in a crowd. */
kit.lineColour = (line) => (line.grey ? "--neutral" : kit.seriesName(line.colour));

/** A line's dashes: in a crowd none. */
kit.lineDash = (line) => (line.grey ? [] : kit.seriesDash(line.colour));

/** Of a crowd of lines the three highest and the three lowest at their ends keep colours; the others are grey. */
kit.outermost = (lines) => {
  const order = lines.filter((line) => kit.newest(line)).sort((a, b) => kit.newest(b).value - kit.newest(a).value);
  for (const line of lines) line.grey = true;
  [...new Set([...order.slice(0, 3), ...order.slice(-3)])].forEach((line, colour) => Object.assign(line, { colour, grey: false }));
};

/** The line that is nearest to the pointer at date `index`: the picked one by key. */
kit.nearestLine = (chart, index) => {
  if (chart.picked !== null) return chart.set.lines[chart.picked];
  let [best, least] = [null, Infinity];
  for (const line of chart.set.lines) {
    const found = kit.lineAt(line, index);
    const away = found && Number.isFinite(found.value) ? Math.abs(chart.y(found.value) - (chart.pointed ?? 0)) : Infinity;
    if (away < least) [best, least] = [line, away];
  }
  return best;
};

/** The newest value that a line has, or null. */
kit.newest = (line, upto = line.values.length) => {
  for (let at = Math.min(upto, line.values.length) - 1; at >= 0; at -= 1) {
    if (Number.isFinite(line.values[at])) return { value: line.values[at], at };
  }
  return null;
};

/** How a value of a line reads. */
kit.lineValue = (figure, line, value) => kit.format(value, "number", figure.decimals, unitOf(line.unit || figure.unit));

/** "first = 100" says what the axis is, not what stands behind each value. */
const unitOf = (unit) => (unit.includes("=") ? "" : unit);

/** The lines as a table for CSV: a row a date, null where a line has none. */
kit.lineTable = (set) => {
  const columns = set.lines.map((line) => {
    const values = new Array(set.dates.length).fill(null);
    line.index.forEach((at, place) => {
      values[at] = line.values[place];
    });
    return values;
  });
  return [["date", ...set.lines.map((line) => line.name)], ...set.dates.map((date, row) => [date, ...columns.map((column) => column[row])])];
};

/** What the lines show, in words. */
kit.lineWords = (set, figure) => {
  if (!set.dates.length) return "No values are known here.";
  const named = figure.unit === "%" ? "percent" : figure.unit;
  const unit = named ? (unitOf(named) ? ` in ${named}` : ` (${named})`) : "";
  const what = set.lines.length === 1 ? set.lines[0].name : kit.counted(set.lines.length, "line");
  const span = `${what}${unit}, ${kit.spoken(set.dates[0])} to ${kit.spoken(set.dates[set.dates.length - 1])}`;
  return `${span}${figure.scale === "log" ? ", on a logarithmic scale" : ""}. ${newestWords(set, figure)}`;
};

function newestWords(set, figure) {
  const found = set.lines.map((line) => [line, kit.newest(line)]).filter(([, newest]) => newest);
  if (!found.length) return "None has a value.";
  const told = ([line, { value }]) => kit.lineValue(figure, line, value);
  if (found.length === 1) return `The newest value is ${told(found[0])}.`;
  if (found.length <= 4) return `Newest: ${found.map((one) => `${one[0].name} ${told(one)}`).join("; ")}.`;
  const order = [...found].sort((a, b) => a[1].value - b[1].value);
  const [low, high] = [order[0], order[order.length - 1]];
  return `The newest values go from ${told(low)} (${low[0].name}) to ${told(high)} (${high[0].name}).`;
}
