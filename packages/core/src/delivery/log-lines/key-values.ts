const pair = /(?:^|[\s,]+)([a-z_-]+)=(<[^>]*>|[^\s,]*)/g;

/** Reads `from=<a@b>, size=3`: keys in small letters, values without their angle brackets. */
export function parseKeyValues(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, key, value] of text.matchAll(pair))
    if (key !== undefined && value !== undefined && !found.has(key))
      found.set(key, value.startsWith("<") ? value.slice(1, -1) : value);
  return found;
}

/** Reads one value of `a=1, b=2`, in which no value holds a comma; null where it is not told. */
export function readValue(text: string, key: string): string | null {
  const at = text.startsWith(`${key}=`) ? 0 : text.indexOf(` ${key}=`) + 1;
  if (at === 0 && !text.startsWith(`${key}=`)) return null;
  const begin = at + key.length + 1;
  const end = text.indexOf(",", begin);
  return end < 0 ? text.slice(begin) : text.slice(begin, end);
}
