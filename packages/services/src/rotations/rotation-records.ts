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
  const { selector, algorithm, publicKey } = key;
  return publicKey === null ? null : planDkimRecord({ domain: domainName, selector, algorithm, publicKey });
}

/**
 * What the rotation wants of the zone now: the records of new keys, revocations in the place of ended keys' records,
 * and in the end nothing of those.
 */
export function recordsOfRotation(
  rotation: Pick<RotationRow, "id" | "step" | "course">,
  { keys, domainName }: { keys: readonly DkimKeyRow[]; domainName: string },
): RotationRecords {
  const put: PlannedRecord[] = [];
  const withdraw: PlannedRecord[] = [];
  const isEnding = rotation.step === "destroying" || rotation.step === "done";
  for (const key of keys) {
    const record = recordOfKey(key, domainName);
    if (record === null) continue;
    const revocation = { ...record, value: revokedDkimRecordValue(key) };
    const isIncoming = key.madeBy === rotation.id;
    if (key.state === "revoked" || key.state === "destroyed") {
      withdraw.push(record);
      if (isEnding) withdraw.push(revocation);
      else put.push(planDkimRecord({ ...key, domain: domainName, publicKey: "", standing: "revoked" }));
    } else if (isIncoming && rotation.course === "cancelled") withdraw.push(record);
    else if (isIncoming && rotation.step !== "generating") put.push(record);
  }
  const text = JSON.stringify([put, withdraw].map((list) => list.map(({ name, value }) => [name, value])));
  return { put, withdraw, digest: createHash("sha256").update(text).digest("hex") };
}
