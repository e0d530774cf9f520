// The start: read the data block, verify it, lay the pages out, draw them.

const block = document.getElementById("asof-data");
const root = document.getElementById("asof");
const expected = document.querySelector('meta[name="asof-data-sha256"]').content;

/** The data block, or null where it cannot be read: what is wrong is then said in the document. */
function readBlock() {
  try {
    return JSON.parse(block.textContent);
  } catch {
    root.replaceChildren(core.el("p", { class: "seal altered", role: "alert", id: "seal" },
      "ALTERED OR CUT: the data of this file cannot be read. Ask for the file again, or make it again with asof."));
    return null;
  }
}

/** Say in words whether the data are the ones that the file was written with. */
async function verify(seal) {
  const found = await core.sha256(block.textContent);
  const fine = found === expected;
  seal.classList.add(fine ? "verified" : "altered");
  seal.textContent = fine
    ? `Verified: the data have the hash they were written with (sha256 ${found.slice(0, 16)}…).`
    : `ALTERED: the data do not have the hash they were written with (sha256 ${found.slice(0, 16)}… instead of ${expected.slice(0, 16)}…). Do not rely on this file.`;
  seal.dataset.state = fine ? "verified" : "altered";
  if (!fine) seal.setAttribute("role", "alert");
}

/** Light, dark, or as the system has it: a switch that is not remembered, since the file stores nothing. */
function themeSwitch() {
  const html = document.documentElement;
  const dark = () => (html.dataset.theme ? html.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const toggle = core.button("", () => {
    html.dataset.theme = dark() ? "light" : "dark";
    shown();
  }, { class: "tool", "data-action": "theme" });
  const shown = () => {
    toggle.textContent = dark() ? "Light" : "Dark";
    toggle.setAttribute("aria-label", dark() ? "Show in light colours" : "Show in dark colours");
    core.redraw(true);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", shown);
  shown();
  return toggle;
}

/** Print in light colours, at the paper's width; on the screen again as it was. */
function printing() {
  let before = null;
  let opened = [];
  addEventListener("beforeprint", () => {
    if (before === null) {
      before = document.documentElement.dataset.theme || "";
      opened = [...document.querySelectorAll("details.provenance:not([open])")];
    }
    document.documentElement.dataset.theme = "light";
    opened.forEach((one) => { one.open = true; });
    core.redraw(true);
  });
  addEventListener("afterprint", () => {
    if (before) document.documentElement.dataset.theme = before;
    else delete document.documentElement.dataset.theme;
    opened.forEach((one) => { one.open = false; });
    before = null;
    core.redraw(true);
  });
}

function contents(pages) {
  const items = pages.map((one) => core.el("li", {}, core.el("a", { href: `#${one.id}` }, one.title),
    core.el("span", { class: "which" }, [one.function, core.clockShort(one.lineage)].filter(Boolean).map((text) => ` · ${text}`).join(""))));
  return core.el("nav", { class: "contents", "aria-labelledby": "contents-title", id: "contents" },
    core.el("h2", { id: "contents-title" }, "Contents"), core.el("ol", {}, ...items));
}

function footer(data) {
  const saved = core.button("Save data", () => core.save(`${core.fileName(data.title || "asof")}.json`, block.textContent, "application/json"),
    { class: "tool", "data-action": "json" });
  return core.el("footer", {},
    core.el("p", {}, `Made by asof ${data.version}, drawn by D3 ${d3.version} (ISC licence, in this file). `
      + "This file loads nothing and sends nothing."),
    core.el("p", {}, "To return to the pages in the terminal: ", core.el("code", {}, "asof open THIS-FILE.html")),
    core.el("p", {}, "sha256 of the data: ", core.el("code", { class: "hash" }, expected)),
    core.el("p", {}, saved));
}

function boot() {
  const data = readBlock();
  if (data === null) return;
  const seal = core.el("p", { class: "seal", role: "status", id: "seal" }, "Verifying the data …");
  const pages = data.pages.map((one, index) => ({ ...core.page(one, index + 1, data.pages.length === 1 && one.title === data.title), title: one.title, function: one.function, lineage: one.lineage }));
  root.replaceChildren(
    core.el("a", { class: "skip", href: pages.length > 1 ? "#contents" : "#main" }, "Skip to the content"),
    core.el("header", { class: "top" }, core.el("h1", {}, data.title), core.el("div", { class: "top-tools" }, themeSwitch()), seal),
    pages.length > 1 ? contents(pages) : document.createTextNode(""),
    core.el("main", { id: "main", tabindex: "-1" }, ...pages.map((one) => one.article)),
    footer(data));
  pages.forEach((one) => one.draw());
  core.follow();
  printing();
  verify(seal).then(() => { document.documentElement.dataset.ready = "true"; });
}

boot();
