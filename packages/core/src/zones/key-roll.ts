import type { DelegationSignerRecord } from "./plan-delegation.ts";
import { signerText } from "./plan-delegation.ts";

/**
 * The way of a new key into the place of the one that a zone's DS record leads to (RFC 7583 §3.3.1, double signature):
 * making: the primary is to make it. spreading: the zone shows both keys, and the former one's signer.
 * delegating: the new key's signer is announced and has yet to stand above. retiring: it stands above, and the former key
 * stays until nobody remembers its signer. done: the former key is gone.
 */
export const keyRollSteps = ["making", "spreading", "delegating", "retiring", "done"] as const;
export type KeyRollStep = (typeof keyRollSteps)[number];

/** A roll as it is kept: where it stands, and when each step was first seen. Steps that nobody saw are left out. */
export interface KeyRoll {
  step: KeyRollStep;
  /** The person who ordered it; null where it was begun on the host itself. */
  startedBy: string | null;
  /** The order to the primary; null where there was none. */
  jobId: string | null;
  /** Data of its DNSKEY record. */
  formerKey: string;
  formerSigners: readonly string[];
  incomingKey: string | null;
  reached: readonly { step: KeyRollStep; at: string }[];
}

/** What a primary tells of a zone's keys: data of their DNSKEY records, and the signers that the zone announces. */
export interface ToldZoneKeys {
  keys: readonly string[];
  signers: readonly DelegationSignerRecord[];
}

/** A roll that a person has ordered. Null when no single key is known whose place another could take. */
export function beginKeyRoll(
  { keys, signers }: ToldZoneKeys,
  { startedBy, jobId, now }: { startedBy: string; jobId: string; now: Date },
): KeyRoll | null {
  const [formerKey] = keys;
  if (formerKey === undefined || keys.length > 1) return null;
  const begun = { startedBy, jobId, formerKey, formerSigners: signers.map(signerText), incomingKey: null };
  return reach({ ...begun, step: "making", reached: [] }, "making", now);
}

/**
 * Follows a roll by what the primary told before and tells now; one that was begun on the host begins here. Null when
 * there is none, or when the zone has come to other keys than a roll brings.
 */
export function followKeyRoll(
  known: KeyRoll | null,
  { before, told, now }: { before: ToldZoneKeys; told: ToldZoneKeys; now: Date },
): KeyRoll | null {
  const roll = known === null || known.step === "done" ? beginUnordered(known, { before, told, now }) : known;
  if (roll === null || roll.step === "done") return roll;
  const { formerKey, formerSigners } = roll;
  if (!told.keys.includes(formerKey))
    return roll.incomingKey !== null && told.keys.includes(roll.incomingKey)
      ? reach(roll, "done", now)
      : null;
  const incomingKey = told.keys.find((key) => key !== formerKey) ?? null;
  if (incomingKey === null) return roll.step === "making" ? roll : null;
  const standing =
    roll.step === "making" ? reach({ ...roll, incomingKey }, "spreading", now) : { ...roll, incomingKey };
  const isAnnounced =
    told.signers.length > 0 && told.signers.every((signer) => !formerSigners.includes(signerText(signer)));
  return isAnnounced && standing.step === "spreading" ? reach(standing, "delegating", now) : standing;
}

/** Follows a roll by the DS records that the zone above showed; null for those changes nothing. */
export function followAbove(
  roll: KeyRoll | null,
  { above, signers, now }: { above: SignersAbove; signers: ToldZoneKeys["signers"]; now: Date },
): KeyRoll | null {
  if (roll === null || roll.step !== "delegating" || above === null) return roll;
  const stands = above.some((one) =>
    signers.some(({ keyTag, algorithm }) => one.keyTag === keyTag && one.algorithm === algorithm),
  );
  return stands ? reach(roll, "retiring", now) : roll;
}

/** Of a zone's keys those that the DS record to be set leads to: while a key is rolled, one of the two does not. */
export function keysToDelegate(keys: readonly string[], roll: KeyRoll | null): readonly string[] {
  if (roll === null || roll.step === "making" || roll.step === "done") return keys;
  const other = roll.step === "spreading" ? roll.incomingKey : roll.formerKey;
  return keys.filter((key) => key !== other);
}

type SignersAbove = readonly DelegationSignerRecord[] | null;

function beginUnordered(
  known: KeyRoll | null,
  { before, told, now }: { before: ToldZoneKeys; told: ToldZoneKeys; now: Date },
): KeyRoll | null {
  const [formerKey] = before.keys;
  if (formerKey === undefined || before.keys.length > 1) return known;
  const incomingKey = told.keys.find((key) => key !== formerKey);
  if (incomingKey === undefined || !told.keys.includes(formerKey)) return known;
  const formerSigners = before.signers.map(signerText);
  const begun = { startedBy: null, jobId: null, formerKey, formerSigners, incomingKey };
  return reach({ ...begun, step: "spreading", reached: [] }, "spreading", now);
}

function reach(roll: KeyRoll, step: KeyRollStep, now: Date): KeyRoll {
  return { ...roll, step, reached: [...roll.reached, { step, at: now.toISOString() }] };
}
