// What files of core/ put on the kit, read as the page reads them: plain scripts, each in a block of its own.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

function core(...files) {
  const text = files.map((file) => `{${readFileSync(join(__dirname, "..", "core", file), "utf8")}\n}`).join("\n");
  return new Function(`"use strict"; const kit = {};${text}\nreturn kit;`)();
}

module.exports = { core };
