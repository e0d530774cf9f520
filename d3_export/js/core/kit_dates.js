/* Dates and instants. A session is its day, an instant is UTC in the data and told in a zone. */

const DAY = 86400000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const clocks = new Map();

/** Milliseconds since 1970 of an ISO date or instant (a date is its midnight UTC). */
kit.time = (text) => Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);

/** {year, month (0 to 11), day, hour, minute, second, date, clock, zone} of an instant on a zone's clocks. */
kit.local = (text, zone = "UTC") => {
  const parts = {};
  for (const part of clockOf(zone).formatToParts(new Date(kit.time(text)))) parts[part.type] = part.value;
  const hour = parts.hour === "24" ? "00" : parts.hour;
  return {
    year: Number(parts.year), month: Number(parts.month) - 1, day: Number(parts.day),
    hour: Number(hour), minute: Number(parts.minute), second: Number(parts.second),
    date: `${parts.year}-${parts.month}-${parts.day}`, clock: `${hour}:${parts.minute}`,
    zone: parts.timeZoneName || zone,
  };
};

function clockOf(zone) {
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
    }));
  }
  return clocks.get(zone);
}

/** "2020-03-16 16:00 EDT", with seconds where there are any. */
kit.instant = (text, zone = "UTC") => {
  if (text.length === 10) return text;
  const at = kit.local(text, zone);
  const seconds = at.second ? `:${String(at.second).padStart(2, "0")}` : "";
  return `${at.date} ${at.clock}${seconds} ${at.zone}`;
};

/** "16 March 2020", as a sentence says it. */
kit.spoken = (text) => {
  const [year, month, day] = text.slice(0, 10).split("-").map(Number);
  const name = new Date(Date.UTC(2000, month - 1, 1)).toLocaleString("en-GB", { month: "long", timeZone: "UTC" });
  return `${day} ${name} ${year}`;
};

// Steps of a calendar axis, finest first: what part of a date a mark stands for, and every how many.
const STEPS = [
  ["day", 1], ["day", 2], ["day", 7], ["day", 14], ["month", 1], ["month", 3], ["month", 6],
  ["year", 1], ["year", 2], ["year", 5], ["year", 10], ["year", 20], ["year", 50],
];

const calendars = new WeakMap();
const dials = new WeakMap();

/** Where days begin among `days`, and their numbers: worked out once, since a moving chart asks at each frame. */
function calendarOf(days) {
  if (!calendars.has(days)) {
    const starts = days.flatMap((day, index) => (index > 0 && day.slice(0, 10) !== days[index - 1].slice(0, 10) ? [index] : []));
    const numbers = (index) => {
      const [year, month] = days[index].split("-").map(Number);
      return { year, month: year * 12 + month - 1, day: Math.floor(kit.time(days[index].slice(0, 10)) / DAY) + 3 }; // weeks begin on Monday
    };
    calendars.set(days, { starts, after: starts.map(numbers), before: starts.map((start) => numbers(start - 1)) });
  }
  return calendars.get(days);
}

/** Marks for bars that follow one another, whatever time lies between them.
 *
 * `days` are ISO dates in order; of those from index `start` up to `end`, the first of each month (year,
 * day) is marked, as finely as `count` marks allow. -> [{index, label, strong}].
 */
kit.sessionTicks = (days, start, end, count) => {
  const calendar = calendarOf(days);
  const from = kit.firstFrom(calendar.starts, start);
  const to = kit.firstFrom(calendar.starts, Math.min(days.length - 1, end) + 1e-9);
  for (const [part, every] of STEPS) {
    const found = turns(calendar, from, to, part, every, count);
    if (found.length <= count) return found.map((place, at) => dayMark(days, calendar.starts[place], part, at === 0));
  }
  return [];
};

/** Of the days' beginnings [from, to) those at which a part of the date turns; at most one more than `count`. */
function turns(calendar, from, to, part, every, count) {
  const found = [];
  for (let place = from; place < to && found.length <= count; place += 1) {
    const bucket = (days) => Math.floor(days[place][part] / every);
    if (bucket(calendar.after) !== bucket(calendar.before)) found.push(place);
  }
  return found;
}

function dayMark(days, index, part, opening) {
  const [year, month, day] = days[index].slice(0, 10).split("-");
  const turned = days[index - 1].slice(0, 4) !== year;
  if (part === "year" || (part === "month" && turned)) return { index, label: year, strong: true };
  const name = MONTHS[Number(month) - 1];
  if (part === "month") return { index, label: opening ? `${name} ${year}` : name, strong: false };
  const named = opening || turned ? ` ${year}` : "";
  return { index, label: `${Number(day)} ${name}${named}`, strong: turned };
}

/** Marks for bars within sessions, on the exchange's clocks: days where many are seen, else hours. */
kit.clockTicks = (starts, sessions, zone, start, end, count) => {
  const days = kit.sessionTicks(sessions, start, end, count);
  if (days.length > count / 2 || end - start > 20000) return days;
  const first = Math.max(1, Math.ceil(start));
  const last = Math.min(starts.length, Math.floor(end) + 1);
  for (const minutes of [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360]) {
    const found = clockMarks(starts, zone, first, last, minutes, sessions, count);
    if (found.length <= count) return found;
  }
  return days;
};

/** Minutes since midnight on a zone's clocks, of the instant at `index`; each asked of the calendar once. */
function dial(starts, zone, index) {
  if (!dials.has(starts)) dials.set(starts, new Array(starts.length));
  const known = dials.get(starts);
  if (known[index] === undefined) {
    const { hour, minute } = kit.local(starts[index], zone);
    known[index] = hour * 60 + minute;
  }
  return known[index];
}

function clockMarks(starts, zone, first, last, minutes, sessions, count) {
  const found = [];
  for (let index = first; index < last && found.length <= count; index += 1) {
    const at = dial(starts, zone, index);
    if (sessions[index] !== sessions[index - 1]) {
      const [, month, day] = sessions[index].split("-");
      found.push({ index, label: `${Number(day)} ${MONTHS[Number(month) - 1]}`, strong: true });
    } else if (Math.floor(at / minutes) !== Math.floor(dial(starts, zone, index - 1) / minutes)) {
      found.push({ index, label: `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`, strong: false });
    }
  }
  return found;
}

/** Marks of a true time axis (lines): -> [{at, label, strong}] within [low, high] milliseconds. */
kit.timeTicks = (low, high, count) => {
  const scale = d3.scaleUtc().domain([new Date(low), new Date(high)]);
  const ticks = scale.ticks(Math.max(2, count));
  const span = ticks.length > 1 ? ticks[1] - ticks[0] : high - low;
  return ticks.map((tick, index) => ({ at: tick.getTime(), ...timeLabel(tick, span, index === 0) }));
};

function timeLabel(tick, span, opening) {
  const [year, month, day] = [tick.getUTCFullYear(), tick.getUTCMonth(), tick.getUTCDate()];
  const january = month === 0 && day === 1;
  if (span > 300 * DAY || (january && span > 20 * DAY)) return { label: String(year), strong: true };
  const named = opening || january ? ` ${year}` : "";
  if (span > 20 * DAY) return { label: `${MONTHS[month]}${named}`, strong: false };
  if (span >= 0.9 * DAY) return { label: `${day} ${MONTHS[month]}${named}`, strong: january };
  const clock = tick.toISOString().slice(11, 16);
  return { label: clock === "00:00" ? `${day} ${MONTHS[month]}` : clock, strong: clock === "00:00" };
}
