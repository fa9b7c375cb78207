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
  const padded = paddedOctets(text);
  const schedule = new Uint32Array(blockBytes);
  for (let at = 0; at < padded.length; at += blockBytes) absorb(state, { schedule, padded, at });
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

function paddedOctets(text: string): Uint8Array {
  const lengthBytes = Math.ceil((text.length + 9) / blockBytes) * blockBytes;
  const padded = new Uint8Array(lengthBytes);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) throw new RangeError(`Only ASCII is digested, and character ${at + 1} is none.`);
    padded[at] = code;
  }
  padded[text.length] = 0x80;
  const lengthBits = text.length * 8;
  for (let back = 0; back < 6; back += 1)
    padded[lengthBytes - 1 - back] = Math.floor(lengthBits / 256 ** back) & 0xff;
  return padded;
}

function absorb(
  state: Uint32Array,
  { schedule: w, padded, at }: { schedule: Uint32Array; padded: Uint8Array; at: number },
): void {
  for (let i = 0; i < 16; i += 1) {
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = padded.subarray(at + i * 4, at + i * 4 + 4);
    w[i] = (b0 << 24) | (b1 << 16) | (b2 << 8) | b3;
  }
  for (let i = 16; i < blockBytes; i += 1) {
    const [x = 0, y = 0] = [w[i - 15], w[i - 2]];
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
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + s0 + majority) | 0];
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
