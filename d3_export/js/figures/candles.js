// Prices as candles with volume, lines and events. Bars follow one another, so that nights and holidays leave no gap;
// where there are more bars than room, several make one candle, and the chart says how many.

const FOOT = 26;

figures.candles = {
  draw(box, figure, kit, panel) {
    const bars = kit.barsOf(figure);
    const handle = { csv: () => kit.barTable(bars), describe: () => kit.barWords(bars, figure) };
    if (!bars.count) {
      kit.el("p", "empty", `No bars of ${figure.name} are known here.`, box);
      return { ...handle, resize() {} };
    }
    const chart = built(box, figure, bars, panel);
    chart.resize(box.clientWidth);
    return { ...handle, resize: chart.resize };
  },
};

function built(box, figure, bars, panel) {
  const chart = { figure, bars, log: figure.scale === "log", rings: [], groups: [] };
  chart.draw = kit.scheduled(() => drawn(chart));
  chart.view = kit.view(bars.count, () => {
    chart.shared.moved();
    chart.draw();
  });
  const ranges = kit.ranges(box, chart.view, bars.days, Boolean(bars.zone));
  scaleSwitch(chart, ranges);
  if (bars.lines.length) kit.legend(box, bars.lines.map((line, index) => ({ label: line.name, series: kit.lineSeries(index) })));
  chart.plot = kit.plot(box, {
    canvas: true, mark: "candles", label: `${panel.title}. ${kit.barWords(bars, figure)}`,
    keys: "Arrow keys move the cursor, with Shift the window; plus and minus zoom, 0 shows all.",
  });
  chart.overview = kit.overview(box, chart.view, (context, width, height) => overall(chart, context, width, height),
    (index) => kit.barTime(bars, index));
  chart.cursor = kit.cursor(chart.plot, cursorOver(chart));
  kit.gestures(chart.plot, chart.view, () => chart.at);
  const point = (place) => kit.sharedCursor(chart.plot, place === null ? null : chart.x(place + 0.5), chart.at, chart.rows.top, chart.rows.volumeFoot);
  chart.shared = bars.zone ? kit.alone : kit.share(panel.page, { view: chart.view, ...kit.byDays(bars.days), point });
  chart.resize = (width) => resized(chart, width);
  return chart;
}

function scaleSwitch(chart, ranges) {
  const known = kit.extent(chart.bars.low, chart.bars.close);
  if (!known || known[0] <= 0) {
    chart.log = false;
    return;
  }
  const toggle = ranges.add("Log", () => {
    chart.log = !chart.log;
    toggle.setAttribute("aria-pressed", String(chart.log));
    chart.draw();
  });
  toggle.dataset.action = "log";
  toggle.setAttribute("aria-label", "Logarithmic scale");
  toggle.setAttribute("aria-pressed", String(chart.log));
}

function resized(chart, width) {
  const { bars, figure } = chart;
  chart.palette = kit.palette("up", "down", "paper", "neutral", "grid", "muted");
  chart.colours = bars.lines.map((_, index) => kit.seriesColour(kit.lineSeries(index)));
  const greatest = kit.extent(bars.high, bars.close) || [0, 1];
  const axis = Math.max(...greatest.map((value) => kit.textWidth(kit.fixed(value, figure.decimals), 12, 600))) + 14;
  chart.at = { left: 0, right: Math.max(60, width - axis), width };
  const price = width < 560 ? 250 : 340;
  const marks = bars.events.length ? 24 : 8;
  const volume = bars.hasVolume ? 64 : 0;
  chart.rows = { top: 14, foot: price, events: price + 13, volumeTop: price + marks, volumeFoot: price + marks + volume };
  chart.plot.size(width, chart.rows.volumeFoot + FOOT);
  chart.overview.resize(chart.at);
  chart.draw.now();
}

function drawn(chart) {
  const { view, at, plot, bars } = chart;
  const wide = (at.right - at.left) / view.span();
  chart.x = (place) => at.left + (place - view.start) * wide;
  const [start, end] = [Math.floor(view.start), Math.ceil(view.end)];
  const { size, groups } = kit.candlesOf(bars, start, end, (at.right - at.left) / 4.6);
  Object.assign(chart, { groups, size });
  chart.y = priceScale(chart, start, end);
  paint(chart, start, end, wide * size);
  axes(chart, start, end);
  Object.assign(plot.stage.dataset, {
    start: view.start.toFixed(2), end: view.end.toFixed(2), bars: end - start, candles: groups.length, group: size, scale: chart.log ? "log" : "linear",
    left: at.left, right: at.right,
  });
  chart.overview.update();
  kit.clear(plot.layer("shared"));
  if (chart.cursor.index !== null) chart.cursor.set(chart.cursor.index);
}

function priceScale(chart, start, end) {
  const { groups, bars, rows } = chart;
  const lines = bars.lines.map((line) => line.values.slice(start, end));
  const seen = kit.extent(groups.map((group) => group.high), groups.map((group) => group.low), groups.map((group) => group.close), ...lines) || [0, 1];
  const range = [rows.foot - 4, rows.top];
  return chart.log && seen[0] > 0 ? kit.log(seen, range, { pad: 0.03 }) : kit.linear(seen, range, { pad: 0.03 });
}

function paint(chart, start, end, wide) {
  const { plot, at, rows, groups, palette, bars, x, y } = chart;
  const context = kit.sharp(plot.canvas, plot.width, plot.height);
  const newest = bars.close[Math.min(end, bars.count) - 1];
  kit.gridY(plot.layer("grids"), y, at, { count: 6, kind: "price", clear: Number.isFinite(newest) ? y(newest) : null, on: { context, palette } });
  context.save();
  context.beginPath();
  context.rect(at.left, 0, at.right - at.left, plot.height);
  context.clip();
  kit.drawCandles(context, groups, { x, y, wide, palette });
  bars.lines.forEach((line, index) => kit.drawLine(context, line.values, {
    start: start - 1, end: end + 1, x: (place) => x(place + 0.5), y, columns: at.right - at.left,
    colour: chart.colours[index], dash: kit.seriesDash(kit.lineSeries(index)),
  }));
  chart.most = Math.max(1, ...groups.map((group) => group.volume || 0));
  if (bars.hasVolume) {
    kit.drawVolume(context, groups, { x, wide, palette, most: chart.most, foot: rows.volumeFoot, high: rows.volumeFoot - rows.volumeTop - 6 });
  }
  context.restore();
}

function axes(chart, start, end) {
  const { plot, at, rows, bars, figure, view, x } = chart;
  const count = Math.max(2, Math.floor(at.width / 90));
  volumeAxis(chart);
  const ticks = bars.starts
    ? kit.clockTicks(bars.starts, bars.days, bars.zone, start, end - 1, count)
    : kit.sessionTicks(bars.days, start, end - 1, count);
  kit.axisX(plot.layer("foot"), ticks.map((tick) => ({ ...tick, x: x(tick.index) })), at, rows.volumeFoot);
  const seen = bars.events.filter((event) => event.index >= view.start - 0.5 && event.index < view.end);
  chart.rings = kit.drawEvents(plot.layer("events"), seen.map((event) => ({ ...event, x: x(event.index + 0.5) })), rows.events, at, chart.y);
  const unit = figure.unit ? [figure.unit] : [];
  const joined = chart.size > 1 ? [`${chart.size} ${bars.zone ? "bars" : "sessions"} a candle`] : [];
  const captions = kit.clear(plot.layer("captions"));
  kit.svg("text", { class: "caption", x: at.left, y: 10 }, captions, [...unit, ...joined].join(" · "));
  lastClose(chart, bars.close[Math.min(end, bars.count) - 1]);
}

function volumeAxis(chart) {
  const { plot, at, rows, bars, most } = chart;
  const layer = kit.clear(plot.layer("volumes"));
  if (!bars.hasVolume) return;
  kit.svg("text", { class: "caption", x: at.left, y: rows.volumeTop + 9 }, layer, "volume");
  const scale = kit.linear([0, most], [rows.volumeFoot, rows.volumeTop + 6], { zero: true });
  const top = kit.ticks(scale, 2).filter((tick) => tick > 0).pop();
  if (!top) return;
  kit.svg("text", { class: "tick", x: at.right + 6, y: scale(top), dy: "0.35em" }, layer, kit.compactTick(top));
}

/** The newest close that is seen, on the axis. */
function lastClose(chart, close) {
  const { plot, at, figure, y } = chart;
  const layer = kit.clear(plot.layer("last"));
  if (!Number.isFinite(close)) return;
  const text = kit.fixed(close, figure.decimals);
  const middle = Math.round(y(close));
  kit.svg("rect", { x: at.right + 2, y: middle - 9, width: kit.textWidth(text, 12, 600) + 8, height: 18, rx: 2 }, layer);
  kit.svg("text", { x: at.right + 6, y: middle, dy: "0.35em" }, layer, text);
}

function overall(chart, context, width, height) {
  const { bars } = chart;
  const seen = kit.extent(bars.close) || [0, 1];
  const range = [height - 4, 4];
  const y = chart.log && seen[0] > 0 ? kit.log(seen, range) : kit.linear(seen, range);
  kit.drawLine(context, bars.close, {
    start: 0, end: bars.count, x: (index) => ((index + 0.5) / bars.count) * width, y, columns: width, colour: chart.palette.muted, width: 1,
  });
}

function cursorOver(chart) {
  const { bars, figure, view } = chart;
  const inside = (index) => index + 1 > view.start && index < view.end;
  return {
    count: () => bars.count,
    first: () => Math.ceil(view.end) - 1,
    at: (x, y) => {
      const ring = kit.eventAt(chart.rings, x, y);
      chart.ring = ring;
      if (ring) return ring.index;
      if (x > chart.at.right + 4) return null;
      return kit.clamp(Math.floor(view.start + ((x - chart.at.left) / (chart.at.right - chart.at.left)) * view.span()), 0, bars.count - 1);
    },
    step: (index, across, down) => {
      const next = kit.clamp(index + (across || -down), 0, bars.count - 1);
      chart.ring = null;
      view.reveal(next);
      return next;
    },
    content: (index) => (inside(index) ? told(chart, index) : null),
    show: (index) => crosshair(chart, index),
  };

  function told(of, index) {
    const events = of.ring ? of.ring.several.flatMap((place) => place.events) : (bars.events.find((one) => one.index === index) || { events: [] }).events;
    const note = [kit.eventWords(events), bars.phases && bars.phases[index] !== "regular" ? bars.phases[index] : ""].filter(Boolean).join(". ");
    const close = bars.close[index];
    return {
      x: of.x(index + 0.5), y: close === null ? 60 : of.y(close),
      title: kit.barTime(bars, index), rows: kit.barRows(bars, figure, index), note,
    };
  }
}

function crosshair(chart, index) {
  const layer = kit.clear(chart.plot.layer("crosshair"));
  chart.shared.pointed(index);
  if (index === null) return;
  const x = Math.round(chart.x(index + 0.5)) + 0.5;
  kit.svg("line", { class: "cursor", x1: x, x2: x, y1: chart.rows.top, y2: chart.rows.volumeFoot }, layer);
}
