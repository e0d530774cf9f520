// Labelled values as a definition grid.

figures.metrics = {
  draw(box, figure, kit) {
    const list = kit.el("dl", "metrics", null, box);
    const tip = kit.tooltip(list);
    for (const item of figure.items) drawn(list, item, tip);
    return {
      resize() {},
      csv: () => [["label", "value", "unit", "note"], ...figure.items.map((item) => [item.label, item.value, item.unit, item.note])],
      describe: () => words(figure),
    };
  },
};

function told(item) {
  return kit.format(item.value, item.kind, item.decimals, item.unit, { blank: item.blank });
}

function words(figure) {
  if (!figure.items.length) return "No values.";
  const first = figure.items.slice(0, 3).map((item) => `${item.label} ${item.value === null ? item.blank : told(item)}`);
  const more = figure.items.length - first.length;
  return `${first.join("; ")}${more ? `; and ${more} more` : ""}.`;
}

function drawn(list, item, tip) {
  const holder = kit.el("div", "metric", null, list);
  kit.el("dt", "", item.label, holder);
  const value = kit.el("dd", tone(item), told(item), holder);
  value.dataset.mark = "metric";
  if (item.value === null) {
    value.dataset.blank = item.blank;
    value.setAttribute("aria-label", item.blank);
  }
  if (item.note) kit.el("dd", "metric-note", item.note.replace(/^\+- ?/, "± "), holder);
  const rows = exact(item);
  if (!rows.length && !item.formula) return;
  value.tabIndex = 0;
  const show = () => {
    const [edge, own] = [list.getBoundingClientRect(), value.getBoundingClientRect()];
    tip.show(own.left - edge.left, own.bottom - edge.top + 28, { title: item.label, rows, note: item.formula });
  };
  for (const name of ["pointerenter", "focus"]) value.addEventListener(name, show);
  for (const name of ["pointerleave", "blur"]) value.addEventListener(name, tip.hide);
}

function tone(item) {
  if (item.value === null) return "blank";
  return item.kind === "change" && item.value ? (item.value > 0 ? "tone-up" : "tone-down") : "";
}

function exact(item) {
  if (item.value === null) return [{ label: "blank", value: item.blank }];
  if (typeof item.value !== "number" || told(item).replace(/,/g, "") === String(item.value)) return [];
  return [{ label: "in full", value: String(item.value) }];
}
