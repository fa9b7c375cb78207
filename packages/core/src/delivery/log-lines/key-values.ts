const pair = /(?:^|[\s,]+)([a-z_-]+)=(<[^>]*>|[^\s,]*)/g;

/** Reads `from=<a@b>, size=3`: keys in small letters, values without their angle brackets. */
export function parseKeyValues(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, key, value] of text.matchAll(pair))
    if (key !== undefined && value !== undefined && !found.has(key))
      found.set(key, value.startsWith("<") ? value.slice(1, -1) : value);
  return found;
}
