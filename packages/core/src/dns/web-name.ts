import type { PlannedRecord } from "./planned-record.ts";
import { attention, different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { sameAddress, sameName } from "./same-value.ts";

/**
 * Judges a name under which a host serves files. `values` are the aliases (CNAME) at the name; without any, or with
 * another, it is right all the same when it leads to the host's addresses.
 */
export function judgeWebName(
  { name, value, leadsTo: wanted = [] }: PlannedRecord,
  values: readonly string[],
  leadsTo: readonly string[] = [],
): RecordJudgement {
  if (values.some((target) => sameName(target, value))) return rightAsIs;
  const isOurs = (address: string) => wanted.some((one) => sameAddress(one, address));
  const foreign = leadsTo.filter((address) => !isOurs(address));
  if (leadsTo.length > 0 && foreign.length === 0)
    return { kind: "ok", sentence: `The name leads to ${value} by its addresses.` };
  if (foreign.length > 0 && foreign.length < leadsTo.length)
    return attention(`${name} leads to ${value}, but to ${foreign.join(", ")} as well`);
  if (values.length > 0) return different(`the name leads to ${values.join(", ")} and not to ${value}`);
  return foreign.length === 0
    ? { kind: "missing" }
    : different(`the name leads to ${foreign.join(", ")} and not to ${value}`);
}
