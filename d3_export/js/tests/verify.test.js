// SHA-256 by hand against node's own, and FIPS 180-4's examples; CSV fields.
const test = require("node:test");
const assert = require("node:assert");
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

function core(file) {
  const text = readFileSync(join(__dirname, "..", "core", file), "utf8");
  return new Function(`"use strict"; const core = {};{${text}\n}\nreturn core;`)();
}

const { sha256Bytes } = core("verify.js");
const { toCsv } = core("csv.js");
const bytes = (text) => new TextEncoder().encode(text);

test("the examples of FIPS 180-4", () => {
  assert.equal(sha256Bytes(bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(sha256Bytes(bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
});

test("every length around the ends of blocks, and a long one", () => {
  for (const length of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 121, 1000, 1 << 20]) {
    const data = Uint8Array.from({ length }, (_, i) => (i * 31 + 7) & 255);
    assert.equal(sha256Bytes(data), createHash("sha256").update(data).digest("hex"));
  }
});

test("CSV: quotes, line ends, blanks, and no formula", () => {
  const rows = [["a", "b"], [1.5, null], ['x"y', "p,q"], [NaN, "l\nm"], ["=1+1", "-5%"], ["＝x", -0.25], [true, "@x"]];
  assert.equal(toCsv(rows), 'a,b\r\n1.5,\r\n"x""y","p,q"\r\n,"l\nm"\r\n\'=1+1,-5%\r\n\'＝x,-0.25\r\ntrue,\'@x\r\n');
});
