const sequence = 0x30;
const integer = 0x02;
const bitString = 0x03;

/**
 * The bits of the RSA key in a DKIM record (RFC 6376 §3.6.1), as it is published; null for a key of another kind, a revoked
 * one, and what is no key at all.
 */
export function rsaBitsOfRecord(record: string): number | null {
  const tags = new Map(
    record.split(";").map((tag) => {
      const [name = "", ...value] = tag.split("=");
      return [name.trim(), value.join("=").replace(/\s/g, "")] as const;
    }),
  );
  const key = tags.get("p") ?? "";
  if ((tags.get("k") ?? "rsa") !== "rsa" || key === "") return null;
  const bytes = fromBase64(key);
  return bytes === null ? null : modulusBits(bytes);
}

/** SubjectPublicKeyInfo (RFC 5280 §4.1), or the bare RSAPublicKey of RFC 8017 that some publish. */
function modulusBits(der: Uint8Array): number | null {
  const outer = read(der, 0, sequence);
  if (outer === null) return null;
  const algorithm = read(der, outer.start, sequence);
  if (algorithm === null) return bitsOf(der, outer.start);
  const key = read(der, algorithm.end, bitString);
  const inner = key === null ? null : read(der, key.start + 1, sequence);
  return inner === null ? null : bitsOf(der, inner.start);
}

function bitsOf(der: Uint8Array, at: number): number | null {
  const modulus = read(der, at, integer);
  if (modulus === null) return null;
  let { start } = modulus;
  while (start < modulus.end && der[start] === 0) start += 1;
  const first = der[start];
  return first === undefined || start >= modulus.end
    ? null
    : (modulus.end - start - 1) * 8 + (32 - Math.clz32(first));
}

/** Where the contents of a value of this tag stand; null where there is none, or it is longer than what is there. */
function read(der: Uint8Array, at: number, tag: number): { start: number; end: number } | null {
  const short = der[at + 1];
  if (der[at] !== tag || short === undefined) return null;
  if (short < 0x80) return within(der, at + 2, short);
  const count = short & 0x7f;
  let length = 0;
  for (let place = 0; place < count; place += 1) length = length * 256 + (der[at + 2 + place] ?? 0);
  return count > 4 ? null : within(der, at + 2 + count, length);
}

function within(der: Uint8Array, start: number, length: number): { start: number; end: number } | null {
  return start + length > der.length ? null : { start, end: start + length };
}

function fromBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const bytes: number[] = [];
  let [held, count] = [0, 0];
  for (const letter of text.replace(/=+$/, "")) {
    held = ((held << 6) | digits.indexOf(letter)) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push((held >> count) & 0xff);
    }
  }
  return new Uint8Array(bytes);
}
