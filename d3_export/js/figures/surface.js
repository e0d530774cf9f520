// A value over two numbers: as a body that turns, from above, and slice by slice. The quotes it was fitted to are
// points in each.

const TURN = Math.PI / 36;
const START = { azimuth: -0.62, elevation: 0.42 };
const KEYS = {
  body: "Arrow keys move over the surface, with Shift they turn it.",
  above: "Arrow keys move from cell to cell.",
  slices: "Arrow up and down change the slice, left and right move along it.",
};

function draw(box, figure, kit, panel) {
  const stage = kit.stage(box, "surface");
  const model = kit.surfaceModel(figure);
  const say = tellers(figure, kit);
  const words = describe(figure, kit, say);
  if (!model) {
    kit.el("p", "empty", "Nothing to show: the surface has no values.", stage.plot);
    return { resize() {}, csv: () => rows(figure), describe: () => words };
  }
  const shared = { stage, figure, kit, panel, model, say, width: box.clientWidth };
  const views = { body: bodyView(shared), above: aboveView(shared), slices: sliceView(shared) };
  let now = null;
  const names = [["body", "in space"], ["above", "from above"], ["slices", "slices"]].map(([value, label]) => ({ value, label }));
  const few = figure.x.length < 2 || figure.y.length < 2; // no cell, no body
  const choose = (name) => {
    if (now) views[now].leave();
    now = name;
    stage.hush();
    kit.clear(stage.plot);
    stage.plot.dataset.view = name;
    stage.label(`${words} ${KEYS[name]}`);
    views[name].enter();
  };
  kit.choice(stage.controls, "View", few ? names.slice(1) : names, few ? "above" : "body", choose);
  const handle = (event) => views[now].key(event);
  stage.plot.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !handle(event)) return;
    event.preventDefault();
  });
  stage.plot.addEventListener("blur", () => stage.hush());
  choose(few ? "above" : "body");
  return {
    resize(width) {
      shared.width = width;
      choose(now);
    },
    csv: () => rows(figure),
    describe: () => words,
  };
}

/** Every value of the grid, then every quote. */
function rows(figure) {
  const values = figure.values.flatMap((row, i) => row.map((value, j) => ["fit", figure.x[j], figure.y[i], figure.x_labels[j] ?? null, figure.y_labels[i] ?? null, value, null]));
  const quotes = figure.points.map((point) => ["quote", point.x, point.y, point.label, null, point.value, point.used]);
  return [["what", figure.x_title, figure.y_title, "x label", "y label", "value", "used"], ...values, ...quotes];
}

/** How places and values read. */
function tellers(figure, kit) {
  const write = (value, more = 0) => kit.format(value, figure.kind_of_values, figure.decimals + more, more ? figure.unit : "");
  const xLabel = (at) => figure.x_labels[at] ?? kit.format(figure.x[at]);
  const yLabel = (at) => figure.y_labels[at] ?? kit.format(figure.y[at]);
  return {
    write, xLabel, yLabel,
    cell: (row, column) => ({
      title: `${figure.y_title} ${yLabel(row)}`,
      rows: [{ label: figure.x_title, value: xLabel(column) }, { label: "fit", value: write(figure.values[row][column], 2) }],
    }),
    quote: ({ point, fit }) => ({
      title: point.label,
      rows: [{ label: "quote", value: write(point.value, 2) }, ...(fit === null ? [] : [{ label: "fit there", value: write(fit, 2) }])],
      note: point.used ? "" : "left out of the fit",
    }),
  };
}

function describe(figure, kit, say) {
  const known = figure.values.flatMap((row, i) => row.map((value, j) => ({ value, i, j }))).filter(({ value }) => value !== null);
  if (!known.length) return "No values.";
  const most = known.reduce((a, b) => (b.value > a.value ? b : a));
  const least = known.reduce((a, b) => (b.value < a.value ? b : a));
  const where = ({ i, j }) => `${say.xLabel(j)}, ${say.yLabel(i)}`;
  const out = figure.points.filter((point) => !point.used).length;
  const quotes = figure.points.length ? ` Points are ${kit.counted(figure.points.length, "quote")}${out ? `, hollow where left out of the fit (${out})` : ""}.` : "";
  const last = figure.y.length - 1;
  return `By ${figure.x_title} and ${figure.y_title}, ${say.yLabel(0)} to ${say.yLabel(last)}: from ${say.write(least.value)} (${where(least)}) to ${say.write(most.value)} (${where(most)}).${quotes}${figure.formula ? ` Each value: ${figure.formula}.` : ""}`;
}

/** The body that turns, by drag, Shift and arrows, or the buttons. */
function bodyView(shared) {
  const { stage, figure, kit, model, say } = shared;
  const pose = { ...START };
  const state = { canvas: null, drawn: null, place: null, drag: null, turns: null };

  function paint() {
    const width = shared.width;
    const height = Math.round(kit.clamp(width * 0.62, 270, 560));
    const context = kit.sharp(state.canvas, width, height);
    const view = kit.surfaceView(pose, width, height);
    const colour = kit.rampOf("sequential", { share: (value) => 0.1 + 0.9 * model.scale.share(value) }); // never as pale as the paper
    const look = { ...kit.palette("ink", "paper", "muted", "grid"), left: kit.css("--down"), colour, mesh: kit.isDark() ? "rgba(0,0,0,0.45)" : "rgba(20,40,70,0.28)", width, height, dot: kit.clamp(width / 800, 0.6, 1), ...say };
    state.drawn = kit.drawSurface(context, model, view, look);
    if (state.place) ring(context, state.place, look);
    Object.assign(stage.plot.dataset, {
      azimuth: pose.azimuth.toFixed(4), elevation: pose.elevation.toFixed(4), cells: state.drawn.cells.length, points: state.drawn.points.length,
    });
  }
  const later = kit.scheduled(() => state.canvas && paint());

  function ring(context, { row, column }, look) {
    const [x, y] = state.drawn.seen[row][column];
    context.beginPath();
    context.arc(x, y, 4.5, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = look.ink;
    context.fillStyle = look.paper;
    context.fill();
    context.stroke();
  }

  function turn(across, up) {
    pose.azimuth += across;
    pose.elevation = kit.clamp(pose.elevation + up, 0.04, 1.5);
    stage.hush();
    later();
  }

  function point(row, column) {
    state.place = { row, column };
    paint();
    const [x, y] = state.drawn.seen[row][column];
    tellAt(x, y, say.cell(row, column));
  }

  function tellAt(x, y, content) {
    const [left, top] = kit.placeIn(state.canvas, stage.root);
    stage.tell(x + left - state.canvas.clientWidth / 2, y + top - state.canvas.clientHeight / 2, content);
  }

  function hover(event) {
    const found = state.drawn.at(...kit.pointerIn(event, state.canvas));
    if (!found) {
      state.place = null;
      stage.hush();
      return later();
    }
    if (found.quote) return tellAt(...found.quote.seen, say.quote(found.quote));
    return point(found.row, found.column);
  }

  /** The next value that is known in a direction, from where the marker stands. */
  function walk(down, across) {
    if (!state.place) return start();
    for (let { row, column } = state.place; ;) {
      row += down;
      column += across;
      if (!(row in figure.values) || !(column in figure.values[row])) return undefined;
      if (figure.values[row][column] !== null) return point(row, column);
    }
  }

  function start() {
    const row = figure.values.findIndex((each) => each.some((value) => value !== null));
    const middle = figure.values[row].length >> 1;
    const column = figure.values[row][middle] !== null ? middle : figure.values[row].findIndex((value) => value !== null);
    point(row, column);
  }

  function listen(canvas) {
    canvas.addEventListener("pointerdown", (event) => {
      state.drag = [event.clientX, event.clientY];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!state.drag) return hover(event);
      const [x, y] = state.drag;
      state.drag = [event.clientX, event.clientY];
      return turn((event.clientX - x) / 140, (event.clientY - y) / 140);
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { state.drag = null; });
    canvas.addEventListener("pointerleave", () => {
      state.place = null;
      stage.hush();
      later();
    });
  }

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  return {
    enter() {
      state.canvas = kit.el("canvas", "surface-canvas", null, stage.plot);
      state.canvas.setAttribute("aria-hidden", "true");
      listen(state.canvas);
      if (!state.turns) state.turns = turnButtons(shared, turn);
      state.turns.hidden = false;
      paint();
    },
    leave() {
      state.turns.hidden = true;
      Object.assign(state, { canvas: null, place: null, drag: null });
    },
    key(event) {
      if (event.key === "Escape") state.place = null, stage.hush(), later();
      else if (event.key === "Home") Object.assign(pose, START), turn(0, 0);
      else if (!arrows[event.key]) return false;
      else if (event.shiftKey) turn(arrows[event.key][0] * TURN, arrows[event.key][1] * TURN);
      else walk(arrows[event.key][1], arrows[event.key][0]);
      return true;
    },
  };
}

function turnButtons({ stage, kit }, turn) {
  const group = kit.el("div", "choice turns", null, stage.controls);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Turn");
  kit.el("span", "choice-name", "Turn", group);
  for (const [sign, name, across, up] of [["◀", "left", -3, 0], ["▶", "right", 3, 0], ["▲", "up", 0, 2], ["▼", "down", 0, -2]]) {
    const button = kit.el("button", "choice-button", sign, group);
    button.type = "button";
    button.dataset.turn = name;
    button.setAttribute("aria-label", `Turn ${name}`);
    button.addEventListener("click", () => turn(across * TURN, up * TURN));
  }
  return group;
}

/** The grid from above, values in their cells, quotes as small dots at the foot of their row. */
function aboveView(shared) {
  const { stage, figure, kit, panel, model, say } = shared;
  const names = { rows: figure.y.map((_, i) => say.yLabel(i)), columns: figure.x.map((_, j) => say.xLabel(j)) };
  let grid = null;
  let place = null;
  const move = (row, column) => {
    place = [kit.clamp(row, 0, names.rows.length - 1), kit.clamp(column, 0, names.columns.length - 1)];
    grid.mark(...place);
    const rect = grid.cells[place[0]][place[1]];
    if (document.activeElement === stage.plot) rect.scrollIntoView({ block: "nearest", inline: "nearest" });
    stage.tell(...kit.placeIn(rect, stage.root), say.cell(...place));
  };
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  return {
    enter() {
      const short = (value) => say.write(value).replace("%", "");
      const texts = figure.values.flat().map((value) => (value === null ? "" : short(value)));
      const layout = kit.gridLayout({ ...names, texts, width: shared.width });
      const colour = kit.rampOf("sequential", model.scale);
      grid = kit.drawGrid(stage.plot, {
        id: panel.id, ...names, layout,
        cell(row, column) {
          const value = figure.values[row][column];
          const fill = value === null ? null : colour(value);
          return { fill, ink: fill && kit.rampInk(fill), text: value === null ? "—" : short(value) };
        },
      });
      dots(grid, layout);
      kit.rampKey(stage.plot, `${panel.id}-key`, { name: "sequential", scale: model.scale, title: figure.unit || (figure.kind_of_values === "percent" ? "per cent" : "value"), write: (value) => say.write(value) });
      grid.svg.addEventListener("pointermove", (event) => {
        const at = grid.at(event);
        if (at) move(...at);
      });
      grid.svg.addEventListener("pointerleave", () => {
        grid.mark(null, null);
        stage.hush();
      });
    },
    leave() {},
    key(event) {
      if (!steps[event.key]) return false;
      const [row, column] = place || [-1, 0];
      if (place) move(row + steps[event.key][0], column + steps[event.key][1]);
      else move(0, 0);
      return true;
    },
  };

  function dots(drawn, layout) {
    for (const point of figure.points) {
      const column = kit.fractionalIndex(figure.x, point.x);
      if (column === null || layout.ch < 14) continue;
      const row = kit.nearest(figure.y, point.y);
      const dot = kit.svg("circle", { class: point.used ? "quote" : "quote quote-out", r: point.used ? 1.4 : 2, cx: (column + 0.5) * layout.cw, cy: drawn.y(row) + layout.ch - 4 }, drawn.svg);
      const value = figure.values[row][Math.round(column)];
      if (value !== null && point.used) dot.style.fill = kit.rampInk(kit.rampOf("sequential", model.scale)(value));
    }
  }
}

/** One slice in full, the others behind it: smiles by expiry. */
function sliceView(shared) {
  const { stage, figure, kit, model, say } = shared;
  const state = { row: Math.max(figure.values.findIndex((row) => row.every((value) => value !== null)), 0), column: null, parts: null, picker: null };

  function paint() {
    kit.clear(stage.plot);
    const [width, height] = [shared.width, Math.round(kit.clamp(shared.width * 0.5, 280, 440))];
    const svg = kit.svg("svg", { width, height, "aria-hidden": "true", class: "slices" }, stage.plot);
    const y = kit.linear(model.domain, [height - 46, 26]);
    const write = { kind: figure.kind_of_values, unit: figure.unit };
    const at = { left: 2, right: width - kit.axisWidth(y, write) - 4 };
    const x = d3.scaleLinear().domain([figure.x[0], figure.x[figure.x.length - 1]]).range([at.left + 8, at.right - 8]);
    kit.gridY(kit.svg("g", {}, svg), y, at, write);
    const room = Math.max(...figure.x.map((_, i) => kit.textWidth(say.xLabel(i)))) + 14;
    const every = Math.ceil(room / Math.max((at.right - at.left) / figure.x.length, 1));
    const marks = figure.x.map((value, i) => ({ x: x(value), label: say.xLabel(i) })).filter((_, i) => i % every === 0);
    kit.axisX(kit.svg("g", {}, svg), marks, { ...at, width: at.right }, height - 44);
    kit.svg("text", { class: "tick", x: (at.left + at.right) / 2, y: height - 6, "text-anchor": "middle" }, svg, figure.x_title);
    const line = d3.line().defined((value) => value !== null).x((_, i) => x(figure.x[i])).y(y);
    figure.values.forEach((row, i) => i !== state.row && kit.svg("path", { class: "slice", d: line(row) }, svg));
    const row = figure.values[state.row];
    quotesOf(state.row).forEach((point) => kit.svg("circle", { class: point.used ? "slice-quote" : "slice-quote quote-out", cx: x(point.x), cy: y(point.value), r: 2.6, "data-mark": "quote" }, svg));
    kit.svg("path", { class: "slice slice-picked", d: line(row), "data-mark": "slice" }, svg);
    kit.svg("text", { class: "strong", x: at.left + 2, y: 14 }, svg, `${figure.y_title} ${say.yLabel(state.row)}`);
    const dot = kit.svg("circle", { class: "slice-dot", r: 4.5, visibility: "hidden" }, svg);
    state.parts = { svg, x, y, dot };
    svg.addEventListener("pointermove", (event) => tell(kit.nearest(figure.x, x.invert(kit.pointerIn(event, svg)[0]))));
    svg.addEventListener("pointerleave", () => {
      dot.setAttribute("visibility", "hidden");
      stage.hush();
    });
  }

  /** The quotes that are nearer to this slice than to any other, within the scale. */
  function quotesOf(row) {
    return figure.points.filter((point) => point.value !== null && kit.nearest(figure.y, point.y) === row && point.value >= model.domain[0] && point.value <= model.domain[1] && kit.fractionalIndex(figure.x, point.x) !== null);
  }

  function tell(column) {
    state.column = kit.clamp(column, 0, figure.x.length - 1);
    const { svg, x, y, dot } = state.parts;
    const value = figure.values[state.row][state.column];
    dot.setAttribute("visibility", value === null ? "hidden" : "visible");
    const place = [x(figure.x[state.column]), value === null ? 40 : y(value)];
    dot.setAttribute("cx", place[0]);
    dot.setAttribute("cy", place[1]);
    const [left, top] = kit.placeIn(svg, stage.root);
    stage.tell(place[0] + left - svg.clientWidth / 2, place[1] + top - svg.clientHeight / 2, say.cell(state.row, state.column));
  }

  function slice(row) {
    state.row = kit.clamp(row, 0, figure.y.length - 1);
    stage.plot.dataset.slice = state.row;
    state.picker.querySelector("input").value = state.row;
    state.picker.querySelector("output").textContent = say.yLabel(state.row);
    paint();
    if (state.column !== null && document.activeElement === stage.plot) tell(state.column);
  }

  return {
    enter() {
      if (!state.picker) {
        const input = kit.slider(stage.controls, figure.y_title, { low: 0, high: figure.y.length - 1, step: 1, value: state.row, write: say.yLabel, change: slice });
        state.picker = input.parentElement;
      }
      state.picker.hidden = false;
      paint();
    },
    leave() {
      state.picker.hidden = true;
      state.column = null;
    },
    key(event) {
      if (event.key === "ArrowUp" || event.key === "ArrowDown") slice(state.row + (event.key === "ArrowDown" ? 1 : -1));
      else if (event.key === "ArrowLeft" || event.key === "ArrowRight") tell(state.column === null ? figure.x.length >> 1 : state.column + (event.key === "ArrowRight" ? 1 : -1));
      else return false;
      return true;
    },
  };
}

figures.surface = { draw };
