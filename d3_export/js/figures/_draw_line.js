// Lines and areas on a canvas: as many points as there are pixels, broken where values are missing.

/** A line through `values` at places `start` up to `end`, broken at gaps; a value alone is a dot. -> how many were drawn. */
kit.drawLine = (context, values, { start, end, x, y, columns, colour, width = 1.5, dash = [] }) => {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.beginPath();
  let drawing = false;
  let alone = null;
  const dots = [];
  const kept = kit.minmax(values, Math.max(0, start), Math.min(values.length, end), columns);
  for (const index of kept) {
    const value = values[index];
    if (value === null || !Number.isFinite(value)) {
      if (alone) dots.push(alone);
      drawing = false;
      alone = null;
      continue;
    }
    const [at, high] = [x(index), y(value)];
    if (drawing) context.lineTo(at, high);
    else context.moveTo(at, high);
    alone = drawing ? null : [at, high];
    drawing = true;
  }
  if (alone) dots.push(alone);
  context.stroke();
  context.setLineDash([]);
  for (const [at, high] of dots) context.fillRect(at - 1.5, high - 1.5, 3, 3);
  return kept.length;
};

/** The area between `values` and `base` px, faint. */
kit.drawArea = (context, values, { start, end, x, y, columns, colour, base }) => {
  const alpha = context.globalAlpha;
  context.globalAlpha = alpha * 0.14;
  context.fillStyle = colour;
  context.beginPath();
  let [drawing, last] = [false, 0];
  for (const index of kit.minmax(values, Math.max(0, start), Math.min(values.length, end), columns)) {
    const value = values[index];
    const known = value !== null && Number.isFinite(value);
    if (known && !drawing) context.moveTo(x(index), base);
    if (known) context.lineTo((last = x(index)), y(value));
    else if (drawing) context.lineTo(last, base);
    drawing = known;
  }
  if (drawing) context.lineTo(last, base);
  context.fill();
  context.globalAlpha = alpha;
};
