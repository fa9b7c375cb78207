import { type PlannedRecord, revokedDkimRecordValue } from "@mailstead/core/dns";
import { dkimKeys, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, isNotNull, isNull, or } from "drizzle-orm";
import { planDomainRecords } from "../domains/index.ts";
import { type DkimKeyRow, recordOfKey } from "./rotation-records.ts";

/** What first keys want of one side: the domain's own DNS, or the zone that its delegated names lie in. */
export interface FirstKeyRecords {
  put: PlannedRecord[];
  withdraw: PlannedRecord[];
}

/** First keys are those that no rotation brought; they sign as soon as a check finds their records everywhere. */
export async function readFirstKeys(tx: Transaction, domainId: string): Promise<DkimKeyRow[]> {
  return tx
    .select()
    .from(dkimKeys)
    .where(
      and(
        eq(dkimKeys.domainId, domainId),
        eq(dkimKeys.state, "waiting"),
        isNotNull(dkimKeys.publicKey),
        isNull(dkimKeys.privateKeyGoneAt),
        isNull(dkimKeys.madeBy),
        isNull(dkimKeys.replacedBy),
      ),
    )
    .orderBy(asc(dkimKeys.selector));
}

/**
 * The records of first keys and the aliases before them, by where they stand. What stood under their names before goes in
 * the same change, and so does the record under a key's own name when the key has moved behind an alias.
 */
export async function recordsOfFirstKeys(
  tx: Transaction,
  { domain, keys }: { domain: { id: string; name: string }; keys: readonly DkimKeyRow[] },
): Promise<{ own: FirstKeyRecords; delegated: FirstKeyRecords }> {
  const own: FirstKeyRecords = { put: [], withdraw: [] };
  const delegated: FirstKeyRecords = { put: [], withdraw: [] };
  const former = await readFormerHolders(tx, keys);
  for (const key of keys) {
    const record = recordOfKey(key, domain.name);
    if (record === null) continue;
    if (key.publishedAtName === null) {
      own.put.push(record);
      continue;
    }
    delegated.put.push(record);
    const atOwnName = recordOfKey({ ...key, publishedAtName: null }, domain.name);
    if (atOwnName !== null) own.withdraw.push(atOwnName);
    for (const holder of former.filter(({ publishedAtName }) => publishedAtName === key.publishedAtName)) {
      const left = recordOfKey(holder, domain.name);
      if (left !== null) delegated.withdraw.push(left, { ...left, value: revokedDkimRecordValue(holder) });
    }
  }
  if (delegated.put.length > 0) {
    const { records } = await planDomainRecords(tx, domain);
    own.put.push(...records.filter(({ purpose }) => purpose === "dkim-alias"));
  }
  return { own, delegated };
}

/** Keys that stood under the names of these before and do not count any more. */
async function readFormerHolders(tx: Transaction, keys: readonly DkimKeyRow[]): Promise<DkimKeyRow[]> {
  const names = keys.flatMap(({ publishedAtName }) => (publishedAtName === null ? [] : [publishedAtName]));
  if (names.length === 0) return [];
  return tx
    .select()
    .from(dkimKeys)
    .where(
      and(
        inArray(dkimKeys.publishedAtName, names),
        or(inArray(dkimKeys.state, ["revoked", "destroyed"]), eq(dkimKeys.isGivenUp, true)),
      ),
    );
}
