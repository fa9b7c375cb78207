/** What in a zone file cannot be understood; the message is a sentence for whoever wrote it. */
export class ZoneDataError extends Error {
  override readonly name = "ZoneDataError";
}

/** The octets that a word stands for: \DDD is one octet, \X is X, and all else is UTF-8 (RFC 1035 §5.1). */
export function octetsOfWord(text: string): number[] {
  const octets: number[] = [];
  for (const [part, digits, escaped] of text.matchAll(/\\(\d{3})|\\(.)|./gsu)) {
    if (digits !== undefined) octets.push(octetOf(digits));
    else if (escaped !== undefined && /\d/.test(escaped))
      throw new ZoneDataError(`"${part}" is no escape: three digits follow a backslash.`);
    else octets.push(...utf8Octets(escaped ?? part));
  }
  return octets;
}

/** The octets of a text in UTF-8; half a surrogate pair is U+FFFD. */
export function utf8Octets(text: string): number[] {
  const encoded = encodeURIComponent(text.toWellFormed());
  return (encoded.match(/%[0-9A-F]{2}|[^%]/g) ?? []).map((part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  );
}

/** The text that octets are in UTF-8, or null when they are none. */
export function textOfOctets(octets: readonly number[]): string | null {
  try {
    return decodeURIComponent(octets.map((octet) => `%${octet.toString(16).padStart(2, "0")}`).join(""));
  } catch (cause) {
    if (cause instanceof URIError) return null;
    throw cause;
  }
}

function octetOf(digits: string): number {
  const octet = Number(digits);
  if (octet > 255) throw new ZoneDataError(`"\\${digits}" is no octet, which ends at 255.`);
  return octet;
}
