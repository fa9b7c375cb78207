const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/**
 * The same things in an order that nobody chose and that is the same each time for the same seed, so that no customer is
 * always the first (FNV-1a, 32 bits, with the mixing of MurmurHash3's end; ties by id).
 */
export function hashOrder<T>(seed: string, things: readonly T[], idOf: (thing: T) => string): readonly T[] {
  return things
    .map((thing) => ({ thing, id: idOf(thing), hash: hashOf(`${seed} ${idOf(thing)}`) }))
    .toSorted((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1))
    .map(({ thing }) => thing);
}

function hashOf(text: string): number {
  let hash = offsetBasis;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), prime);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
