import { canonicalName, type RecordSet, setKey, valueOfData } from "@mailstead/core/publishing";

export interface ListedRecord {
  name: string;
  type: string;
  ttlSeconds: number;
  /** In canonical form. */
  value: string;
}

/** Joins single records to the sets that they make, keeping those under the names asked for. */
export function joinToSets(records: readonly ListedRecord[], names: readonly string[]): RecordSet[] {
  const wanted = new Set(names.map(canonicalName));
  const sets = new Map<string, RecordSet>();
  for (const { name: written, type, ttlSeconds, value } of records) {
    const name = canonicalName(written);
    if (!wanted.has(name)) continue;
    const key = setKey({ name, type });
    const values = [...(sets.get(key)?.values ?? []), value];
    sets.set(key, { name, type, ttlSeconds, values: [...new Set(values)] });
  }
  return [...sets.values()];
}

/** A set as most providers list it, its values as zone file data. */
export function setOfData(set: {
  name: string;
  type: string;
  ttlSeconds: number;
  data: readonly string[];
}): RecordSet {
  const { name, type, ttlSeconds, data } = set;
  const values = [...new Set(data.map((text) => valueOfData(type, text)))];
  return { name: canonicalName(name), type, ttlSeconds, values };
}

/** The name as providers write it below a zone: "@" for the zone itself. */
export function nameInZone(name: string, zone: string, apex = "@"): string {
  return name === zone ? apex : name.slice(0, -(zone.length + 1));
}

/** The opposite of nameInZone. */
export function absoluteName(name: string, zone: string): string {
  return name === "" || name === "@" ? zone : canonicalName(`${name}.${zone}`);
}
