/**
 * Reads a tag=value list (RFC 6376 §3.2), as DKIM and DMARC records are written. White space around tags and values
 * is dropped, the first of a repeated tag wins, and a part without "=" is left out.
 *
 * @example tagList("v=DMARC1; p=none").get("p") // "none"
 */
export function tagList(text: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of text.split(";")) {
    const at = part.indexOf("=");
    if (at < 1) continue;
    const name = part.slice(0, at).trim();
    if (!tags.has(name)) tags.set(name, part.slice(at + 1).trim());
  }
  return tags;
}
