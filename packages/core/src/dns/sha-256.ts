// FIPS 180-4. Written out because this package runs without any platform, and so has no crypto to import.

const primes = firstPrimes(64);
/** FIPS 180-4 §4.2.2 and §5.3.3: the fractions of the cube roots and square roots of the first primes. */
const roundConstants = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const startState = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const blockBytes = 64;

/**
 * SHA-256 of an ASCII text, as hexadecimal digits. For names of versions, not for secrets: it takes no care of timing.
 * Throws `RangeError` for a text with any other character, whose octets would depend on the encoding.
 */
export function sha256Hex(text: string): string {
  const state = Uint32Array.from(startState);
  const schedule = new Uint32Array(blockBytes);
  const padded = paddedOctets(text);
  for (let at = 0; at < padded.byteLength; at += blockBytes) {
    for (let i = 0; i < 16; i += 1) schedule[i] = padded.getUint32(at + i * 4);
    absorb(state, schedule);
  }
  let digits = "";
  for (const word of state) digits += word.toString(16).padStart(8, "0");
  return digits;
}

/** The text, a one bit, zeros, and the length in bits at the end of the last block (FIPS 180-4 §5.1.1). */
function paddedOctets(text: string): DataView {
  const lengthBytes = Math.ceil((text.length + 9) / blockBytes) * blockBytes;
  const padded = new DataView(new ArrayBuffer(lengthBytes));
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) throw new RangeError(`Only ASCII is digested, and character ${at + 1} is none.`);
    padded.setUint8(at, code);
  }
  padded.setUint8(text.length, 0x80);
  padded.setBigUint64(lengthBytes - 8, BigInt(text.length) * 8n);
  return padded;
}

/** FIPS 180-4 §6.2.2, for one block whose words fill the first quarter of the schedule. */
function absorb(state: Uint32Array, w: Uint32Array): void {
  for (let i = 16; i < blockBytes; i += 1) {
    const x = w[i - 15] ?? 0;
    const y = w[i - 2] ?? 0;
    const s0 = rotated(x, 7) ^ rotated(x, 18) ^ (x >>> 3);
    const s1 = rotated(y, 17) ^ rotated(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < blockBytes; i += 1) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = (h + s1 + choice + (roundConstants[i] ?? 0) + (w[i] ?? 0)) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + s0 + majority) | 0;
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] ?? 0) + value;
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32);
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
}
