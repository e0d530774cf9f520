// The kit: what every figure is drawn with.
//
// kit.js           el svg clear scheduled clamp extent listed counted
// kit_formats.js   format blank compact fixed tickFormat: values as engine/format.py tells them
// kit_dates.js     time local instant spoken sessionTicks clockTicks timeTicks
// kit_colours.js   css palette seriesName seriesColour seriesDash; kit_ramps.js the ramps of grids
// kit_axes.js      linear log gridY axisX band ordinate: light grids, labels outside, no boxes
// kit_labels.js    textWidth shorten spread legend: direct labels where they fit, else a legend
// kit_plot.js      plot: root with canvas, SVG, tooltip, cursor by pointer and key, live readout
// kit_tooltip.js   tooltip
// kit_view.js      view gestures: which part of a long axis is seen; wheel, drag, pinch, keys
// kit_shared.js    share: panels over one span of time have one window and one cursor
// kit_overview.js  overview: the whole below, with the part that is seen held by two handles
// kit_decimate.js  minmax candlesOf nearest: as many marks as there are pixels
// kit_print.js     the width of a sheet while printing

/** An element of class `name` with `text` in it, appended to `parent` where one is given. */
kit.el = (tag, name = "", text = null, parent = null) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== null) made.textContent = String(text);
  if (parent) parent.appendChild(made);
  return made;
};

/** An SVG element with attributes (null and undefined are left out), appended to `parent` where given. */
kit.svg = (tag, attributes = {}, parent = null, text = null) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  if (text !== null) made.textContent = String(text);
  if (parent) parent.appendChild(made);
  return made;
};

/** Removes every child. */
kit.clear = (element) => {
  while (element.firstChild) element.removeChild(element.firstChild);
  return element;
};

/** `draw` to be run once before the next frame, however often it is asked for; `.now()` runs it at once. */
kit.scheduled = (draw) => {
  let waiting = 0;
  const run = () => {
    waiting = 0;
    draw();
  };
  const ask = () => {
    if (!waiting) waiting = requestAnimationFrame(run);
  };
  ask.now = () => {
    if (waiting) cancelAnimationFrame(waiting);
    run();
  };
  return ask;
};

/** `value` held between `low` and `high`. */
kit.clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** [least, greatest] of the finite numbers of several arrays, or null where there are none. */
kit.extent = (...arrays) => {
  let low = Infinity;
  let high = -Infinity;
  for (const values of arrays) {
    for (const value of values) {
      if (value === null || !Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
};

/** "one, two and three". */
kit.listed = (words) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;

/** "1 row", "1,200 rows". */
kit.counted = (count, one, many = `${one}s`) =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
