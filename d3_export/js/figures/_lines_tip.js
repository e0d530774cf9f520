// What a tooltip tells of a date: every line's value, of many the ones nearest to the pointer.

/** The tooltip's content at date `index`; at most `most` lines. */
kit.lineTip = (chart, index, most) => {
  const { set, figure, x, y } = chart;
  const found = set.lines.map((line) => ({ line, at: kit.lineAt(line, index) })).filter((one) => one.at);
  const rows = nearest(chart, found, most);
  const known = found.find((one) => Number.isFinite(one.at.value));
  const events = chart.ring
    ? chart.ring.several.flatMap((place) => place.events)
    : chart.events.filter((event) => event.index === index).flatMap((event) => event.events);
  const more = chart.picked === null && found.length > rows.length ? `${kit.counted(found.length - rows.length, "line")} more` : "";
  return {
    x: x(set.places[index]), y: known ? y(known.at.value) : 60, title: kit.instant(set.dates[index]),
    rows: rows.map(({ line, at }) => ({ label: named(set, line, at), value: kit.lineValue(figure, line, at.value), variable: kit.lineColour(line) })),
    note: [kit.eventWords(events), more].filter(Boolean).join(". "),
  };
};

function named(set, line, at) {
  const name = line.name || "value";
  return at.exact ? name : `${name} (${set.dates[line.index[at.at]]})`;
}

/** The picked line alone by key; else all, highest first; of many the nearest to the pointer. */
function nearest(chart, found, most) {
  const { picked, pointed, y } = chart;
  if (picked !== null) {
    const own = found.filter((one) => one.line.number === picked);
    if (own.length) return own;
  }
  const highest = (a, b) => (Number.isFinite(b.at.value) ? b.at.value : -Infinity) - (Number.isFinite(a.at.value) ? a.at.value : -Infinity);
  if (found.length <= most) return [...found].sort((a, b) => highest(a, b) || a.line.number - b.line.number);
  const away = (one) => (Number.isFinite(one.at.value) ? Math.abs(y(one.at.value) - (pointed ?? 0)) : Infinity);
  return [...found].sort((a, b) => away(a) - away(b)).slice(0, most).sort(highest);
}
