// Curves at shared places of a number axis: a tenor with its label, the value of each curve there.

/** {places: [{x, label}] ascending, curves: [{name, number, x, values, at}]}; `at` maps a place to a value's index. */
kit.curvesOf = (figure) => {
  const places = new Map();
  for (const series of figure.series) series.x.forEach((x, index) => places.set(key(x, series.labels[index]), { x, label: series.labels[index] }));
  const sorted = [...places.values()].sort((a, b) => a.x - b.x || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  const curves = figure.series.map((series, number) => ({
    name: series.name, number, x: series.x, values: series.values, formula: series.formula,
    at: new Map(series.x.map((x, index) => [key(x, series.labels[index]), index])),
  }));
  return { places: sorted, curves };
};

function key(x, label) {
  return `${x}/${label}`;
}

/** A curve's value at a place: null where it has none. */
kit.curveAt = (curve, place) => {
  const index = curve.at.get(key(place.x, place.label));
  return index === undefined ? null : curve.values[index];
};

/** What a place is called. */
kit.placeName = (place, figure) => place.label || `${place.x} ${figure.x_unit}`.trim();

/** A tooltip's rows at place `index`: of the picked curve, or of all. */
kit.curveRows = (set, figure, index, picked) => {
  const shown = picked === null ? set.curves : [set.curves[picked]];
  return shown.map((curve) => {
    const value = kit.curveAt(curve, set.places[index]);
    return { label: curve.name, value: kit.format(value, figure.kind_of_values, figure.decimals, figure.unit), number: value, series: curve.number };
  });
};

/** The curves as a table for CSV: a row a place. */
kit.curveTable = (set) => {
  const head = ["label", "x", ...set.curves.map((curve) => curve.name)];
  return [head, ...set.places.map((place) => [place.label, place.x, ...set.curves.map((curve) => kit.curveAt(curve, place))])];
};

/** What the curves show, in words. */
kit.curveWords = (set, figure) => {
  if (!set.places.length) return "No values are known here.";
  const [first, last] = [set.places[0], set.places[set.places.length - 1]].map((place) => kit.placeName(place, figure));
  const count = set.curves.length > 1 ? kit.counted(set.curves.length, "curve") : set.curves[0].name;
  const [curve] = set.curves;
  const ends = [0, set.places.length - 1].map((at) => kit.curveAt(curve, set.places[at]));
  const told = ends.map((value) => kit.format(value, figure.kind_of_values, figure.decimals, figure.unit));
  const slope = ends.every(Number.isFinite) ? ` ${curve.name}: ${told[0]} at ${first}, ${told[1]} at ${last}.` : "";
  return `${count} from ${first} to ${last}.${slope}`;
};
