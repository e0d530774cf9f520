// Words beside marks: how wide they are, how they keep out of each other's way, and a legend where they cannot.

let ruler = null;
let face = "";

function typeface() {
  if (!face) face = kit.css("--figure-font") || "sans-serif"; // the same in all themes
  return face;
}

/** Width in px of `text` in the page's typeface at `size` px. */
kit.textWidth = (text, size = 12, weight = 400) => {
  if (!ruler) ruler = document.createElement("canvas").getContext("2d");
  ruler.font = kit.font(size, weight);
  return ruler.measureText(text).width;
};

/** A font for canvas and ruler: what css/figures/_base.css gives SVG text. */
kit.font = (size, weight = 400) => `${weight} ${size}px ${typeface()}`;

/** `text`, cut with an ellipsis to at most `width` px. */
kit.shorten = (text, width, size = 12, weight = 400) => {
  if (kit.textWidth(text, size, weight) <= width) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (kit.textWidth(`${text.slice(0, middle).trimEnd()}…`, size, weight) <= width) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? `${text.slice(0, low).trimEnd()}…` : "";
};

/** Places for labels that want to stand at `wanted` (px), `apart` px from each other, between `low` and `high`.
 *
 * Each keeps as near to where it wants to be as its neighbours let it (least squares: pools of adjacent
 * violators). -> places in the order given, or null where they do not all fit.
 */
kit.spread = (wanted, apart, low, high) => {
  if (wanted.length * apart > high - low + apart) return null;
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const blocks = [];
  order.forEach((index, place) => {
    blocks.push({ sum: wanted[index] - place * apart, count: 1 });
    while (blocks.length > 1 && mean(blocks[blocks.length - 2]) > mean(blocks[blocks.length - 1])) merge(blocks);
  });
  const placed = new Array(wanted.length);
  let place = 0;
  const top = high - (wanted.length - 1) * apart;
  for (const block of blocks) {
    const base = kit.clamp(mean(block), low, top);
    for (let within = 0; within < block.count; within += 1, place += 1) placed[order[place]] = base + place * apart;
  }
  return placed;
};

function mean(block) {
  return block.sum / block.count;
}

function merge(blocks) {
  const upper = blocks.pop();
  const lower = blocks[blocks.length - 1];
  lower.sum += upper.sum;
  lower.count += upper.count;
}

/** A legend: [{label, series (index) or variable ("--up"), dash}] as a list of swatches and words in `parent`.
 *
 * `onPick(index)` makes the entries buttons that say by aria-pressed which of them is picked.
 */
kit.legend = (parent, entries, onPick = null) => {
  const list = kit.el("ul", "legend", null, parent);
  entries.forEach((entry, index) => {
    const item = kit.el("li", "", null, list);
    const holder = onPick ? kit.el("button", "legend-entry", null, item) : kit.el("span", "legend-entry", null, item);
    if (onPick) {
      holder.type = "button";
      holder.setAttribute("aria-pressed", "false");
      holder.addEventListener("click", () => onPick(index));
    }
    swatch(holder, entry);
    kit.el("span", "", entry.label, holder);
  });
  return list;
};

function swatch(parent, entry) {
  const drawing = kit.svg("svg", { class: "swatch", width: 18, height: 10, "aria-hidden": "true" }, parent);
  const line = kit.svg("line", { x1: 1, x2: 17, y1: 5, y2: 5, "stroke-width": entry.area ? 9 : 2.5 }, drawing);
  line.style.stroke = `var(${entry.variable || kit.seriesName(entry.series)})`;
  const dash = entry.dash || (entry.series === undefined ? [] : kit.seriesDash(entry.series));
  if (dash.length) line.setAttribute("stroke-dasharray", dash.join(" "));
}
