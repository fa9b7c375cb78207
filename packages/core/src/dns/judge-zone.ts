import type { CheckFinding } from "./check-finding.ts";
import { type DnssecFindingKind, type DnssecStatus, judgeDnssec } from "./judge-dnssec.ts";
import { judgeNameServers, type NameServerFindingKind } from "./judge-name-servers.ts";
import { judgeZoneContent, type ZoneContentFindingKind } from "./judge-zone-content.ts";
import type { ZoneFacts } from "./zone-facts.ts";

export type ZoneFindingKind = NameServerFindingKind | ZoneContentFindingKind | DnssecFindingKind;
export type ZoneFinding = CheckFinding<ZoneFindingKind>;

export interface ZoneVerdict {
  zone: string;
  dnssec: DnssecStatus;
  /** Of the zone, and of what its names publish. */
  findings: readonly CheckFinding[];
  /** No name server answered for it, so that nothing is known of what stands in it. */
  isUnheard?: true;
  /** Kinds of findings, with what they are about, that nobody could be asked about. */
  unasked?: readonly string[];
}

/** What can be said of a zone only once one of its name servers has answered for it. */
export const heardZoneKinds: readonly ZoneFindingKind[] = [
  "no-tcp",
  "delegation-differs",
  "serials-differ",
  "glue-missing",
  "glue-differs",
  "one-name-server",
  "one-network",
  "soa-times",
  "wildcard",
];

/**
 * Judges whether all the name servers of a zone answer for it, agree with one another and with the zone above, and
 * whether the zone's signatures let validating receivers read it.
 */
export function judgeZone(facts: ZoneFacts): ZoneVerdict {
  const dnssec = judgeDnssec(facts.zone, facts.dnssec);
  const isUnheard = facts.servers.every(({ kind }) => kind !== "authoritative");
  const isIpv6Unknown = facts.ipv6.some(({ hasIpv6 }) => hasIpv6 === null);
  return {
    ...(isIpv6Unknown ? { unasked: [`no-ipv6 ${facts.zone}`] } : {}),
    ...(isUnheard ? { isUnheard } : {}),
    zone: facts.zone,
    dnssec: dnssec.status,
    findings: [...judgeNameServers(facts), ...judgeZoneContent(facts), ...dnssec.findings],
  };
}
