// What a chart of bars is made of: the bars, where lines and events fall among them, what is told of one.

/** A figure's bars as columns, lines set against them, events at their bars. */
kit.barsOf = (figure) => {
  const { data } = figure;
  const days = data.session_date;
  const none = new Array(days.length).fill(null);
  const bars = {
    days, starts: data.start_at || null, phases: data.phase || null, zone: figure.zone || "",
    open: data.open, high: data.high, low: data.low, close: data.close, volume: data.volume || none,
    count: days.length, hasVolume: Boolean(data.volume && data.volume.some((value) => value !== null)),
  };
  bars.lines = figure.overlays.map((series) => ({ name: series.name, values: against(bars, series), formula: series.formula }));
  bars.events = placed(bars, figure.events);
  return bars;
};

/** The series whose colour the line at `index` has: the first two are too near to those of up and down. */
kit.lineSeries = (index) => index + 2;

/** A line's values at the bars' places, null where it has none. */
function against(bars, series) {
  const instants = bars.starts && series.dates.some((date) => date.length > 10);
  const known = new Map(series.dates.map((date, index) => [date, series.values[index]]));
  return (instants ? bars.starts : bars.days).map((place) => (known.has(place) ? known.get(place) : null));
}

/** Events at the first bar on or after their day: [{index, events}] in order. */
function placed(bars, events) {
  const found = new Map();
  for (const event of events) {
    const index = kit.firstFrom(bars.days, event.date);
    if (index >= bars.count) continue;
    if (!found.has(index)) found.set(index, []);
    found.get(index).push(event);
  }
  return [...found].sort((a, b) => a[0] - b[0]).map(([index, several]) => ({ index, events: several }));
}

/** When a bar is, in words: its session, or its beginning on the exchange's clocks. */
kit.barTime = (bars, index) => (bars.starts ? kit.instant(bars.starts[index], bars.zone) : bars.days[index]);

/** The tooltip of a bar: its exact values, its change from the bar before, lines, and events. */
kit.barRows = (bars, figure, index) => {
  const price = (value) => kit.format(value, "price", figure.decimals);
  const rows = ["open", "high", "low", "close"].map((name) => ({ label: name, value: price(bars[name][index]) }));
  const before = index > 0 ? bars.close[index - 1] : null;
  if (before && bars.close[index] !== null) {
    const change = bars.close[index] / before - 1;
    rows.push({ label: "change", value: kit.format(change, "change", 2), tone: change > 0 ? "up" : change < 0 ? "down" : "" });
  }
  if (bars.hasVolume) rows.push({ label: "volume", value: kit.format(bars.volume[index], "integer") });
  bars.lines.forEach((line, at) => rows.push({ label: line.name, value: price(line.values[index]), series: kit.lineSeries(at) }));
  return rows;
};

/** The bars as a table for CSV, as the terminal writes them. */
kit.barTable = (bars) => {
  const columns = [["session_date", bars.days]];
  if (bars.starts) {
    columns.push(["start_at", bars.starts], ["local_time", bars.starts.map((start) => localTime(start, bars.zone))]);
    if (bars.phases) columns.push(["phase", bars.phases]);
  }
  for (const name of ["open", "high", "low", "close"]) columns.push([name, bars[name]]);
  if (bars.volume) columns.push(["volume", bars.volume]);
  for (const line of bars.lines) columns.push([line.name, line.values]);
  return [columns.map(([name]) => name), ...bars.days.map((_, row) => columns.map(([, values]) => values[row]))];
};

function localTime(start, zone) {
  const at = kit.local(start, zone);
  return `${at.date} ${at.clock}`;
}

/** What a chart of bars shows, in two sentences. */
kit.barWords = (bars, figure) => {
  if (!bars.count) return `No bars of ${figure.name}.`;
  const last = bars.count - 1;
  const what = bars.zone ? "bars" : "sessions";
  const unit = figure.unit ? ` in ${figure.unit}` : "";
  const start = bars.zone ? `${kit.spoken(bars.days[0])} (${bars.zone} time)` : kit.spoken(bars.days[0]);
  const span = `${figure.name}${unit}: open, high, low and close of ${kit.counted(bars.count, what.slice(0, -1))}, ${start} to ${kit.spoken(bars.days[last])}.`;
  return `${span} ${movement(bars, figure)}${lineWords(bars)}`;
};

function movement(bars, figure) {
  const known = bars.close.filter((value) => value !== null);
  if (!known.length) return "No close is known.";
  const [first, last] = [known[0], known[known.length - 1]];
  const price = kit.format(last, "price", figure.decimals);
  const change = last / first - 1;
  if (!Number.isFinite(change) || Math.abs(change) < 0.0005) return `The last close is ${price}, where it began.`;
  if (change > 9) return `The last close is ${price}, ${kit.fixed(last / first, 1)} times the first.`;
  return `The last close is ${price}, ${kit.format(Math.abs(change), "percent", 1)} ${change > 0 ? "above" : "below"} the first.`;
}

function lineWords(bars) {
  return bars.lines.length ? ` With ${kit.listed(bars.lines.map((line) => line.name))}.` : "";
}
