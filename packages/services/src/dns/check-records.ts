import type { SeenPolicy } from "@mailstead/core/checks";
import {
  type CheckFinding,
  judgeRecord,
  type PlannedRecord,
  type RecordVerdict,
  type ZoneVerdict,
} from "@mailstead/core/dns";
import { DnsView } from "./dns-view.ts";
import type { PolicyFetching } from "./fetch-mta-sts.ts";
import { inspectMtaSts } from "./inspect-mta-sts.ts";
import { DnsQueryError } from "./query-name-server.ts";
import { contextOf } from "./record-context.ts";
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
    fetching?: PolicyFetching;
  };
}

/**
 * Asks the authoritative servers of every zone involved for each planned record, past all caches, looks up what the
 * answers lead to, and judges them and the zones. Never throws for what the network does.
 */
export async function checkRecords(
  records: readonly PlannedRecord[],
  resolver: Resolver,
  { now = new Date(), policy }: CheckOptions = {},
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
    const inspected =
      policy === undefined ? null : await inspectMtaSts(policy.domain, { view, now, ...policy });
    const zones = await view.zoneVerdicts();
    return {
      kind: "checked",
      records: await Promise.all(checked),
      zones: policy === undefined ? zones : addFindings(zones, policy.domain, inspected?.findings ?? []),
      ...(inspected?.seen == null ? {} : { policy: inspected.seen }),
    };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return {
      kind: "resolver-silent",
      sentence: `The resolver that Mailstead asks does not answer (${cause.message}), so no record could be checked. Try again in a minute.`,
    };
  }
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
