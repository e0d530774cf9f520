// Panels of one page over one span of time: what one shows the others show, and its cursor's date is marked in all.

const DAY = 86400000;
const NEAR = 0.05; // of the span: how far apart the ends of two panels may lie
const joined = new Map(); // a page's JSON -> its members
let moving = false;

/** Joins a chart to the others of `page` that span the same time.
 *
 * `member`: `view`, `instant(place)` -> ms, `place(ms)`, `point(place or null)` marks a date that another's cursor is at.
 * -> { moved(), pointed(place or null) } to be called when the chart's own window or cursor moved.
 */
kit.share = (page, member) => {
  const all = joined.get(page) || [];
  joined.set(page, [...all, member]);
  const ends = () => [member.instant(0), member.instant(member.view.count)];
  const others = () => joined.get(page).filter((one) => one !== member && near(ends(), [one.instant(0), one.instant(one.view.count)]));
  return {
    moved() {
      if (moving) return;
      moving = true;
      const [from, to] = [member.instant(member.view.start), member.instant(member.view.end)];
      for (const one of others()) {
        if (member.view.whole()) one.view.reset();
        else one.view.set(bounded(one, from), bounded(one, to));
      }
      moving = false;
    },
    pointed(place) {
      const at = place === null ? null : member.instant(place);
      for (const one of others()) one.point(at === null ? null : one.place(at));
    },
  };
};

/** For a chart that shares its axis with none. */
kit.alone = { moved() {}, pointed() {} };

const bounded = ({ view, place }, at) => kit.clamp(place(at), 0, view.count);

function near(one, other) {
  const span = Math.max(one[1] - one[0], other[1] - other[0]);
  return Math.abs(one[0] - other[0]) <= span * NEAR && Math.abs(one[1] - other[1]) <= span * NEAR;
}

/** `instant` and `place` of an axis on which `days` (ISO dates, ascending) follow one another. */
kit.byDays = (days) => ({
  instant: (place) => (place >= days.length ? kit.time(days[days.length - 1]) + DAY : kit.time(days[Math.floor(Math.max(place, 0))])),
  place: (at) => kit.firstFrom(days, new Date(at).toISOString().slice(0, 10)),
});

/** A line in `plot` at `x` px from `top` to `foot`, where another panel's cursor is; none where `x` is null or not in sight. */
kit.sharedCursor = (plot, x, at, top, foot) => {
  const layer = kit.clear(plot.layer("shared"));
  if (x === null || x < at.left || x > at.right) return;
  kit.svg("line", { class: "cursor", x1: Math.round(x) + 0.5, x2: Math.round(x) + 0.5, y1: top, y2: foot }, layer);
};
