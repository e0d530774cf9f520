// A file of core/ as the page has it: a plain script whose declarations share one scope with all others.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

function core(files, names) {
  const text = [files].flat().map((file) => readFileSync(join(__dirname, "..", "core", file), "utf8")).join("\n");
  return new Function(`"use strict";${text}\nreturn { ${names.join(", ")} };`)();
}

module.exports = { core };
