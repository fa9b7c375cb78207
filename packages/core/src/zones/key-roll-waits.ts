import type { KeyRoll } from "./key-roll.ts";
import type { DelegationSignerRecord } from "./plan-delegation.ts";
import { keySpreadSeconds } from "./signing-times.ts";

/** What a roll waits for, to stand after "Waits for", and until when where that is known. */
export function keyRollWaits(
  { step, reached }: KeyRoll,
  { primary, signers }: { primary: string; signers: readonly DelegationSignerRecord[] },
): { what: string; until: Date | null } | null {
  switch (step) {
    case "making":
      return { what: `${primary} to make the new key.`, until: null };
    case "spreading": {
      const since = reached.find((one) => one.step === "spreading")?.at;
      return {
        what: "everybody who remembers the keys of before to learn the new one.",
        until: since === undefined ? null : new Date(Date.parse(since) + keySpreadSeconds * 1000),
      };
    }
    case "delegating":
      return {
        what: `the DS record with the key tag ${tagsOf(signers)} where the domain is registered, in the place of the one that stands there.`,
        until: null,
      };
    case "retiring":
      return {
        what: `${primary} to see the new DS record above, within the hour, and for the former one’s time to live to be over.`,
        until: null,
      };
    case "done":
      return null;
  }
}

function tagsOf(signers: readonly DelegationSignerRecord[]): string {
  return [...new Set(signers.map(({ keyTag }) => keyTag))].join(" and ");
}
