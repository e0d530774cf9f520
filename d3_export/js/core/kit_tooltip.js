// The exact values under the pointer. On a narrow screen it stands at the top, clear of the finger.

const GAP = 14;

/** A tooltip inside `root` (which is positioned): {show(x, y, content), hide()}.
 *
 * `content` is {title, rows: [{label, value, series, variable, tone}], note}; `x` and `y` are px within root.
 * `tone` "up" or "down" colours a value (its sign or arrow is in the text).
 */
kit.tooltip = (root) => {
  const box = kit.el("div", "tooltip", null, root);
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  return {
    box,
    show(x, y, content) {
      fill(box, content);
      box.hidden = false;
      place(box, root, x, y);
    },
    hide() {
      box.hidden = true;
    },
  };
};

function fill(box, { title = "", rows = [], note = "" }) {
  kit.clear(box);
  if (title) kit.el("div", "tooltip-title", title, box);
  if (rows.length) {
    const list = kit.el("dl", "", null, box);
    for (const row of rows) fillRow(list, row);
  }
  if (note) kit.el("div", "tooltip-note", note, box);
}

function fillRow(list, row) {
  const term = kit.el("dt", "", null, list);
  const variable = row.variable || (row.series === undefined ? "" : kit.seriesName(row.series));
  if (variable) kit.el("span", "dot", null, term).style.background = `var(${variable})`;
  term.append(row.label);
  kit.el("dd", row.tone || "", row.value, list);
}

function place(box, root, x, y) {
  const [width, height] = [box.offsetWidth, box.offsetHeight];
  const room = root.clientWidth;
  const narrow = room < 480;
  const right = x + GAP + width <= room;
  const left = right ? x + GAP : x - GAP - width >= 0 ? x - GAP - width : kit.clamp(x - width / 2, 0, room - width);
  const opposite = x < room / 2 ? room - width : 0;
  box.style.left = `${Math.round(kit.clamp(narrow ? opposite : left, 0, Math.max(0, room - width)))}px`;
  box.style.top = `${Math.round(narrow ? 0 : kit.clamp(y - height / 2, 0, Math.max(0, root.clientHeight - height)))}px`;
}

/** Rows as one sentence for those who listen: "16 March 2020: open 60.49; close 60.55". */
kit.readout = ({ title = "", rows = [], note = "" }) => {
  const told = rows.map((row) => `${row.label} ${row.value}`.trim()).join("; ");
  return [title && told ? `${title}: ${told}` : title || told, note].filter(Boolean).join(". ");
};
