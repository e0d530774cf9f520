/* How a value reads: the same as engine/format.py writes it in a terminal, so that a letter and a
 * screen say one thing. Up and down are told by arrow and sign, never by colour alone. */

const SCALES = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]];
const TIGHT_UNITS = new Set(["%", "x", "°"]);
const GLYPHS = { "not yet known": "…", "never existed": "—", "failed to load": "✗" };

kit.NUMERIC = new Set(["integer", "number", "price", "percent", "change", "ratio"]);

/** The sign of a kind of blank: not yet known …, never existed —, failed to load ✗. */
kit.blank = (kind = "never existed") => GLYPHS[kind] || GLYPHS["never existed"];

/** `number` with `places` decimals and thousands set apart, ties to the even digit; never a minus before nothing. */
kit.fixed = (number, places) => {
  const text = halfEven(Math.abs(number), places);
  const [whole, rest] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? `.${rest}` : "");
  return number < 0 && /[1-9]/.test(text) ? `-${grouped}` : grouped;
};

/** toFixed is exact but rounds ties up: of a tie (a value that ends in 5 and then in nothing) the even one is taken. */
function halfEven(size, places) {
  const text = size.toFixed(places);
  const scaled = size * 10 ** places;
  if (Math.abs(scaled - Math.floor(scaled) - 0.5) > 1e-6 || !/[13579]$/.test(text)) return text;
  const whole = size.toFixed(Math.min(100, places + 40));
  if (!/^50*$/.test(whole.slice(places ? whole.length - 40 : whole.indexOf(".") + 1))) return text;
  return places ? whole.slice(0, -40) : whole.slice(0, whole.indexOf("."));
}

/** A number too large to write out: six digits and a power. */
function powered(number) {
  return number.toPrecision(6).replace(/\.?0+(?=e|$)/, "");
}

/** Three significant digits and a scale: 1.23M, 45.6K, 999. */
kit.compact = (value) => {
  const size = Math.abs(value);
  for (const [scale, letter] of SCALES) {
    if (size >= scale * 0.9995) {
      const scaled = value / scale;
      const digits = Math.abs(scaled) < 9.995 ? 2 : Math.abs(scaled) < 99.95 ? 1 : 0;
      return kit.fixed(scaled, digits) + letter;
    }
  }
  return kit.fixed(value, Number.isInteger(value) ? 0 : 2);
};

/** `value` as a cell of `kind` reads.
 *
 * `options`: `blank` (which kind of blank a null is), `zone` (of instants, UTC where not given),
 * `compact` (1.23M).
 */
kit.format = (value, kind = "number", decimals = null, unit = "", options = {}) => {
  if (value === null || value === undefined || Number.isNaN(value)) return kit.blank(options.blank);
  const shown = shownAs(value, kind, decimals, options);
  return unit ? `${shown}${TIGHT_UNITS.has(unit) ? "" : " "}${unit}` : shown;
};

function shownAs(value, kind, decimals, options) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (kind === "instant" && typeof value === "string") return kit.instant(value, options.zone);
  if (kind === "date" && typeof value === "string") return value.slice(0, 10);
  if (typeof value === "string" || kind === "text" || kind === "mark") return String(value);
  return numberAs(value, kind, decimals, options.compact);
}

function numberAs(number, kind, decimals, compact) {
  let places = decimals === null || decimals === undefined ? null : kit.clamp(decimals, 0, 12);
  if (kind === "percent" || kind === "change") return percentAs(number, kind, places === null ? 2 : places);
  if (compact) return kit.compact(number);
  if (kind === "integer") places = 0;
  if (places === null) places = ownPlaces(number, kind);
  return Math.abs(number) >= 1e15 ? powered(number) : kit.fixed(number, places);
}

function percentAs(number, kind, places) {
  const scaled = number * 100;
  const shown = Math.abs(scaled) >= 1e15 ? powered(number) : `${kit.fixed(scaled, places)}%`;
  if (kind === "percent" || !/[1-9]/.test(shown)) return shown;
  return `${number > 0 ? "▲ +" : "▼ "}${shown}`;
}

/** Decimals that a value asks for where nothing names them: small values keep their digits. */
function ownPlaces(number, kind) {
  const size = Math.abs(number);
  if (size === 0 || size >= (kind === "price" ? 2 : 1)) return 2;
  return kind === "price" || size >= 0.01 ? 4 : 6;
}

/** What an axis writes beside `ticks` of a `kind`: as many decimals as tell them apart, large numbers short. */
kit.tickFormat = (ticks, kind = "number", unit = "") => {
  const factor = kind === "percent" || kind === "change" ? 100 : 1;
  const scaled = ticks.map((tick) => tick * factor);
  const largest = Math.max(...scaled.map(Math.abs), 0);
  const tail = factor === 100 || unit.startsWith("%") ? "%" : "";
  if (!tail && largest >= 1e5) return (value) => kit.compactTick(value);
  const places = tickPlaces(scaled);
  return (value) => kit.fixed(value * factor, places) + tail;
};

/** A tick in short: 1.5M and 2M, not 2.00M. */
kit.compactTick = (value) => kit.compact(value).replace(/(\.\d*?)0+([A-Z]?)$/, "$1$2").replace(/\.([A-Z]?)$/, "$1");

function tickPlaces(ticks) {
  for (let places = 0; places < 9; places += 1) {
    const near = (tick) => Math.abs(tick - Number(tick.toFixed(places))) <= Math.abs(tick) * 1e-9 + 1e-12;
    if (ticks.every(near)) return places;
  }
  return 9;
}
