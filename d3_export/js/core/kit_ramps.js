// Colours that tell a number: diverging from vermilion over the paper to blue, sequential in rising or falling light.
// Mixed in OKLab (Ottosson 2020), where equal steps look equal; both keep their order for readers who do not tell red
// from green, and in grey print each side of a diverging scale is one way in lightness.

const RAMPS = {
  diverging: {
    light: ["#8f1420", "#c94741", "#ee9677", "#fbd5c2", "#f5f4f1", "#cbe1ef", "#84b9dc", "#3a82bd", "#154a86"],
    dark: ["#ffa284", "#e06a4e", "#a23f30", "#5c2b27", "#2a2a2d", "#213e5a", "#2a689e", "#4d9bd8", "#97d0ff"],
  },
  sequential: {
    light: ["#f3f6d9", "#cfe9c0", "#93d3bb", "#52b4c0", "#2b8bb8", "#245fa1", "#1f3474"],
    dark: ["#262a4f", "#2c4d80", "#2a7590", "#2b9c8c", "#5dc06f", "#b0d94f", "#fbe95a"],
  },
};

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
}

function linear(channel) {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

function gamma(channel) {
  return channel <= 0.0031308 ? 12.92 * channel : 1.055 * channel ** (1 / 2.4) - 0.055;
}

function toOklab(hex) {
  const [r, g, b] = channels(hex).map(linear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const byte = (channel) => Math.round(Math.max(0, Math.min(1, gamma(channel))) * 255);
  return `#${rgb.map((channel) => byte(channel).toString(16).padStart(2, "0")).join("")}`;
}

// The colour at ``share`` (0 to 1) of the ramp.
function rampColour(name, dark, share) {
  const anchors = RAMPS[name][dark ? "dark" : "light"];
  const place = Math.max(0, Math.min(1, share)) * (anchors.length - 1);
  const at = Math.min(Math.floor(place), anchors.length - 2);
  const [from, to] = [toOklab(anchors[at]), toOklab(anchors[at + 1])];
  return fromOklab(from.map((part, i) => part + (to[i] - part) * (place - at)));
}

// Relative luminance and contrast, of WCAG 2.2.
function luminance(hex) {
  const [r, g, b] = channels(hex).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, two) {
  const [a, b] = [luminance(one), luminance(two)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

// The writing that reads on a ground: black or white, whichever stands out more.
function inkOn(ground) {
  return contrast(ground, "#000000") >= contrast(ground, "#ffffff") ? "#000000" : "#ffffff";
}

// Where ``value`` lies on a figure's scale, 0 to 1. A diverging scale has its centre at one half and the same step
// for the same distance on both sides, so that colours of either side compare.
function rampScale({ scale, center = 0, low = null, high = null }, values) {
  const known = values.filter(Number.isFinite);
  const least = low ?? (known.length ? Math.min(...known) : 0);
  const most = high ?? (known.length ? Math.max(...known) : 1);
  if (scale === "diverging") {
    const reach = Math.max(Math.abs(least - center), Math.abs(most - center)) || 1;
    return { low: center - reach, high: center + reach, share: (value) => 0.5 + (value - center) / (2 * reach) };
  }
  const width = most - least || 1;
  return { low: least, high: least + width, share: (value) => (value - least) / width };
}

// Colours of a ramp by value, drawn from a table of 256.
function ramp(name, dark, scale) {
  const table = Array.from({ length: 257 }, (_, i) => rampColour(name, dark, i / 256));
  return (value) => table[Math.round(Math.max(0, Math.min(1, scale.share(value))) * 256)];
}

Object.assign(kit, { rampColour, rampScale, ramp, rampInk: inkOn, rampContrast: contrast, toOklab });
