// A plot: a figure's root with a stage that takes focus, on it a canvas (many marks) under an SVG (few), a
// tooltip, and a live region that tells by voice what the tooltip tells the eye.

let serial = 0;

/** A plot in `box`. `options`: `label` (what it is, for those who listen), `canvas` (true: with one below the SVG),
 * `keys` (a sentence on the keys that work here), `mark` (the kind's name, a class of the root).
 *
 * -> {root, stage, svg, canvas, context, tooltip, layer(name), size(width, height), say(text), note(label)}.
 */
kit.plot = (box, { label = "", canvas = false, keys = "Arrow keys move the cursor.", mark = "" } = {}) => {
  const root = kit.el("div", `plot ${mark}`.trim(), null, box);
  root.setAttribute("role", "figure");
  const stage = kit.el("div", "stage", null, root);
  const plot = { root, stage, width: 0, height: 0 };
  plot.canvas = canvas ? kit.el("canvas", "", null, stage) : null;
  if (canvas) plot.canvas.setAttribute("aria-hidden", "true");
  plot.context = canvas ? plot.canvas.getContext("2d") : null;
  plot.svg = kit.svg("svg", { "aria-hidden": "true" }, stage);
  plot.tooltip = kit.tooltip(stage);
  plot.live = kit.el("p", "unseen", null, root);
  plot.live.setAttribute("aria-live", "polite");
  reachable(plot, keys);
  const layers = new Map();
  plot.layer = (name) => {
    if (!layers.has(name)) layers.set(name, kit.svg("g", { class: name }, plot.svg));
    return layers.get(name);
  };
  plot.size = (width, height) => sized(plot, width, height);
  plot.say = (text) => {
    plot.live.textContent = text;
  };
  plot.note = (text) => {
    root.setAttribute("aria-label", text);
    stage.setAttribute("aria-label", text);
  };
  plot.note(label);
  return plot;
};

function reachable(plot, keys) {
  serial += 1;
  const help = kit.el("p", "unseen", keys, plot.root);
  help.id = `plot-keys-${serial}`;
  plot.stage.tabIndex = 0;
  plot.stage.setAttribute("role", "application");
  plot.stage.setAttribute("aria-roledescription", "chart");
  plot.stage.setAttribute("aria-describedby", help.id);
}

function sized(plot, width, height) {
  Object.assign(plot, { width, height });
  plot.stage.style.height = `${height}px`;
  plot.svg.setAttribute("width", width);
  plot.svg.setAttribute("height", height);
  plot.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  if (plot.canvas) kit.sharp(plot.canvas, width, height);
}

/** A canvas of width x height px at the screen's resolution, empty; -> its context. */
kit.sharp = (canvas, width, height) => {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
};

/** A cursor over a plot's marks, by pointer, touch and key.
 *
 * `over`: `count()` how many marks; `at(x, y)` the mark under a pointer, or null; `content(index)` ->
 * {x, y, title, rows, note} of the tooltip, with where the mark is (null: nothing to show); `show(index or null)`
 * draws the cursor itself; `step(index, across, down)` -> where an arrow leads (one mark on, where not given);
 * `pick(index)` on Enter or Space; `first()` where the cursor starts by key (the last mark).
 */
kit.cursor = (plot, over) => {
  const cursor = { index: null };
  cursor.set = (index, heard = false) => {
    const content = index === null ? null : over.content(index);
    cursor.index = content ? index : null;
    if (over.show) over.show(cursor.index);
    if (!content) return plot.tooltip.hide();
    plot.tooltip.show(content.x, content.y, content);
    plot.stage.dataset.cursor = String(index);
    if (heard) plot.say(kit.readout(content));
    return undefined;
  };
  cursor.clear = () => cursor.set(null);
  byPointer(plot, over, cursor);
  plot.stage.addEventListener("keydown", (event) => byKey(event, over, cursor));
  plot.stage.addEventListener("blur", cursor.clear);
  return cursor;
};

/** Where a pointer is on a plot's stage, in px. */
kit.place = (plot, event) => {
  const edge = plot.stage.getBoundingClientRect();
  return [event.clientX - edge.left, event.clientY - edge.top];
};

function byPointer(plot, over, cursor) {
  const move = (event) => {
    if (event.buttons && event.pointerType === "mouse") return;
    cursor.set(over.count() ? over.at(...kit.place(plot, event)) : null);
  };
  plot.stage.addEventListener("pointermove", move);
  plot.stage.addEventListener("pointerdown", move);
  plot.stage.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") cursor.clear();
  });
}

const STEPS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  PageUp: [-10, 0], PageDown: [10, 0], Home: [-Infinity, 0], End: [Infinity, 0],
};

function byKey(event, over, cursor) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !over.count()) return;
  if (event.key === "Escape") return cursor.clear();
  if ((event.key === "Enter" || event.key === " ") && over.pick && cursor.index !== null) {
    over.pick(cursor.index);
  } else if (STEPS[event.key]) {
    cursor.set(stepped(over, cursor.index, ...STEPS[event.key]), true);
  } else return undefined;
  return event.preventDefault();
}

function stepped(over, index, across, down) {
  if (index === null && Number.isFinite(across)) return over.first ? over.first() : over.count() - 1;
  if (over.step) {
    const next = over.step(index, across, down);
    return next === null || next === undefined ? index : next;
  }
  return kit.clamp((index ?? 0) + (across || down), 0, over.count() - 1);
}
