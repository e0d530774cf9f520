// A page's notes: warnings and what the reader must know.

const LEVELS = { info: "Note", warning: "Warning", error: "Error" };

/** What a note says to whoever can type a line ("FXIP ALL shows them"), to the sentence's end: no reader's business. */
const DOES = "adds?|carr(?:y|ies)|fetch(?:es)?|lists?|looks|refits|runs?|says?|shows?|shifts?|takes?";
const TYPED = new RegExp(`(?:^|([:;]) )(?:More: |[A-Z]{2,}[^a-z:;]* (?:and [A-Z]{2,} )?(?:${DOES})\\b).*$`);

function forReaders(text) {
  const sentences = text.split(/(?<=\.) (?=[A-Z])/).map((one) => one.replace(TYPED, (_, mark) => (mark ? "." : "")));
  return sentences.filter(Boolean).join(" ");
}

/** The notes as a list, or null where there are none. */
function notes(list) {
  const lasting = list.map((note) => ({ ...note, text: forReaders(note.text) || (note.level === "info" ? "" : note.text) })).filter((note) => !note.passing && note.text);
  if (!lasting.length) return null;
  const items = lasting.map((note) =>
    core.el("li", { class: `note ${Object.hasOwn(LEVELS, note.level) ? note.level : "info"}` },
      core.el("span", { class: "level" }, `${LEVELS[note.level] || LEVELS.info}: `), note.text));
  return core.el("ul", { class: "notes", "aria-label": "Notes" }, ...items);
}

core.notes = notes;
