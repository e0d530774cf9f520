// Which part of a long axis is seen, and the hands that move it: wheel, drag, pinch and keys.

/** A window [start, end) over `count` places, never narrower than `least`. `changed()` is called after each move.
 *
 * Fractions are kept, so that a slow pinch moves at all.
 */
kit.view = (count, changed, least = 5) => {
  const narrowest = Math.min(least, count);
  const view = { start: 0, end: count, count };
  view.set = (start, end) => {
    const span = kit.clamp(end - start, narrowest, count);
    const from = kit.clamp(start, 0, count - span);
    if (from === view.start && from + span === view.end) return;
    Object.assign(view, { start: from, end: from + span });
    changed();
  };
  view.span = () => view.end - view.start;
  view.whole = () => view.span() >= count;
  view.pan = (places) => view.set(view.start + places, view.end + places);
  // keeps the place at `share` (0 left, 1 right) of the window where it is
  view.zoom = (factor, share = 0.5) => {
    const span = kit.clamp(view.span() * factor, narrowest, count);
    const held = view.start + view.span() * share;
    view.set(held - span * share, held + span * (1 - share));
  };
  // moves so that `index` is seen
  view.reveal = (index) => {
    if (index < view.start) view.pan(index - view.start);
    else if (index + 1 > view.end) view.pan(index + 1 - view.end);
  };
  view.reset = () => view.set(0, count);
  return view;
};

/** Wheel, drag, pinch, double click and keys over a plot's stage move `view`.
 *
 * `area()` -> {left, right} of the plot in px. A wheel zooms where the figure has the focus or Ctrl is held, and
 * otherwise scrolls the page as the reader expects; sideways it moves the window.
 */
kit.gestures = (plot, view, area) => {
  const { stage } = plot;
  stage.classList.add("movable");
  const share = (x) => kit.clamp((x - area().left) / Math.max(1, area().right - area().left), 0, 1);
  const perPixel = () => view.span() / Math.max(1, area().right - area().left);
  stage.addEventListener("wheel", (event) => byWheel(event, plot, view, share, perPixel), { passive: false });
  stage.addEventListener("dblclick", () => view.reset());
  stage.addEventListener("keydown", (event) => byKey(event, view));
  byHand(plot, view, share, perPixel);
};

function byWheel(event, plot, view, share, perPixel) {
  const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
  const [across, along] = [event.deltaX * unit, event.deltaY * unit];
  if (Math.abs(across) > Math.abs(along)) {
    if (view.whole()) return;
    event.preventDefault();
    view.pan(across * perPixel());
  } else if (event.ctrlKey || event.metaKey || document.activeElement === plot.stage) {
    event.preventDefault();
    view.zoom(2 ** kit.clamp(along / 300, -1, 1), share(kit.place(plot, event)[0]));
  }
}

function byKey(event, view) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const middle = 0.5;
  const moves = {
    "+": () => view.zoom(0.7, middle), "=": () => view.zoom(0.7, middle), "-": () => view.zoom(1 / 0.7, middle),
    0: () => view.reset(),
  };
  const shifted = { ArrowLeft: -0.2, ArrowRight: 0.2, Home: -Infinity, End: Infinity };
  if (event.shiftKey && event.key in shifted) {
    const far = shifted[event.key];
    view.pan(Number.isFinite(far) ? far * view.span() : Math.sign(far) * view.count);
  } else if (moves[event.key]) moves[event.key]();
  else return;
  event.preventDefault();
}

/** One hand drags, two pinch. The place under each finger stays under it. */
function byHand(plot, view, share, perPixel) {
  const held = new Map();
  let spread = 0;
  const xs = () => [...held.values()];
  const apart = () => Math.abs(xs()[0] - xs()[1]);
  plot.stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || held.size > 1) return;
    held.set(event.pointerId, kit.place(plot, event)[0]);
    if (held.size === 2) spread = apart();
  });
  plot.stage.addEventListener("pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    const [x] = kit.place(plot, event);
    const moved = x - held.get(event.pointerId);
    if (held.size === 1 && (view.whole() || (Math.abs(moved) < 4 && !plot.stage.hasPointerCapture(event.pointerId)))) return;
    plot.stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, x);
    if (held.size === 1) return void view.pan(-moved * perPixel());
    const now = Math.max(apart(), 8);
    view.zoom(spread / now, share((xs()[0] + xs()[1]) / 2));
    spread = now;
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    plot.stage.addEventListener(name, (event) => held.delete(event.pointerId));
  }
}
