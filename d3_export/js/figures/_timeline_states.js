// States over dates: their stretches, their share of time, and what each is painted with.

const TONES = { good: "--up", calm: "--neutral", warn: "--c5", bad: "--down" };
const UNTONED = ["good", "warn", "calm", "bad"];

/** [{ state, first, last }], both ends among them, oldest first; state null where none is known. */
kit.spellsOf = (states) => {
  const found = [];
  states.forEach((state, at) => {
    const before = found[found.length - 1];
    if (before && before.state === state) before.last = at;
    else found.push({ state, first: at, last: at });
  });
  return found;
};

/** Of each state { tone, variable, opacity }: a second of the same tone is paler, and everywhere the name is written. */
kit.stateInks = (figure) => {
  const tones = figure.names.map((_, at) => figure.tones[at] || UNTONED[at % 4]);
  return tones.map((tone, at) => {
    const before = tones.slice(0, at).filter((other) => other === tone).length;
    return { tone, variable: TONES[tone], opacity: [1, 0.6, 0.35][before % 3] };
  });
};

/** What a timeline says in words. */
kit.timelineWords = (figure) => {
  const { dates, names, states } = figure;
  if (!dates.length) return "No dates.";
  const known = states.filter((state) => state !== null).length;
  const share = (state) => kit.format(states.filter((each) => each === state).length / known, "percent", 0);
  const last = states[states.length - 1];
  const since = kit.spellsOf(states).pop();
  const sure = figure.probabilities && last !== null ? figure.probabilities[dates.length - 1][last] : null;
  const what = figure.line ? `${figure.line.name}${figure.line.unit ? ` (${figure.line.unit}${figure.line_scale === "log" ? ", log scale" : ""})` : figure.line_scale === "log" ? " (log scale)" : ""}` : "States";
  return [
    `${what}, ${dates[0]} to ${dates[dates.length - 1]}, behind it the states.`,
    last === null ? "On the last date no state is known." : `On the last date: ${names[last]}${sure === null ? "" : ` (probability ${kit.format(sure, "percent", 0)})`}, since ${dates[since.first]}.`,
    known ? `Share of time: ${kit.listed(names.map((name, at) => `${name} ${share(at)}`))}.` : "",
    figure.formula ? `States by: ${figure.formula}.` : "",
  ].filter(Boolean).join(" ");
};

/** Date by date: the line, the state, the probabilities. */
kit.timelineTable = (figure) => {
  const header = ["date", ...(figure.line ? [figure.line.name] : []), "state", ...(figure.probabilities ? figure.names.map((name) => `P(${name})`) : [])];
  const values = lineAt(figure);
  return [header, ...figure.dates.map((date, at) => [
    date, ...(figure.line ? [values[at]] : []), figure.states[at] === null ? null : figure.names[figure.states[at]], ...(figure.probabilities ? figure.probabilities[at] : []),
  ])];
};

/** The line's value on each date of the states; null where it has none. */
function lineAt(figure) {
  if (!figure.line) return [];
  const held = new Map(figure.line.dates.map((date, at) => [date.slice(0, 10), figure.line.values[at]]));
  return figure.dates.map((date) => held.get(date) ?? null);
}

kit.timelineLine = lineAt;

/** Probabilities stacked, in at most `columns` steps: of each step the mean. [{ at, stops: [0, p1, p1 + p2 ...] | null }]. */
kit.stacked = (probabilities, start, end, columns) => {
  const every = Math.max(1, Math.ceil((end - start) / columns));
  const found = [];
  for (let from = start; from < end; from += every) {
    const rows = probabilities.slice(from, Math.min(from + every, end)).filter((row) => row.every((value) => value !== null));
    let sum = 0;
    const stops = rows.length ? [0, ...rows[0].map((_, state) => (sum += d3.mean(rows, (row) => row[state])))] : null;
    found.push({ at: Math.min(from + (every - 1) / 2, end - 1), stops });
  }
  return found;
};
