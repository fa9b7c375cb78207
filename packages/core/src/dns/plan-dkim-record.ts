import type { DkimPublicKey } from "../servers/index.ts";
import { dkimRecordName, dkimRecordValue, revokedDkimRecordValue } from "./dkim-record.ts";
import type { PlannedRecord } from "./planned-record.ts";

/**
 * A key with what its record is for now: left out, it signs or is the domain's first; coming and going are those of a
 * rotation, which mail does not need yet or only for a while; a revoked one is no key any more.
 */
export type PublishedDkimKey = DkimPublicKey & {
  standing?: "coming" | "going" | "revoked";
  /** Where its record stands when the domain's own name is only an alias of that. */
  target?: string;
};

/** The record of a key, or the one that revokes it. */
export function planDkimRecord(key: PublishedDkimKey): PlannedRecord {
  const isMainKey = key.algorithm === "rsa-2048";
  const record = {
    purpose: "dkim",
    name: key.target ?? dkimRecordName(key),
    type: "TXT",
    publishedAt: key.target === undefined ? "domain-dns" : "delegated-dns",
  } as const;
  if (key.standing === "revoked")
    return {
      ...record,
      value: revokedDkimRecordValue(key),
      level: "optional",
      reason: "Says that a former signature key has ended, so that nobody can sign with it.",
      withoutIt: "A signature of the former key would still be believed.",
    };
  if (key.standing === "going")
    return {
      ...record,
      value: dkimRecordValue(key),
      level: "recommended",
      reason: "Lets receivers verify mail that a former key signed and that is still on its way.",
      withoutIt: "Mail that is still on its way fails verification when it arrives.",
    };
  return {
    ...record,
    value: dkimRecordValue(key),
    level: key.standing === "coming" ? "optional" : isMainKey ? "required" : "recommended",
    reason: isMainKey
      ? "Lets receivers verify the signature on every message (DKIM, RSA key)."
      : "A second, modern signature key (DKIM, Ed25519) for receivers that understand it.",
    withoutIt: isMainKey
      ? "Signatures cannot be verified; large senders are refused and others land in spam."
      : "Receivers fall back to the RSA signature.",
  };
}
