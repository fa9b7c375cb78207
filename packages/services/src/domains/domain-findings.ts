import { findingOfRecord, recordKey, type SeenFinding, seenFindingOf } from "@mailstead/core/checks";
import { heardZoneKinds } from "@mailstead/core/dns";
import { zoneFindingsOf } from "./domain-health.ts";
import type { DomainCheckReport } from "./domain-report.ts";

/** Everything that a check of a domain found: records that are not right, and what is wrong with its zones. */
export function findingsOf(report: DomainCheckReport): SeenFinding[] {
  if (report.kind !== "checked") return [];
  const ofRecords = report.records.flatMap(({ record, verdict }) => findingOfRecord(record, verdict) ?? []);
  const ofZones = zoneFindingsOf(report).map(seenFindingOf);
  return [...ofRecords, ...ofZones];
}

/** What nobody could be asked about in a check, so that it says nothing of it. */
export function unseenIn(report: DomainCheckReport): (key: string) => boolean {
  if (report.kind !== "checked") return () => true;
  const records = new Set(
    report.records
      .filter(({ verdict }) => verdict.kind === "unanswered")
      .map(({ record }) => recordKey(record)),
  );
  // Not even the zones were found, as happens when a resolver knows the root by heart and reaches nobody.
  const isBlind = report.zones?.length === 0 && records.size === report.records.length;
  if (isBlind) return () => true;
  const dark = (report.zones ?? []).filter(({ dnssec }) => dnssec.kind === "unknown").map(({ zone }) => zone);
  const unheard = (report.zones ?? []).filter(({ isUnheard }) => isUnheard === true).map(({ zone }) => zone);
  const unasked = [...(report.unasked ?? []), ...(report.zones ?? []).flatMap((zone) => zone.unasked ?? [])];
  return (key) =>
    records.has(key) ||
    unasked.some((kind) => key === kind || key.startsWith(`${kind} `)) ||
    unheard.some((zone) => heardZoneKinds.some((kind) => isAbout(key, { kind, zone }))) ||
    dark.some((zone) => /^(ds-|dnssec-|signatures-)/.test(key) && key.endsWith(` ${zone}`));
}

/** Zone findings are about the zone, a name server within it, or a type of its wildcard. */
function isAbout(key: string, { kind, zone }: { kind: string; zone: string }): boolean {
  const about = key.startsWith(`${kind} `) ? (key.slice(kind.length + 1).split(" ")[0] ?? "") : "";
  return `.${about}`.endsWith(`.${zone}`);
}
