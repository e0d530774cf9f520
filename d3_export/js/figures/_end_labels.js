// Names at the right end of lines: nearer to the eye than a legend, where they fit.

const APART = 15;

/** Whether `names` fit beside a plot of `width` x `height` px, and the room that they take: px, or 0. */
kit.endRoom = (names, width, height) => {
  if (names.length < 2 || width < 480 || (names.length - 1) * APART > height) return 0;
  const widest = Math.max(...names.map((name) => kit.textWidth(name, 12, 600)));
  return widest > width * 0.3 ? 0 : Math.ceil(widest) + 22;
};

/** Names in `layer` for `ends` [{x, y, name, series, faded}], from `left` px on, between `top` and `foot`. */
kit.endLabels = (layer, ends, { left, top, foot }) => {
  kit.clear(layer);
  const places = kit.spread(ends.map((end) => end.y), APART, top, foot);
  if (!places) return;
  ends.forEach((end, index) => {
    const y = places[index];
    const label = kit.svg("text", { class: end.faded ? "label faded" : "label", x: left + 16, y, dy: "0.35em", "data-mark": "label" }, layer, end.name);
    label.style.fill = `var(${kit.seriesName(end.series)})`;
    const path = `M${end.x + 2},${end.y}L${left + 4},${end.y}L${left + 13},${y}`;
    const leader = kit.svg("path", { class: "leader", d: path }, layer);
    leader.style.stroke = `var(${kit.seriesName(end.series)})`;
  });
};
