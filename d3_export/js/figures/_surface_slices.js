// A surface slice by slice: smiles by expiry.

/** One slice in full, the others behind it: smiles by expiry. */
kit.surfaceSlices = (shared) => {
  const { stage, figure, kit, model, say } = shared;
  const state = { row: Math.max(figure.values.findIndex((row) => row.every((value) => value !== null)), 0), column: null, parts: null, picker: null };

  function paint() {
    kit.clear(stage.plot);
    const [width, height] = [shared.width, Math.round(kit.clamp(shared.width * 0.5, 280, 440))];
    const svg = kit.svg("svg", { width, height, "aria-hidden": "true", class: "slices" }, stage.plot);
    const y = kit.linear(model.domain, [height - 46, 26]);
    const write = { kind: figure.kind_of_values, unit: figure.unit };
    const at = { left: 2, right: width - kit.axisWidth(y, write) - 4 };
    const x = d3.scaleLinear().domain([figure.x[0], figure.x[figure.x.length - 1]]).range([at.left + 8, at.right - 8]);
    kit.gridY(kit.svg("g", {}, svg), y, at, write);
    const room = Math.max(...figure.x.map((_, i) => kit.textWidth(say.xLabel(i)))) + 14;
    const every = Math.ceil(room / Math.max((at.right - at.left) / figure.x.length, 1));
    const marks = figure.x.map((value, i) => ({ x: x(value), label: say.xLabel(i) })).filter((_, i) => i % every === 0);
    kit.axisX(kit.svg("g", {}, svg), marks, { ...at, width: at.right }, height - 44);
    kit.svg("text", { class: "tick", x: (at.left + at.right) / 2, y: height - 6, "text-anchor": "middle" }, svg, figure.x_title);
    const line = d3.line().defined((value) => value !== null).x((_, i) => x(figure.x[i])).y(y);
    figure.values.forEach((row, i) => i !== state.row && kit.svg("path", { class: "slice", d: line(row) }, svg));
    const row = figure.values[state.row];
    quotesOf(state.row).forEach((point) => kit.svg("circle", { class: point.used ? "slice-quote" : "slice-quote quote-out", cx: x(point.x), cy: y(point.value), r: 2.6, "data-mark": "quote" }, svg));
    kit.svg("path", { class: "slice slice-picked", d: line(row), "data-mark": "slice" }, svg);
    kit.svg("text", { class: "strong", x: at.left + 2, y: 14 }, svg, `${figure.y_title} ${say.yLabel(state.row)}`);
    const dot = kit.svg("circle", { class: "slice-dot", r: 4.5, visibility: "hidden" }, svg);
    state.parts = { svg, x, y, dot };
    svg.addEventListener("pointermove", (event) => tell(kit.nearest(figure.x, x.invert(kit.pointerIn(event, svg)[0]))));
    svg.addEventListener("pointerleave", () => {
      dot.setAttribute("visibility", "hidden");
      stage.hush();
    });
  }

  /** The quotes that are nearer to this slice than to any other, within the scale. */
  function quotesOf(row) {
    return figure.points.filter((point) => point.value !== null && kit.nearest(figure.y, point.y) === row && point.value >= model.domain[0] && point.value <= model.domain[1] && kit.fractionalIndex(figure.x, point.x) !== null);
  }

  function tell(column) {
    state.column = kit.clamp(column, 0, figure.x.length - 1);
    const { svg, x, y, dot } = state.parts;
    const value = figure.values[state.row][state.column];
    dot.setAttribute("visibility", value === null ? "hidden" : "visible");
    const place = [x(figure.x[state.column]), value === null ? 40 : y(value)];
    dot.setAttribute("cx", place[0]);
    dot.setAttribute("cy", place[1]);
    const [left, top] = kit.placeIn(svg, stage.root);
    stage.tell(place[0] + left - svg.clientWidth / 2, place[1] + top - svg.clientHeight / 2, say.cell(state.row, state.column));
  }

  function slice(row) {
    state.row = kit.clamp(row, 0, figure.y.length - 1);
    stage.plot.dataset.slice = state.row;
    state.picker.querySelector("input").value = state.row;
    state.picker.querySelector("output").textContent = say.yLabel(state.row);
    paint();
    if (state.column !== null && document.activeElement === stage.plot) tell(state.column);
  }

  return {
    enter() {
      if (!state.picker) {
        const input = kit.slider(stage.controls, figure.y_title, { low: 0, high: figure.y.length - 1, step: 1, value: state.row, write: say.yLabel, change: slice });
        state.picker = input.parentElement;
      }
      state.picker.hidden = false;
      paint();
    },
    leave() {
      state.picker.hidden = true;
      state.column = null;
    },
    key(event) {
      if (event.key === "ArrowUp" || event.key === "ArrowDown") slice(state.row + (event.key === "ArrowDown" ? 1 : -1));
      else if (event.key === "ArrowLeft" || event.key === "ArrowRight") tell(state.column === null ? figure.x.length >> 1 : state.column + (event.key === "ArrowRight" ? 1 : -1));
      else return false;
      return true;
    },
  };
};
