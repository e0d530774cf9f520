// Dated marks at the foot of a plot: a letter in a ring; those that would touch are one ring with their number.

const RING = 8;
const SIGNS = { "entry, long": "▲", "entry, short": "▼", exit: "◆" };

const sign = (event) => SIGNS[event.kind] || event.kind.slice(0, 1).toUpperCase();

/**
 * Rings in `layer` for `places` [{x, index, events}] at height `y`. -> the rings drawn, for kit.eventAt.
 * Events with a level stand in the plot too, where `scale` places it.
 */
kit.drawEvents = (layer, places, y, at, scale) => {
  kit.clear(layer);
  for (const { x, events } of places) {
    for (const event of events) if (Number.isFinite(event.level)) drawLevel(layer, x, scale(event.level), event);
  }
  const rings = [];
  for (const place of places) {
    const before = rings[rings.length - 1];
    if (before && place.x - before.x < RING * 2) before.several.push(place);
    else rings.push({ x: kit.clamp(place.x, at.left + RING, at.right - RING), several: [place] });
  }
  for (const ring of rings) drawRing(layer, ring, y);
  return rings.map((ring) => ({ ...ring, y, index: ring.several[0].index }));
};

function drawLevel(layer, x, y, event) {
  const mark = kit.svg("g", { class: "event", "data-mark": "level" }, layer);
  kit.svg("text", { x, y, dy: "0.35em", "text-anchor": "middle" }, mark, sign(event));
}

function drawRing(layer, ring, y) {
  const events = ring.several.flatMap((place) => place.events);
  const told = ring.several.length > 1 || events.length > 1 ? String(events.length) : sign(events[0]);
  const mark = kit.svg("g", { class: "event", "data-mark": "event", "data-count": events.length }, layer);
  kit.svg("circle", { cx: ring.x, cy: y, r: RING }, mark);
  kit.svg("text", { x: ring.x, y, dy: "0.35em", "text-anchor": "middle" }, mark, told);
}

/** The ring under a pointer, or null. */
kit.eventAt = (rings, x, y) =>
  rings.find((ring) => Math.abs(ring.x - x) <= RING + 2 && Math.abs(ring.y - y) <= RING + 3) || null;

/** Events in words: "2012-08-09 dividend: 0.09464 USD"; of many the first few. */
kit.eventWords = (events, most = 5) => {
  const told = events.slice(0, most).map((event) => `${event.date} ${event.label || event.kind}`);
  return events.length > most ? `${told.join("; ")}; and ${events.length - most} more` : told.join("; ");
};
