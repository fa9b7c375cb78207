/** What one run has done for a certificate. */
export type Advance =
  | { kind: "issued"; names: string[]; notAfter: Date }
  | {
      kind: "failed";
      problem: { kind: "temporary" | "permanent"; sentence: string };
      /** The CA does not know our account any more. */
      isAccountLost: boolean;
    }
  | { kind: "waiting" | "settled" };
