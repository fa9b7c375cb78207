import { type CheckFinding, parseMx, zoneFileLine } from "../dns/index.ts";
import { evidenceOfRecords, type ShownRecords } from "./shown-records.ts";

/** Judges the MX records of a domain together, whoever's hosts they name. */
export function judgeMxSet(shown: ShownRecords): CheckFinding<"mx-duplicate">[] {
  const found = shown.values.map(parseMx).sort((one, other) => one.preference - other.preference);
  const repeated = [
    ...new Set(
      found
        .filter(({ host }, at) => found.findIndex((one) => one.host === host) < at)
        .map(({ host }) => host),
    ),
  ];
  return repeated.map((host) => {
    const own = found.filter((one) => one.host === host);
    return {
      kind: "mx-duplicate",
      about: `${shown.name} ${host}`,
      severity: "warning",
      sentence: `${shown.name} names ${host} in ${own.length} MX records.`,
      evidence: evidenceOfRecords(
        shown,
        own.map(({ preference }) => `${preference} ${host}`),
      ),
      why: "It stands in for nobody: senders try the same server again, and give up later.",
      fix: "Leave the one with the lowest number.",
      record: zoneFileLine({ name: shown.name, type: "MX", value: `${own[0]?.preference ?? 10} ${host}` }),
    };
  });
}
