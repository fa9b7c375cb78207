import { judgeAlignment, type ListedSubject, type SeenPolicy } from "@mailstead/core/checks";
import {
  type CheckFinding,
  judgeRecord,
  judgeUndelegated,
  type PlannedRecord,
  type RecordVerdict,
  type ZoneVerdict,
} from "@mailstead/core/dns";
import type { OutsideSources } from "../context/index.ts";
import { DnsView } from "./dns-view.ts";
import type { PageFetching } from "./fetch-page.ts";
import { inspectDomainTexts } from "./inspect-domain-texts.ts";
import { inspectMtaSts } from "./inspect-mta-sts.ts";
import { inspectRegisters, type SeenRegistration } from "./inspect-registers.ts";
import { inspectBimi, inspectWebNames } from "./inspect-web-names.ts";
import type { Inspected } from "./inspected.ts";
import { DnsQueryError } from "./query-name-server.ts";
import { type AskedRecord, contextOf, dmarcPolicyOf } from "./record-context.ts";
import type { Resolver } from "./resolver.ts";

export interface CheckedRecord {
  record: PlannedRecord;
  verdict: RecordVerdict;
}

export type RecordCheck =
  | {
      kind: "checked";
      records: CheckedRecord[];
      /** The zones that the records lie in; left out in checks from before they were tested. */
      zones?: ZoneVerdict[];
      /** The MTA-STS policy that was read, for the next check to compare. */
      policy?: SeenPolicy;
      /** Kinds of findings that nobody could be asked about; left out in checks from before they were looked for. */
      unasked?: readonly string[];
      /** What the register said of the domain, for the next check not to ask again. */
      registration?: SeenRegistration;
      /** What block lists said of the domain, for the next check not to ask again too soon. */
      listings?: readonly ListedSubject[];
    }
  /** Nothing can be said of any record, so this is one finding and not one per record. */
  | { kind: "resolver-silent"; sentence: string };

export interface CheckOptions {
  now?: Date;
  /** The domain whose MTA-STS policy is fetched, what the check before saw of it, and how it is fetched. */
  policy?: {
    domain: string;
    before: SeenPolicy | null;
    untrustedHosts?: readonly string[];
    fetching?: PageFetching;
  };
  /** Names of the domain's DKIM keys that were given up, and under which nothing is to be left. */
  oldKeyNames?: readonly string[];
  /** The registers that are asked about the domain, and what one said before. */
  registers?: {
    sources: OutsideSources;
    before: SeenRegistration | null;
    listingsBefore?: readonly ListedSubject[] | undefined;
  };
  /** What others look at with the same view of the DNS. */
  also?: (view: DnsView) => Promise<Inspected>;
  /** What is known of the domain without asking anybody. */
  known?: readonly CheckFinding[];
}

/**
 * Asks the authoritative servers of every zone involved for each planned record, past all caches, looks up what the
 * answers lead to, and judges them and the zones. Never throws for what the network does.
 */
export async function checkRecords(
  records: readonly PlannedRecord[],
  resolver: Resolver,
  {
    now = new Date(),
    policy,
    oldKeyNames = [],
    registers = { sources: {}, before: null },
    known = [],
    also = async () => nothing,
  }: CheckOptions = {},
): Promise<RecordCheck> {
  const view = new DnsView(resolver);
  try {
    // The zones of addresses belong to whoever rents those out, and are not for us to test.
    const own = records.filter((record) => record.publishedAt !== "address-provider");
    await Promise.all(own.map((record) => view.inspectZoneOf(record.name, now)));
    const asked = await Promise.all(
      records.map(async (record) => ({ record, answers: await view.askEverywhere(record) })),
    );
    const checked = asked.map(async (one): Promise<CheckedRecord> => {
      const context = await contextOf(one, { asked, view });
      return { record: one.record, verdict: judgeRecord(one.record, one.answers, context) };
    });
    const domain =
      policy === undefined
        ? null
        : await inspectDomain(policy, { view, now, records, oldKeyNames, registers, known, also });
    const judged = await Promise.all(checked);
    const zones = await zonesOf(policy?.domain, { view, judged });
    if (policy === undefined || domain === null) return { kind: "checked", records: judged, zones };
    const aligned = await inspectAlignment(policy.domain, { asked, judged, view });
    const kept = { ...domain.kept, unasked: [...(domain.kept.unasked ?? []), ...aligned.unasked] };
    return {
      kind: "checked",
      records: judged,
      zones: addFindings(zones, policy.domain, [...domain.findings, ...aligned.findings]),
      ...kept,
    };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return {
      kind: "resolver-silent",
      sentence: `The resolver that Mailstead asks does not answer (${cause.message}), so no record could be checked. Try again in a minute.`,
    };
  }
}

const nothing: Inspected = { findings: [], unasked: [] };

type Kept = Pick<
  Extract<RecordCheck, { kind: "checked" }>,
  "policy" | "unasked" | "registration" | "listings"
>;

/** What no single record tells: how the domain is written as a whole, what it serves, and what registers say of it. */
async function inspectDomain(
  policy: NonNullable<CheckOptions["policy"]>,
  {
    view,
    now,
    oldKeyNames,
    registers,
    records,
    known,
    also,
  }: Required<Pick<CheckOptions, "registers" | "oldKeyNames" | "now" | "known" | "also">> & {
    view: DnsView;
    records: readonly PlannedRecord[];
  },
): Promise<{ findings: CheckFinding[]; kept: Kept }> {
  const { domain } = policy;
  const looking = { view, now, fetching: policy.fetching };
  const [mtaSts, ...parts] = await Promise.all([
    inspectMtaSts(domain, { view, now, ...policy }),
    inspectDomainTexts(domain, {
      view,
      oldKeyNames,
      caaNames: records.filter(({ type }) => type === "CAA").map(({ name }) => name),
    }),
    inspectWebNames(records, looking),
    inspectBimi(domain, looking),
    inspectRegisters(domain, { view, now, ...registers }),
    also(view),
  ]);
  const [, , , { seen: registration, listings }] = parts;
  return {
    findings: [...known, ...mtaSts.findings, ...parts.flatMap(({ findings }) => findings)],
    kept: {
      unasked: [...(mtaSts?.unasked ?? []), ...parts.flatMap(({ unasked }) => unasked)],
      ...(mtaSts.seen === null ? {} : { policy: mtaSts.seen }),
      ...(registration === null ? {} : { registration }),
      ...(listings.length === 0 ? {} : { listings }),
    },
  };
}

async function inspectAlignment(
  domain: string,
  { asked, judged, view }: { asked: readonly AskedRecord[]; judged: readonly CheckedRecord[]; view: DnsView },
): Promise<Inspected> {
  const dmarc = judged.find(({ record }) => record.purpose === "dmarc");
  const isHeard = dmarc !== undefined && dmarc.verdict.kind !== "unanswered";
  const policy = isHeard ? (await dmarcPolicyOf(asked, view)).dmarcPolicy : undefined;
  const findings = judgeAlignment({ domain, policy, records: judged });
  return findings === null ? { findings: [], unasked: ["dmarc-unaligned"] } : { findings, unasked: [] };
}

/** The zones that were tested, and in place of its own what is said of a domain that the registry does not know. */
async function zonesOf(
  domain: string | undefined,
  { view, judged }: { view: DnsView; judged: readonly CheckedRecord[] },
): Promise<ZoneVerdict[]> {
  const zones = await view.zoneVerdicts();
  if (domain === undefined || zones.some(({ zone }) => `.${domain}`.endsWith(`.${zone}`))) return zones;
  const registryZone = await view.nameOfZoneOf(domain);
  if (registryZone === null || registryZone === "") return zones;
  return [...zones, judgeUndelegated(domain, { registryZone, records: judged })];
}

/** What was found out about a domain belongs to the zone that it lies in. */
function addFindings(
  zones: readonly ZoneVerdict[],
  domain: string,
  findings: readonly CheckFinding[],
): ZoneVerdict[] {
  const [own] = zones
    .filter(({ zone }) => `.${domain}`.endsWith(`.${zone}`))
    .sort((one, other) => other.zone.length - one.zone.length);
  return zones.map((one) => (one === own ? { ...one, findings: [...one.findings, ...findings] } : one));
}
