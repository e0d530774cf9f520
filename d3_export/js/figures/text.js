// Paragraphs. A line that starts with "# " is a heading; nothing else is interpreted.

figures.text = {
  draw(box, figure, kit) {
    const root = kit.el("div", "prose", null, box);
    for (const line of figure.lines) {
      if (line.startsWith("# ")) kit.el("h4", "", line.slice(2), root).dataset.mark = "heading";
      else if (line.trim()) kit.el("p", "", line, root).dataset.mark = "line";
      else kit.el("p", "gap", "", root);
    }
    if (!figure.lines.length) kit.el("p", "empty", "Nothing is written here.", root);
    return { resize() {}, csv: () => [["line"], ...figure.lines.map((line) => [line])], describe: () => "" };
  },
};
