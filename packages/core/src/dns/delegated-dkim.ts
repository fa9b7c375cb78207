import type { DkimAlgorithm } from "../servers/index.ts";
import type { PlannedRecord } from "./planned-record.ts";
import { different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { sameName } from "./same-value.ts";

/** An alias that a domain wants at a DKIM name, with what stands behind it now. */
export interface DkimAlias {
  selector: string;
  target: string;
  algorithm: DkimAlgorithm;
  /** Whether receivers look up a key behind it, for mail that is sent now or on its way. */
  isInUse: boolean;
}

/** The alias that hands a DKIM name of a domain over for good: the keys change behind it (RFC 6376 §3.6.2.1). */
export function planDkimAlias(domain: string, alias: DkimAlias): PlannedRecord {
  const { selector, target, algorithm, isInUse } = alias;
  return {
    purpose: "dkim-alias",
    name: `${selector}._domainkey.${domain}`,
    type: "CNAME",
    value: target,
    level: isInUse && algorithm === "rsa-2048" ? "required" : "recommended",
    reason: isInUse
      ? "Leads receivers to the signature key, which is replaced behind this name without you."
      : "Leads to where the next signature key will stand, so that it can be replaced without you.",
    withoutIt: isInUse
      ? "Signatures cannot be verified; large senders are refused and others land in spam."
      : "The next signature key cannot take over.",
    publishedAt: "domain-dns",
  };
}

/** Judges the alias at a DKIM name: ours is right, and anybody else's leads receivers to a key that is not ours. */
export function judgeDkimAlias(planned: string, values: readonly string[]): RecordJudgement {
  if (values.length === 0) return { kind: "missing" };
  const foreign = values.find((value) => !sameName(value, planned));
  if (foreign === undefined) return rightAsIs;
  return different(`the name is an alias (CNAME) of ${foreign} and not of ${planned}`);
}
