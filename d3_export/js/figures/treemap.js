// Areas that add up to a whole, coloured by a second value. Groups keep together and are named above.

const HEAD = 18;

figures.treemap = {
  draw(box, figure, kit, panel) {
    const tiles = figure.tiles.map((tile, index) => ({ ...tile, index })).filter((tile) => tile.size > 0);
    const words = describe(figure, tiles, kit);
    const handle = { csv: () => table(figure), describe: () => words };
    if (!tiles.length) {
      kit.el("p", "empty", "Nothing to show: no part has a size.", box);
      return { ...handle, resize() {} };
    }
    const chart = { figure, kit, tiles, panel, width: box.clientWidth, total: d3.sum(tiles, (tile) => tile.size) };
    chart.scale = kit.rampScale({ scale: "diverging", center: figure.center }, tiles.map((tile) => tile.value));
    chart.plot = kit.plot(box, { mark: "treemap", label: `${panel.title}. ${words}`, keys: "Arrow keys move to the next part in that direction." });
    chart.below = kit.el("div", "treemap-key", null, box);
    chart.cursor = kit.cursor(chart.plot, cursorOver(chart));
    paint(chart);
    return {
      ...handle,
      resize(width) {
        chart.width = width;
        chart.cursor.clear();
        paint(chart);
      },
    };
  },
};

function table(figure) {
  return [["label", "group", figure.size_title, figure.value_title || "value"], ...figure.tiles.map(({ label, group, size, value }) => [label, group, size, value])];
}

function writers({ figure, kit }, more = 0) {
  const moneyed = (kind) => (["percent", "change", "integer"].includes(kind) ? "" : figure.unit); // a per cent has no currency
  return {
    size: (value) => kit.format(value, figure.size_kind, figure.size_decimals + more, moneyed(figure.size_kind)),
    value: (value) => kit.format(value, figure.value_kind, figure.value_decimals + more, moneyed(figure.value_kind)),
  };
}

function describe(figure, tiles, kit) {
  if (!tiles.length) return "No parts.";
  const write = writers({ figure, kit });
  const largest = tiles.reduce((a, b) => (b.size > a.size ? b : a));
  const groups = new Set(tiles.map((tile) => tile.group).filter(Boolean)).size;
  const valued = tiles.filter((tile) => tile.value !== null);
  const named = figure.value_title || "value";
  const ends = valued.length ? [valued.reduce((a, b) => (b.value > a.value ? b : a)), valued.reduce((a, b) => (b.value < a.value ? b : a))] : null;
  return [
    `Area is ${figure.size_title}: ${kit.counted(tiles.length, "part")}${groups > 1 ? ` in ${groups} groups` : ""}, the largest ${largest.label} (${write.size(largest.size)}).`,
    ends ? `Colour is ${named}: highest ${ends[0].label} (${write.value(ends[0].value)}), lowest ${ends[1].label} (${write.value(ends[1].value)}).` : "",
    valued.length < tiles.length ? `Hatched: ${named} not known (${tiles.length - valued.length}).` : "",
    figure.formula ? `${figure.formula[0].toUpperCase()}${figure.formula.slice(1)}.` : "",
  ].filter(Boolean).join(" ");
}

function paint(chart) {
  const { kit, plot, figure, width, tiles, panel } = chart;
  const height = Math.round(kit.clamp(width * (width < 520 ? 1.15 : 0.56), 280, 560));
  plot.size(width, height);
  kit.clear(plot.svg);
  const grouped = d3.groups(tiles, (tile) => tile.group);
  const headed = grouped.length > 1;
  const root = d3.hierarchy({ children: grouped.map(([name, children]) => ({ name, children })) }).sum((node) => node.size || 0)
    .sort((a, b) => b.value - a.value || (a.data.index ?? 0) - (b.data.index ?? 0));
  d3.treemap().size([width, height]).paddingInner(1).paddingTop((node) => (headed && node.depth === 1 ? HEAD : 0)).round(true)(root);
  const hatch = kit.hatch(plot.svg, `${panel.id}-hatch`);
  const colour = kit.rampOf("diverging", chart.scale);
  if (headed) root.children.forEach((group) => heading(chart, group));
  chart.leaves = root.leaves();
  chart.places = chart.leaves.map(({ x0, x1, y0, y1 }) => ({ x: (x0 + x1) / 2, y: (y0 + y1) / 2 }));
  chart.leaves.forEach((leaf) => tileOf(chart, leaf, colour, hatch));
  chart.outline = kit.svg("rect", { class: "treemap-outline", visibility: "hidden" }, plot.svg);
  kit.clear(chart.below);
  kit.rampKey(chart.below, `${panel.id}-key`, { name: "diverging", scale: chart.scale, title: figure.value_title || "value", write: writers(chart).value, middle: figure.center });
}

function heading({ kit, plot, figure }, group) {
  const share = writers({ figure, kit }).size(group.value);
  const room = group.x1 - group.x0 - 4;
  const name = kit.shorten(group.data.name || "others", room, 12, 600);
  const told = kit.textWidth(`${name}  ${share}`, 12, 600) < room ? share : "";
  const text = kit.svg("text", { class: "strong", x: group.x0 + 1, y: group.y0 + 13 }, plot.svg, name);
  if (told) kit.svg("tspan", { class: "treemap-share", dx: 6 }, text, told);
}

function tileOf(chart, leaf, colour, hatch) {
  const { kit, plot } = chart;
  const { x0, x1, y0, y1, data } = leaf;
  const [wide, high] = [x1 - x0, y1 - y0];
  const fill = data.value === null ? hatch : colour(data.value);
  kit.svg("rect", { class: "treemap-tile", "data-mark": data.index, x: x0, y: y0, width: wide, height: high, fill }, plot.svg);
  const ink = data.value === null ? "" : kit.rampInk(fill);
  const fitting = (wide - 10) / Math.max(kit.textWidth(data.label, 100, 600) / 100, 1e-9);
  const size = kit.clamp(Math.min(Math.sqrt(wide * high) / 7, fitting), 11, 20);
  const write = writers(chart);
  const name = kit.shorten(data.label, wide - 10, size, 600);
  if (!name || high < size + 6 || (name.endsWith("…") && name.length < 4)) return;
  const line = (words, y, px, weight) => {
    const text = kit.svg("text", { class: "treemap-text", x: x0 + 5, y }, plot.svg, words);
    Object.assign(text.style, { fill: ink, fontSize: `${px}px`, fontWeight: weight });
  };
  line(name, y0 + size + 2, size, 600);
  const told = `${data.value === null ? "—" : write.value(data.value)}`;
  if (high > size + 24 && kit.textWidth(told, 12) < wide - 10) line(told, y0 + size + 18, 12, 400);
}

function cursorOver(chart) {
  const { figure, kit } = chart;
  return {
    count: () => chart.leaves.length,
    first: () => 0,
    at(px, py) {
      const found = chart.leaves.findIndex(({ x0, x1, y0, y1 }) => px >= x0 && px < x1 && py >= y0 && py < y1);
      return found < 0 ? null : found;
    },
    content(index) {
      const { data } = chart.leaves[index];
      const write = writers(chart, 1);
      const rows = [{ label: figure.size_title, value: write.size(data.size) }];
      if (figure.size_kind !== "percent") rows.push({ label: "of the whole", value: kit.format(data.size / chart.total, "percent", 1) });
      rows.push({ label: figure.value_title || "value", value: write.value(data.value) });
      return { ...chart.places[index], title: data.label, rows, note: data.group };
    },
    show(index) {
      chart.outline.setAttribute("visibility", index === null ? "hidden" : "visible");
      if (index === null) return;
      const { x0, x1, y0, y1 } = chart.leaves[index];
      for (const [name, value] of Object.entries({ x: x0 + 1, y: y0 + 1, width: Math.max(x1 - x0 - 2, 0), height: Math.max(y1 - y0 - 2, 0) })) chart.outline.setAttribute(name, value);
    },
    step: (index, across, down) => kit.nextIn(chart.places, index, across, down),
  };
}
