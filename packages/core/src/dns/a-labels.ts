// RFC 3492 §5: the parameters of Punycode.
const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialN = 0x80;

/**
 * A name as DNS has it: small letters, labels beyond ASCII as "xn--" (RFC 5890 §2.3.2.1), no full stop at the end.
 *
 * @example toALabels("Bücher.example.") // "xn--bcher-kva.example"
 */
export function toALabels(name: string): string {
  return name
    .normalize("NFC")
    .toLowerCase()
    .split(/[.。]/)
    .map((label) => (/^[\x20-\x7e]*$/.test(label) ? label : `xn--${punycode(label)}`))
    .join(".")
    .replace(/\.$/, "");
}

/** RFC 3492 §6.3. */
function punycode(label: string): string {
  const points = Array.from(label, (letter) => letter.codePointAt(0) ?? 0);
  const plain = points.filter((point) => point < initialN);
  let output = String.fromCodePoint(...plain) + (plain.length > 0 ? "-" : "");
  let n = initialN;
  let delta = 0;
  let bias = initialBias;
  let handled = plain.length;
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta += 1;
      if (point !== n) continue;
      output += variableLength(delta, bias);
      bias = adapt(delta, { points: handled + 1, isFirst: handled === plain.length });
      delta = 0;
      handled += 1;
    }
    delta += 1;
    n += 1;
  }
  return output;
}

function variableLength(delta: number, bias: number): string {
  let output = "";
  let q = delta;
  for (let k = base; ; k += base) {
    const t = Math.min(Math.max(k - bias, tMin), tMax);
    if (q < t) return output + digit(q);
    output += digit(t + ((q - t) % (base - t)));
    q = Math.floor((q - t) / (base - t));
  }
}

function adapt(delta: number, { points, isFirst }: { points: number; isFirst: boolean }): number {
  let rest = isFirst ? Math.floor(delta / damp) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  while (rest > ((base - tMin) * tMax) >> 1) {
    rest = Math.floor(rest / (base - tMin));
    k += base;
  }
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22);
}
