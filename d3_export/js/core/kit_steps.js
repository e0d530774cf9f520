// Where an arrow key leads among places that lie about freely.

/** The index of the place nearest to `index` in the direction (across, down), or `index` where there is none.
 *
 * Only what lies more in that direction than aside counts; far steps (Home, End, a page) go to the outermost.
 */
kit.nextIn = (places, index, across, down) => {
  const from = places[index];
  const far = Math.abs(across) > 1 || Math.abs(down) > 1;
  let best = { cost: Infinity, index };
  places.forEach((place, at) => {
    const [dx, dy] = [place.x - from.x, place.y - from.y];
    const ahead = across ? dx * Math.sign(across) : dy * Math.sign(down);
    const aside = Math.abs(across ? dy : dx);
    if (at === index || ahead <= 0 || (!far && aside > 2 * ahead)) return;
    const cost = far ? -ahead : ahead + 2 * aside;
    if (cost < best.cost) best = { cost, index: at };
  });
  return best.index;
};
