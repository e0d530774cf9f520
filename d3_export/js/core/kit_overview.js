// The whole of a long axis, small, with the part that is seen held between two handles: drag it, draw it out from
// an empty place, or move a handle by key.

/** A strip in `parent` for `view`. `draw(context, width, height)` draws the whole; `told(place)` says a place in words.
 *
 * -> {root, resize({left, right, width}), update()}; the strip spans left to right px.
 */
kit.overview = (parent, view, draw, told, height = 40) => {
  const root = kit.el("div", "overview", null, parent);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "The whole span: move the handles to choose what is shown above.");
  const strip = { root, left: 0, width: 0 };
  const canvas = kit.el("canvas", "", null, root);
  canvas.setAttribute("aria-hidden", "true");
  const shades = [kit.el("div", "shade", null, root), kit.el("div", "shade", null, root)];
  const pane = kit.el("div", "pane", null, root);
  const handles = ["first shown", "last shown"].map((name, side) => handle(root, name, side, view));
  strip.update = () => {
    const [a, b] = [view.start, view.end].map((place) => strip.left + (place / view.count) * strip.width);
    move(shades[0], strip.left, a);
    move(shades[1], b, strip.left + strip.width);
    move(pane, a, b);
    handles.forEach((one, side) => {
      one.style.left = `${side ? b : a}px`;
      const place = side ? Math.ceil(view.end) - 1 : Math.floor(view.start);
      one.setAttribute("aria-valuenow", place);
      one.setAttribute("aria-valuetext", told(kit.clamp(place, 0, view.count - 1)));
    });
  };
  strip.resize = (area) => {
    Object.assign(strip, { left: area.left, width: Math.max(1, area.right - area.left) });
    const context = kit.sharp(canvas, area.width, height);
    context.save();
    context.translate(area.left, 0);
    draw(context, strip.width, height);
    context.restore();
    strip.update();
  };
  byHand(strip, view, pane, handles);
  return strip;
};

function move(element, from, to) {
  element.style.left = `${from}px`;
  element.style.width = `${Math.max(0, to - from)}px`;
}

function handle(root, name, side, view) {
  const made = kit.el("div", "handle", null, root);
  made.tabIndex = 0;
  const said = { role: "slider", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": view.count - 1 };
  for (const [key, value] of Object.entries(said)) made.setAttribute(key, value);
  made.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -20, PageUp: 20 };
    const step = event.key === "Home" ? -view.count : event.key === "End" ? view.count : steps[event.key];
    if (!step) return;
    event.preventDefault();
    reach(view, side, (side ? view.end : view.start) + step);
  });
  return made;
}

/** One end of the window goes to `place`; the other stays. */
function reach(view, side, place) {
  const bounded = kit.clamp(place, 0, view.count);
  if (side) view.set(view.start, Math.max(bounded, view.start + 5));
  else view.set(Math.min(bounded, view.end - 5), view.end);
}

function byHand(strip, view, pane, handles) {
  let act = null;
  const place = (event) => {
    const x = event.clientX - strip.root.getBoundingClientRect().left - strip.left;
    return (kit.clamp(x, 0, strip.width) / strip.width) * view.count;
  };
  strip.root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const side = handles.indexOf(event.target);
    const from = place(event);
    const [start, end] = [view.start, view.end];
    if (side >= 0) act = (at) => reach(view, side, at);
    else if (event.target === pane && !view.whole()) act = (at) => view.set(start + at - from, end + at - from);
    else act = (at) => Math.abs(at - from) > view.count / 100 && view.set(Math.min(from, at), Math.max(from, at));
    strip.root.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  strip.root.addEventListener("pointermove", (event) => act && act(place(event)));
  for (const name of ["pointerup", "pointercancel"]) strip.root.addEventListener(name, () => (act = null));
  strip.root.addEventListener("dblclick", () => view.reset());
}
