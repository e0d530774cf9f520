// A surface from above: its grid of values.

/** The grid from above, values in their cells, quotes as small dots at the foot of their row. */
kit.surfaceAbove = (shared) => {
  const { stage, figure, kit, panel, model, say } = shared;
  const names = { rows: figure.y.map((_, i) => say.yLabel(i)), columns: figure.x.map((_, j) => say.xLabel(j)) };
  let grid = null;
  let place = null;
  const move = (row, column) => {
    place = [kit.clamp(row, 0, names.rows.length - 1), kit.clamp(column, 0, names.columns.length - 1)];
    grid.mark(...place);
    const rect = grid.cells[place[0]][place[1]];
    if (document.activeElement === stage.plot) rect.scrollIntoView({ block: "nearest", inline: "nearest" });
    stage.tell(...kit.placeIn(rect, stage.root), say.cell(...place));
  };
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  return {
    enter() {
      const short = (value) => say.write(value).replace("%", "");
      const texts = figure.values.flat().map((value) => (value === null ? "" : short(value)));
      const layout = kit.gridLayout({ ...names, texts, width: shared.width });
      const colour = kit.rampOf("sequential", model.scale);
      grid = kit.drawGrid(stage.plot, {
        id: panel.id, ...names, layout,
        cell(row, column) {
          const value = figure.values[row][column];
          const fill = value === null ? null : colour(value);
          return { fill, ink: fill && kit.rampInk(fill), text: value === null ? "—" : short(value) };
        },
      });
      dots(grid, layout);
      kit.rampKey(stage.plot, `${panel.id}-key`, { name: "sequential", scale: model.scale, title: figure.unit || (figure.kind_of_values === "percent" ? "per cent" : "value"), write: (value) => say.write(value) });
      grid.svg.addEventListener("pointermove", (event) => {
        const at = grid.at(event);
        if (at) move(...at);
      });
      grid.svg.addEventListener("pointerleave", () => {
        grid.mark(null, null);
        stage.hush();
      });
    },
    leave() {},
    key(event) {
      if (!steps[event.key]) return false;
      const [row, column] = place || [-1, 0];
      if (place) move(row + steps[event.key][0], column + steps[event.key][1]);
      else move(0, 0);
      return true;
    },
  };

  function dots(drawn, layout) {
    for (const point of figure.points) {
      const column = kit.fractionalIndex(figure.x, point.x);
      if (column === null || layout.ch < 14) continue;
      const row = kit.nearest(figure.y, point.y);
      const dot = kit.svg("circle", { class: point.used ? "quote" : "quote quote-out", r: point.used ? 1.4 : 2, cx: (column + 0.5) * layout.cw, cy: drawn.y(row) + layout.ch - 4 }, drawn.svg);
      const value = figure.values[row][Math.round(column)];
      if (value !== null && point.used) dot.style.fill = kit.rampInk(kit.rampOf("sequential", model.scale)(value));
    }
  }
};
