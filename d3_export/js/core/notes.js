// A page's notes: warnings and what the reader must know.

const LEVELS = { info: "Note", warning: "Warning", error: "Error" };

/** The notes as a list, or null where there are none. */
function notes(list) {
  const lasting = list.filter((note) => !note.passing);
  if (!lasting.length) return null;
  const items = lasting.map((note) =>
    core.el("li", { class: `note ${Object.hasOwn(LEVELS, note.level) ? note.level : "info"}` },
      core.el("span", { class: "level" }, `${LEVELS[note.level] || LEVELS.info}: `), note.text));
  return core.el("ul", { class: "notes", "aria-label": "Notes" }, ...items);
}

core.notes = notes;
