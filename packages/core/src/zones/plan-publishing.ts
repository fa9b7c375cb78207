import { whyKeyStays } from "../publishing/index.ts";
import type { ZoneRecord } from "./zone-record.ts";

type RecordKey = Pick<ZoneRecord, "name" | "type" | "value">;

/** A record that stands in a hosted zone. */
export interface StandingRecord extends RecordKey {
  id: string;
  /** The domain that it was planned for; null for what people wrote themselves. */
  domainId: string | null;
}

export interface PublishingPlan<R extends RecordKey> {
  add: R[];
  /** Rows of planned records that go. */
  removeIds: string[];
  /** Planned records that a record of the people's own or a DKIM key stands in the way of; neither is ever replaced. */
  conflicts: { wanted: R; standing: StandingRecord }[];
}

/**
 * What to write so that a domain's planned records stand in its zone. What stands there already is left alone, whoever
 * wrote it, and only what was planned for this very domain is taken away.
 */
export function planPublishing<R extends RecordKey>(input: {
  domainId: string;
  standing: readonly StandingRecord[];
  put: readonly R[];
  withdraw: readonly RecordKey[];
  /** Rows that go when people have since written something else: what was only planned, and not asked for. */
  yieldingIds?: readonly string[];
}): PublishingPlan<R> {
  const { domainId, standing, put, yieldingIds = [] } = input;
  const withdrawn = new Set(input.withdraw.map(keyOf));
  const wanted = new Map(put.map((record) => [keyOf(record), record]));
  const removeIds = standing
    .filter((row) => row.domainId === domainId && withdrawn.has(keyOf(row)) && !wanted.has(keyOf(row)))
    .map(({ id }) => id);
  const present = new Set(standing.filter(({ id }) => !removeIds.includes(id)).map(keyOf));
  const own = standing.filter((row) => row.domainId === null);
  const keys = standing.filter((row) => row.domainId !== null && !removeIds.includes(row.id));
  const plan: PublishingPlan<R> = { add: [], removeIds, conflicts: [] };
  for (const [key, record] of wanted) {
    const rival =
      own.find((row) => keyOf(row) !== key && isInTheWay(row, record)) ??
      keys.find((row) => whyKeyStays(row, record) !== null);
    const yielding = standing.filter(({ id, ...row }) => yieldingIds.includes(id) && keyOf(row) === key);
    if (present.has(key) && (rival === undefined || yielding.length === 0)) continue;
    plan.removeIds.push(...yielding.map(({ id }) => id));
    if (rival === undefined) plan.add.push(record);
    else plan.conflicts.push({ wanted: record, standing: rival });
  }
  return plan;
}

function keyOf({ name, type, value }: RecordKey): string {
  return JSON.stringify([name, type, value]);
}

// Of these a second value beside ours would send mail or programs to two places.
const singleTypes: readonly string[] = ["A", "AAAA", "CNAME", "MX", "SRV"];
// Two texts of one of these kinds under one name cancel each other (RFC 7208 §4.5, RFC 9989 §4.7, RFC 8461 §3.1).
const singleTexts = [
  /^v=spf1\b/i,
  /^v=DMARC1\b/i,
  /^v=DKIM1\b|^k=|^p=/i,
  /^v=STSv1\b/i,
  /^v=TLSRPTv1\b/i,
  /^v=BIMI1\b/i,
];

function isInTheWay(standing: RecordKey, wanted: RecordKey): boolean {
  if (standing.name !== wanted.name) return false;
  if (standing.type === "CNAME" || wanted.type === "CNAME") return true;
  if (standing.type !== wanted.type) return false;
  if (singleTypes.includes(wanted.type)) return true;
  return (
    wanted.type === "TXT" && singleTexts.some((kind) => kind.test(standing.value) && kind.test(wanted.value))
  );
}
