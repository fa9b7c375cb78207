import { createHash } from "node:crypto";
import { type PlannedRecord, planDkimRecord, revokedDkimRecordValue } from "@mailstead/core/dns";
import type { dkimKeys } from "@mailstead/db";
import type { RotationRow } from "./rotation-progress.ts";

export type DkimKeyRow = typeof dkimKeys.$inferSelect;

export interface RotationRecords {
  put: PlannedRecord[];
  withdraw: PlannedRecord[];
  /** Changes whenever the records do. */
  digest: string;
}

/** The record of a key as it ought to stand while the key lives; null until it is made. */
export function recordOfKey(key: DkimKeyRow, domainName: string): PlannedRecord | null {
  const { selector, algorithm, publicKey, publishedAtName } = key;
  if (publicKey === null) return null;
  const target = publishedAtName === null ? {} : { target: publishedAtName };
  return planDkimRecord({ domain: domainName, selector, algorithm, publicKey, ...target });
}

/** Where receivers look for a key: at an alias, when its name was delegated. */
export function lookupName({ selector, signsAs }: DkimKeyRow, domainName: string): string {
  return `${signsAs ?? selector}._domainkey.${domainName}`;
}

/**
 * What the rotation wants of the zones now: the records of new keys, revocations in the place of ended keys' records,
 * and in the end nothing of those. Behind a delegated name the record of a new key takes the place of what stood there,
 * and a name that a later rotation has taken is that one's to see to.
 */
export function recordsOfRotation(
  rotation: Pick<RotationRow, "id" | "step" | "course">,
  {
    keys,
    domainName,
    otherHolders,
  }: { keys: readonly DkimKeyRow[]; domainName: string; otherHolders: readonly DkimKeyRow[] },
): RotationRecords {
  const put: PlannedRecord[] = [];
  const withdraw: PlannedRecord[] = [];
  const isEnding = rotation.step === "destroying" || rotation.step === "done";
  const isIncoming = (key: DkimKeyRow) => key.madeBy === rotation.id;
  const stands = (key: DkimKeyRow) =>
    isIncoming(key) &&
    key.publicKey !== null &&
    rotation.course !== "cancelled" &&
    rotation.step !== "generating";
  for (const key of keys) {
    const record = recordOfKey(key, domainName);
    if (record === null || holderAfter(key, otherHolders) !== null || isEndedByAnother(rotation.id, key))
      continue;
    const revocation = { ...record, value: revokedDkimRecordValue(key) };
    const successor = isIncoming(key) ? null : holderAfter(key, keys.filter(isIncoming));
    if (successor !== null && stands(successor)) withdraw.push(record, revocation);
    else if (key.state === "revoked" || key.state === "destroyed") {
      withdraw.push(record);
      if (isEnding) withdraw.push(revocation);
      else put.push(revokedRecord(key, domainName));
    } else if (isIncoming(key) && rotation.course === "cancelled") withdraw.push(record);
    else if (stands(key)) put.push(record);
    if (stands(key)) withdraw.push(...leftBehind(key, { otherHolders, domainName }));
  }
  const text = JSON.stringify([put, withdraw].map((list) => list.map(({ name, value }) => [name, value])));
  return { put, withdraw, digest: createHash("sha256").update(text).digest("hex") };
}

/** A key that this rotation brought and a later one has brought to its end. */
function isEndedByAnother(rotationId: string, { madeBy, replacedBy, state }: DkimKeyRow): boolean {
  return madeBy === rotationId && replacedBy !== null && (state === "revoked" || state === "destroyed");
}

function revokedRecord(key: DkimKeyRow, domainName: string): PlannedRecord {
  const target = key.publishedAtName === null ? {} : { target: key.publishedAtName };
  return planDkimRecord({
    selector: key.selector,
    algorithm: key.algorithm,
    domain: domainName,
    publicKey: "",
    standing: "revoked",
    ...target,
  });
}

/** The living key that took a key's delegated name after it. */
function holderAfter(key: DkimKeyRow, others: readonly DkimKeyRow[]): DkimKeyRow | null {
  if (key.publishedAtName === null) return null;
  const later = others.find(
    (other) =>
      other.id !== key.id &&
      other.publishedAtName === key.publishedAtName &&
      other.state !== "destroyed" &&
      other.createdAt >= key.createdAt,
  );
  return later ?? null;
}

/** What former keys of other rotations may have left at a delegated name. */
function leftBehind(
  key: DkimKeyRow,
  { otherHolders, domainName }: { otherHolders: readonly DkimKeyRow[]; domainName: string },
): PlannedRecord[] {
  const former = otherHolders
    .filter(
      ({ publishedAtName, createdAt }) =>
        publishedAtName === key.publishedAtName && createdAt < key.createdAt,
    )
    .toSorted((left, right) => right.createdAt.getTime() - left.createdAt.getTime())[0];
  const record = former === undefined ? null : recordOfKey(former, domainName);
  return former === undefined || record === null
    ? []
    : [record, { ...record, value: revokedDkimRecordValue(former) }];
}
