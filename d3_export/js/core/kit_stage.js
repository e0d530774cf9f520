// Where a figure of shapes stands: a place that takes the keys, tells what is pointed at to eye and ear, and may hold
// controls above. One for each figure, so that pointer and keyboard say the same words.

/** True where the paper is dark. */
kit.isDark = () => kit.css("color-scheme") === "dark";

/** True while the page is being laid out for paper, where nothing scrolls. */
kit.printed = () => printing || matchMedia("print").matches;

let printing = false;
addEventListener("beforeprint", () => {
  printing = true;
});
addEventListener("afterprint", () => {
  printing = false;
});

/** Colours of a ramp by value, for the paper that is shown. */
kit.rampOf = (name, scale) => kit.ramp(name, kit.isDark(), scale);

/** A stage in `box`: { root, plot, controls, tell(x, y, content), hush(), label(words), keys(handlers) }.
 *
 * `kind` is what it calls itself ("heatmap"). `tell` shows content at px of root (see kit.tooltip) and says it to
 * those who listen; `keys` maps names of keys to functions, which are called with the event.
 */
kit.stage = (box, kind) => {
  const root = kit.el("div", `shape shape-${kind.replace(/\W+/g, "-")}`, null, box);
  const controls = kit.el("div", "shape-controls", null, root);
  controls.hidden = true;
  const plot = kit.el("div", "shape-plot", null, root);
  plot.tabIndex = 0;
  plot.setAttribute("role", "application");
  plot.setAttribute("aria-roledescription", kind);
  const live = kit.el("div", "unseen", null, root);
  live.setAttribute("aria-live", "polite");
  live.dataset.readout = "true";
  const tip = kit.tooltip(root);
  return {
    root, plot, controls, live,
    label: (words) => plot.setAttribute("aria-label", words),
    tell(x, y, content) {
      tip.show(x, y, content);
      live.textContent = kit.readout(content);
    },
    hush() {
      tip.hide();
      live.textContent = "";
    },
    keys(handlers) {
      plot.addEventListener("keydown", (event) => {
        const act = event.altKey || event.ctrlKey || event.metaKey ? null : handlers[event.key];
        if (!act) return;
        event.preventDefault();
        act(event);
      });
    },
  };
};

/** Where the pointer is, in px of `element`. */
kit.pointerIn = (event, element) => {
  const frame = element.getBoundingClientRect();
  return [event.clientX - frame.left, event.clientY - frame.top];
};

/** The middle of `mark` in px of `root`: where a tooltip stands that a key asked for. */
kit.placeIn = (mark, root) => {
  const [one, frame] = [mark.getBoundingClientRect(), root.getBoundingClientRect()];
  return [one.left + one.width / 2 - frame.left, one.top + one.height / 2 - frame.top];
};

/** Buttons of which one is chosen: [{ value, label }]; `choose(value)` is called with the new one. */
kit.choice = (controls, name, options, chosen, choose) => {
  controls.hidden = false;
  const group = kit.el("div", "choice", null, controls);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", name);
  kit.el("span", "choice-name", name, group);
  const buttons = options.map(({ value, label }) => {
    const button = kit.el("button", "choice-button", label, group);
    button.type = "button";
    button.dataset.value = value;
    button.addEventListener("click", () => {
      press(value);
      choose(value);
    });
    return button;
  });
  const press = (value) => buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.value === value)));
  press(chosen);
  return press;
};

/** A slider that says its value: `write(value)` reads it, `change(value)` follows it. */
kit.slider = (controls, name, { low, high, step, value, write, change }) => {
  controls.hidden = false;
  const holder = kit.el("label", "slider", null, controls);
  kit.el("span", "choice-name", name, holder);
  const input = kit.el("input", "", null, holder);
  Object.assign(input, { type: "range", min: low, max: high, step, value });
  const told = kit.el("output", "", write(value), holder);
  input.addEventListener("input", () => {
    told.textContent = write(Number(input.value));
    input.setAttribute("aria-valuetext", told.textContent);
    change(Number(input.value));
  });
  return input;
};

/** A pattern of fine lines for what has no value, in `svg`'s defs; answers its url. */
kit.hatch = (svg, id) => {
  const pattern = kit.svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    kit.svg("defs", {}, svg));
  kit.svg("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 6 }, pattern);
  return `url(#${id})`;
};

/** A bar of a ramp's colours with its ends and middle written below: the key of a scale. */
kit.rampKey = (parent, id, { name, scale, title, write, middle = null }) => {
  const [width, left] = [200, 1];
  const words = kit.shorten(title, Math.max(width, Math.min(parent.clientWidth - 2, 460)), 12);
  const svg = kit.svg("svg", { class: "ramp-key", width: Math.max(width, Math.ceil(kit.textWidth(words, 12))) + 2 * left, height: 40, "aria-hidden": "true" }, parent);
  const gradient = kit.svg("linearGradient", { id }, kit.svg("defs", {}, svg));
  const dark = kit.isDark();
  for (let i = 0; i <= 16; i += 1) kit.svg("stop", { offset: i / 16, "stop-color": kit.rampColour(name, dark, i / 16) }, gradient);
  kit.svg("text", { class: "key-title", x: left, y: 11 }, svg, words);
  kit.svg("rect", { x: left, y: 16, width, height: 8, fill: `url(#${id})` }, svg);
  const values = middle === null ? [scale.low, (scale.low + scale.high) / 2, scale.high] : [scale.low, middle, scale.high];
  values.forEach((value, at) => kit.svg("text", { class: "tick", x: left + at * width / 2, y: 37, "text-anchor": ["start", "middle", "end"][at] }, svg, write(value)));
  return svg;
};
