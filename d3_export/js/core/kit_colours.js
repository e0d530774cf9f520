// Colours are variables of css/colours.css, read when something is drawn: light, dark and paper need no word here.

const SERIES = 8;

/** The value of a CSS variable ("--ink") where `element` stands. */
kit.css = (name, element = document.documentElement) => getComputedStyle(element).getPropertyValue(name).trim();

/** The variable's name of the colour of series `index`: "--c1" to "--c8", then again. */
kit.seriesName = (index) => `--c${(index % SERIES) + 1}`;

/** The colour itself: what a canvas wants. */
kit.seriesColour = (index, element) => kit.css(kit.seriesName(index), element);

/** Dashes that tell series apart whose colours are the same: none for the first eight. */
kit.seriesDash = (index) => [[], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4]][Math.floor(index / SERIES) % 5];

/** The colours that a canvas draws with, by name: {ink, muted, grid, ...}. */
kit.palette = (...names) => {
  const styles = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, styles.getPropertyValue(`--${name}`).trim()]));
};
