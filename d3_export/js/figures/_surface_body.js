// A surface as a body that turns, by drag, by Shift and arrows, and by buttons.

const TURN = Math.PI / 36;
const START = { azimuth: -0.62, elevation: 0.42 };

kit.surfaceBody = (shared) => {
  const { stage, figure, kit, model, say } = shared;
  const pose = { ...START };
  const state = { canvas: null, drawn: null, place: null, drag: null, turns: null, look: null };

  function paint() {
    const width = shared.width;
    const height = Math.round(kit.clamp(width * 0.62, 270, 560));
    const context = kit.sharp(state.canvas, width, height);
    const view = kit.surfaceView(pose, width, height);
    const look = { ...state.look, width, height, dot: kit.clamp(width / 800, 0.6, 1) };
    state.drawn = kit.drawSurface(context, model, view, look);
    if (state.place) ring(context, state.place, look);
    Object.assign(stage.plot.dataset, {
      azimuth: pose.azimuth.toFixed(4), elevation: pose.elevation.toFixed(4), cells: state.drawn.cells.length, points: state.drawn.points.length,
    });
  }
  /** Colours and words, the same for every turn. */
  function lookOf() {
    const colour = kit.rampOf("sequential", { share: (value) => 0.1 + 0.9 * model.scale.share(value) }); // never as pale as the paper
    const mesh = kit.isDark() ? "rgba(0,0,0,0.45)" : "rgba(20,40,70,0.28)";
    return { ...kit.palette("ink", "paper", "muted", "grid"), left: kit.css("--down"), colour, mesh, ...say };
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
      state.look = lookOf();
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
};

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
