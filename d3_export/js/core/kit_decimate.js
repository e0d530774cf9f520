// As many marks as there are pixels. What is left out changes no pixel: of each column the first, least,
// greatest and last value are kept (M4: Jugel, Jerzak, Hackenbroich and Markl, VLDB 2014).

/** Indices of `values` from `start` up to `end` (not included) to draw in `columns` columns; gaps stay gaps.
 *
 * A null or NaN is kept where it parts two values, so that a line is broken there.
 */
kit.minmax = (values, start, end, columns) => {
  const kept = [];
  if (end - start <= columns * 4) {
    for (let index = start; index < end; index += 1) kept.push(index);
    return kept;
  }
  const width = (end - start) / columns;
  for (let column = 0; column < columns; column += 1) {
    const from = start + Math.floor(column * width);
    keepColumn(values, from, column === columns - 1 ? end : start + Math.floor((column + 1) * width), kept);
  }
  return kept;
};

function keepColumn(values, from, to, kept) {
  let [first, least, greatest, last, gap] = [-1, -1, -1, -1, -1];
  for (let index = from; index < to; index += 1) {
    const value = values[index];
    if (value === null || !Number.isFinite(value)) {
      gap = index;
      continue;
    }
    if (first < 0) first = index;
    if (least < 0 || value < values[least]) least = index;
    if (greatest < 0 || value > values[greatest]) greatest = index;
    last = index;
  }
  const found = [first, least, greatest, last, gap].filter((index) => index >= 0).sort((a, b) => a - b);
  found.forEach((index, place) => {
    if (place === 0 || index !== found[place - 1]) kept.push(index);
  });
}

/** Bars joined so that no more than `most` are drawn from `start` up to `end`.
 *
 * `bars` is {open, high, low, close, volume}; groups of `size` bars begin at multiples of `size`, so that they
 * do not flicker while the view moves. -> {size, groups: [{from, to, open, high, low, close, volume}]}.
 */
kit.candlesOf = (bars, start, end, most) => {
  const size = groupSize((end - start) / Math.max(1, most));
  const groups = [];
  for (let from = Math.floor(start / size) * size; from < end; from += size) {
    const group = joined(bars, Math.max(0, from), Math.min(bars.close.length, from + size));
    if (group) groups.push(group);
  }
  return { size, groups };
};

function groupSize(wanted) {
  if (wanted <= 1) return 1;
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 3, 5]) if (step * power >= wanted) return step * power;
  }
}

function joined(bars, from, to) {
  const group = { from, to, open: null, high: null, low: null, close: null, volume: null };
  for (let index = from; index < to; index += 1) {
    const [high, low, close, volume] = [bars.high[index], bars.low[index], bars.close[index], bars.volume[index]];
    if (group.open === null) group.open = bars.open[index];
    if (high !== null && (group.high === null || high > group.high)) group.high = high;
    if (low !== null && (group.low === null || low < group.low)) group.low = low;
    if (close !== null) group.close = close;
    if (volume !== null) group.volume = (group.volume || 0) + volume;
  }
  return group.close === null ? null : group;
}

/** The index in ascending `values` that is nearest to `wanted`. */
kit.nearest = (values, wanted) => {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - values[low - 1] <= values[low] - wanted ? low - 1 : low;
};

/** The first index in ascending `values` that is not below `wanted`. */
kit.firstFrom = (values, wanted) => {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
};
