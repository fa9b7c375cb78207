/**
 * A number from 0 up to 1 that is always the same for a text and spread evenly over texts: jitter that survives a
 * restart. FNV-1a, finished as MurmurHash3 does, because FNV alone hardly changes the high bits at the text's end.
 */
export function spreadOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
