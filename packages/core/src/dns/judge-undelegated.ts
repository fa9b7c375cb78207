import type { RecordVerdict } from "./judge-record.ts";
import type { ZoneVerdict } from "./judge-zone.ts";
import type { PlannedRecord } from "./planned-record.ts";

/**
 * What is said of a domain that lies in no zone but the registry's own: where that has not one of its records either, the
 * domain is not delegated. What else was found out about the domain has its place there as well.
 */
export function judgeUndelegated(
  domain: string,
  {
    registryZone,
    records,
  }: {
    registryZone: string;
    records: readonly { record: PlannedRecord; verdict: Pick<RecordVerdict, "kind"> }[];
  },
): ZoneVerdict {
  const own = records.filter(({ record }) => record.publishedAt === "domain-dns");
  const isUnknown = own.length > 0 && own.every(({ verdict }) => verdict.kind === "missing");
  return {
    zone: domain,
    dnssec: { kind: "none", sentence: "There is no zone to sign." },
    findings: isUnknown
      ? [
          {
            kind: "not-delegated",
            about: domain,
            severity: "error",
            sentence: `The world does not find ${domain}: the zone above, ${registryZone}, names no name servers for it.`,
            evidence: [`${registryZone}: no NS for ${domain}`],
            why: "No record of the domain can be seen, so nobody can send mail to it or believe mail from it.",
            fix: "Look at the registrar whether the domain is registered, paid and not on hold, and enter its name servers there; then look whether its name is spelt right here.",
          },
        ]
      : [],
  };
}
