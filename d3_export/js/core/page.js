// One page of the terminal: heading, clock, notes, panels, provenance.

/** The page's article (`alone`: the file's heading is its own), and what draws its panels once it stands in the document. */
function page(document_, number, alone) {
  const id = `page-${number}`;
  const panels = document_.panels.map((one, index) => core.panel(one, document_, `${id}-panel-${index + 1}`));
  const article = core.el("article", { class: "page", id, "aria-labelledby": `${id}-title`, tabindex: "-1" },
    core.el("header", { class: "page-head" },
      core.el("h2", { id: `${id}-title`, class: alone ? "unseen" : null }, document_.title),
      core.el("p", { class: document_.lineage && !document_.lineage.live ? "clock past" : "clock" }, core.clockWords(document_.lineage)),
      securityLine(document_.security)),
    core.notes(document_.notes),
    core.el("div", { class: "panels" }, ...panels.map((one) => one.section)),
    core.sourceLine(document_),
    core.provenance(document_));
  return { article, id, draw: () => panels.forEach((one) => one.draw()) };
}

function securityLine(security) {
  if (!security) return null;
  const parts = [`${security.ticker} ${security.market}`, security.name, security.exchange, security.currency];
  return core.el("p", { class: "security" }, parts.filter(Boolean).join(" · "));
}

core.page = page;
