import type { ProofStanding } from "@mailstead/core/mail-settings";
import type { DomainRecord } from "./domain-report.ts";

/** What the last check said of the records that mail proves itself by: SPF, and the keys that DKIM signs with. */
export function proofStandingOf(records: readonly DomainRecord[]): ProofStanding {
  const proofs = records.filter(({ purpose }) => purpose === "spf" || purpose === "dkim");
  const kinds = proofs.map(({ verdict }) => verdict?.kind ?? null);
  if (kinds.some((kind) => kind === "missing" || kind === "different" || kind === "disagreeing"))
    return "failing";
  const areSeen = kinds.every((kind) => kind === "ok" || kind === "attention");
  return areSeen && proofs.some(({ purpose }) => purpose === "dkim") ? "passing" : "unknown";
}
