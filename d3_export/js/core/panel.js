// One panel: its heading, its subtitle, its figure, and saving its values.

const drawn = []; // what resizes, prints and changes colours: { box, handle, width }

/** What a title says to whoever sits at the terminal ("holdings: a number shows the chart") is no reader's business. */
const HINT = /(?:^|[:;,.] )(?:(?:type )?a number |choosing one |PAGE=|Tab goes to )[^.]*\.?/i;

/** A panel's section; `draw` fills it once it stands in the document. */
function panel(one, page, id) {
  const title = one.title.replace(HINT, "") || one.name;
  const heading = core.el("h3", { id: `${id}-title` }, title);
  const subtitle = core.el("p", { class: "subtitle", id: `${id}-about` });
  const box = core.el("div", { class: `box box-${one.figure.kind}`, id: `${id}-box` });
  const tools = core.el("div", { class: "tools" });
  const section = core.el("section", { class: `panel panel-${one.figure.kind}`, id, "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-about` },
    core.el("div", { class: "head" }, heading, tools), subtitle, box);
  return { section, draw: () => drawInto({ one, title, page, id, box, subtitle, tools }) };
}

function drawInto({ one, title, page, id, box, subtitle, tools }) {
  try {
    const kind = figures[one.figure.kind];
    if (!kind) throw new Error(`this file has no drawing for figures of kind ${one.figure.kind}`);
    const handle = kind.draw(box, one.figure, kit, { id, name: one.name, title, page });
    subtitle.textContent = handle.describe();
    subtitle.hidden = !subtitle.textContent; // words speak for themselves
    const lineage = page.lineage;
    const name = core.fileName(page.security && page.security.ticker, page.function, one.name, lineage && lineage.asof.slice(0, 10));
    tools.append(core.button("Save CSV", () => core.save(`${name}.csv`, core.toCsv(handle.csv()), "text/csv"),
      { class: "tool", "data-action": "csv", "aria-label": `Save ${title} as CSV` }));
    drawn.push({ box, handle, width: box.clientWidth });
  } catch (fault) {
    box.replaceChildren(core.el("p", { class: "failed", role: "alert" },
      `This panel could not be drawn: ${fault.message}. Its values are in the data that "Save data" writes.`));
  }
}

/** Draw anew every figure whose box has another width; all of them where `always`. */
function redraw(always) {
  for (const entry of drawn) {
    const width = entry.box.clientWidth;
    if (width > 0 && (always || width !== entry.width)) {
      entry.width = width;
      entry.handle.resize(width);
    }
  }
}

/** Follow the window's width, one drawing a frame at most. */
function follow() {
  let waiting = 0;
  const later = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => redraw(false));
  };
  const observer = new ResizeObserver(later);
  drawn.forEach((entry) => observer.observe(entry.box));
}

core.panel = panel;
core.redraw = redraw;
core.follow = follow;
