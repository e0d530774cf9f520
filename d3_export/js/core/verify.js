// SHA-256 of the data block (FIPS 180-4): by the browser where it offers it (file:// is no secure context everywhere),
// else by hand.

/** The hash of a text's UTF-8 bytes, 64 hexadecimal digits. */
async function sha256(text) {
  const bytes = new TextEncoder().encode(text);
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  if (subtle) {
    try {
      return hex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
    } catch {
      // refused here: the sum is the same by hand
    }
  }
  return sha256Bytes(bytes);
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** First 32 bits of the fractional parts of `root`-th roots of the first `count` primes (FIPS 180-4, 4.2.2 and 5.3.3). */
function primeBits(count, root) {
  const bits = [];
  for (let candidate = 2; bits.length < count; candidate += 1) {
    let prime = true;
    for (let d = 2; d * d <= candidate; d += 1) if (candidate % d === 0) prime = false;
    if (prime) {
      const value = candidate ** (1 / root);
      bits.push(((value - Math.floor(value)) * 2 ** 32) | 0);
    }
  }
  return bits;
}

/** SHA-256 of bytes, by hand. */
function sha256Bytes(bytes) {
  const constants = primeBits(64, 3);
  const state = Int32Array.from(primeBits(8, 2));
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
  const words = new Int32Array(64);
  for (let start = 0; start < padded.length; start += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(start + i * 4);
    compress(state, words, constants);
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

const rotated = (word, by) => (word >>> by) | (word << (32 - by));

/** One block of 64 bytes, in `words[0..15]`, into the state (FIPS 180-4, 6.2.2). */
function compress(state, words, constants) {
  for (let i = 16; i < 64; i += 1) {
    const a = words[i - 15];
    const b = words[i - 2];
    const small0 = rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3);
    const small1 = rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10);
    words[i] = (words[i - 16] + small0 + words[i - 7] + small1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const big1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const first = (h + big1 + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
    const big0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + first) | 0;
    d = c; c = b; b = a; a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
}

core.sha256 = sha256;
core.sha256Bytes = sha256Bytes;
