import {
  absoluteData,
  canonicalName,
  type RecordSet,
  recordData,
  type SetChange,
  setKey,
  standingState,
  valueOfData,
} from "@mailstead/core/publishing";
import { DnsProviderError } from "./provider.ts";

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
export interface DataSet {
  name: string;
  type: string;
  ttlSeconds: number;
  data: readonly string[];
}

/** What becomes of one record where records are written one by one: new (`old` null), changed, or gone (`body` null). */
export type RecordChange<Old, Body> = { old: Old | null; body: Body | null };

/**
 * Pairs what goes with what comes, so that a record is changed in place: with one more or one less in between, a name
 * would have two SPF records or no alias for a moment, and for long when the second request fails. What only comes goes
 * before what only goes.
 */
export function recordChanges<Old, Body>({
  gone,
  come,
}: {
  gone: readonly Old[];
  come: readonly Body[];
}): RecordChange<Old, Body>[] {
  return [
    ...come.map((body, index) => ({ old: gone[index] ?? null, body })),
    ...gone.slice(come.length).map((old) => ({ old, body: null })),
  ];
}

/** What a set says; with `origin`, names without a final dot lie below it, as in a zone file. */
export function setOfData({ name, type, ttlSeconds, data }: DataSet, origin?: string): RecordSet {
  const values = [...new Set(data.map((text) => meaningOf(type, text, origin)))];
  return { name: canonicalName(name), type, ttlSeconds, values };
}

/**
 * The data that make a set what its change says, for providers that take a set only whole. Values that stay are given
 * back in the very data in which they stand: how a text is cut into strings may mean something to whoever wrote it.
 * Throws `changed-meanwhile` when `standing` is not what the change was planned for.
 */
export function dataAfter(
  { name, type, before, after }: SetChange,
  standing: readonly string[],
  origin?: string,
): string[] {
  const known = new Map(standing.map((data) => [meaningOf(type, data, origin), data]));
  const state = (values: Iterable<string>) =>
    standingState([{ name, type, ttlSeconds: 0, values: [...values] }]);
  if (state(known.keys()) !== state(before)) throw changedMeanwhile(name, type);
  return after.map((value) => known.get(value) ?? recordData(type, value));
}

/** Nothing is written then, and the caller plans anew. */
export function changedMeanwhile(name: string, type: string): DnsProviderError {
  return new DnsProviderError(
    "changed-meanwhile",
    `The ${type} records of ${name} are not as they were a moment ago; nothing was written.`,
  );
}

function meaningOf(type: string, data: string, origin: string | undefined): string {
  return valueOfData(type, origin === undefined ? data : absoluteData(type, data, origin));
}

/** The name as providers write it below a zone: "@" for the zone itself. */
export function nameInZone(name: string, zone: string, apex = "@"): string {
  return name === zone ? apex : name.slice(0, -(zone.length + 1));
}

/** The opposite of nameInZone. */
export function absoluteName(name: string, zone: string): string {
  return name === "" || name === "@" ? zone : canonicalName(`${name}.${zone}`);
}
