const pair = /(?:^|[\s,]+)([a-z_-]+)=(<[^>]*>|[^\s,]*)/g;

/** Reads `from=<a@b>, size=3`: keys in small letters, values without their angle brackets. */
export function parseKeyValues(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, key, value] of text.matchAll(pair))
    if (key !== undefined && value !== undefined && !found.has(key))
      found.set(key, value.startsWith("<") ? value.slice(1, -1) : value);
  return found;
}

/**
 * Reads one value of `a=1, b=2`, in which no value holds a comma; null where it is not told. `name` is the key with its equals
 * sign.
 */
export function readValue(text: string, name: `${string}=`): string | null {
  let at = 0;
  if (!text.startsWith(name)) {
    do at = text.indexOf(name, at + 1);
    while (at > 0 && text.charCodeAt(at - 1) !== space);
    if (at < 0) return null;
  }
  const begin = at + name.length;
  const end = text.indexOf(",", begin);
  return end < 0 ? text.slice(begin) : text.slice(begin, end);
}

const space = 0x20;
