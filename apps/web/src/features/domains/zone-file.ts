import type { PlannedRecord } from "@mailstead/core/dns";
import { isForPeople } from "./record-standing.ts";

type ShownRecord = Pick<PlannedRecord, "name" | "publishedAt"> & { zoneFileLine: string };

/**
 * The records of a domain's zone as a file that DNS providers import. Records of names outside it are left out, because
 * a zone cannot hold them, and so are those that only the provider of an address can set.
 */
export function zoneFileOf(domain: string, records: readonly ShownRecord[]): string {
  const lines = records.filter((record) => isInZone(domain, record)).map((record) => record.zoneFileLine);
  return `${[`$ORIGIN ${domain}.`, ...lines].join("\n")}\n`;
}

/** All records that somebody publishes, to be pasted: the domain's zone, then what belongs into other zones. */
export function zoneLinesOf(
  domain: string,
  records: readonly ShownRecord[],
  words: { elsewhere: string },
): string {
  const elsewhere = records.filter((record) => isForPeople(record) && !isInZone(domain, record));
  const others = elsewhere.map((record) => record.zoneFileLine);
  const tail = others.length === 0 ? "" : `${[`; ${words.elsewhere}`, ...others].join("\n")}\n`;
  return zoneFileOf(domain, records) + tail;
}

function isInZone(domain: string, record: ShownRecord): boolean {
  return isForPeople(record) && `.${record.name}`.endsWith(`.${domain}`);
}
