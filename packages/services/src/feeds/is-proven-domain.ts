import type { Transaction } from "@mailstead/db";
import { readLastCheck } from "../domains/index.ts";
import type { FeedDomain } from "./feed-scope.ts";

/**
 * Whether the world has shown that whoever added a domain writes its DNS: the last check saw the record of a DKIM key of
 * ours, or the alias that leads to one, under the domain's own name. Anybody may add a name, and what an account at Google
 * knows of it may be another's. An MX record proves nothing, since people choose what their servers are called.
 */
export async function isProvenDomain(tx: Transaction, { id, name }: FeedDomain): Promise<boolean> {
  const report = (await readLastCheck(tx, id))?.report;
  if (report?.kind !== "checked") return false;
  return report.records.some(
    ({ record, verdict }) =>
      (record.purpose === "dkim" || record.purpose === "dkim-alias") &&
      record.name.endsWith(`._domainkey.${name}`) &&
      (verdict.kind === "ok" || verdict.kind === "attention"),
  );
}
