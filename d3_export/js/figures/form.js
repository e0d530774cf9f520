// The assumptions that a page was made with: read here, changed in the terminal.

figures.form = {
  draw(box, figure, kit) {
    const table = kit.el("table", "assumptions", null, box);
    headings(table);
    for (const [group, fields] of grouped(figure.fields)) {
      const body = kit.el("tbody", "", null, table);
      if (group) {
        const head = kit.el("th", "group", group, kit.el("tr", "", null, body));
        Object.assign(head, { colSpan: 3, scope: "rowgroup" });
      }
      for (const field of fields) drawn(body, field);
    }
    return { resize() {}, csv: () => rows(figure), describe: () => words(figure) };
  },
};

function headings(table) {
  const head = kit.el("tr", "unseen-head", null, kit.el("thead", "", null, table));
  for (const label of ["Assumption", "Value", "Where it comes from"]) kit.el("th", "", label, head).scope = "col";
}

function grouped(fields) {
  const groups = new Map();
  for (const field of fields) groups.set(field.group, [...(groups.get(field.group) || []), field]);
  return groups;
}

function drawn(body, field) {
  const row = kit.el("tr", field.given ? "given" : "", null, body);
  row.dataset.mark = "field";
  const label = kit.el("th", "", field.label, row);
  label.scope = "row";
  if (field.help) kit.el("span", "help", field.help, label);
  const value = kit.el("td", "number", field.shown, row);
  if (field.unit) kit.el("span", "unit", ` ${field.unit}`, value);
  kit.el("td", "origin", field.given ? "given by the reader" : field.basis, row);
}

function words(figure) {
  const given = figure.fields.filter((field) => field.given).length;
  const count = kit.counted(figure.fields.length, "assumption");
  return `${count}, ${given ? `${given} given by the reader` : "none changed by the reader"}. To change one, return to the terminal.`;
}

function rows(figure) {
  const names = ["group", "name", "label", "text", "shown", "unit", "given", "basis"];
  return [names, ...figure.fields.map((field) => names.map((name) => field[name]))];
}
