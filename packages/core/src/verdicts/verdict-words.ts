/** What became of a message by Rspamd's word. */
export const verdictActions = [
  "accepted",
  /** Delivered, and marked as spam. */
  "marked",
  "greylisted",
  /** Put off for another reason, such as a limit. */
  "deferred",
  "rejected",
  "discarded",
] as const;
export type VerdictAction = (typeof verdictActions)[number];

const actionOfRspamd: Readonly<Record<string, VerdictAction>> = {
  "no action": "accepted",
  // Rspamd's word for what may be put off; the module that does so says "soft reject".
  greylist: "accepted",
  "add header": "marked",
  "rewrite subject": "marked",
  quarantine: "marked",
  "soft reject": "deferred",
  reject: "rejected",
  discard: "discarded",
};

/** What an action means, in our words; an action that only a newer Rspamd has let the message through. */
export function verdictAction(action: string, symbols: Readonly<Record<string, number>>): VerdictAction {
  if (action === "soft reject" && "GREYLIST" in symbols) return "greylisted";
  return actionOfRspamd[action] ?? "accepted";
}

/** Things that are true of a message or not, and are counted. */
export const verdictFacts = [
  "spf-pass",
  "spf-fail",
  "dkim-pass",
  "dkim-fail",
  "dmarc-pass",
  "dmarc-fail",
  "arc-pass",
  "arc-fail",
  /** Rspamd signed it as it left. */
  "signed",
  "aligned",
  /** Handed in by somebody who signed in. */
  "authenticated",
  "bulk",
  /** Of bulk mail: unsubscribed with one click (RFC 8058), under a signature. */
  "one-click",
] as const;
export type VerdictFact = (typeof verdictFacts)[number];

/** What Rspamd's symbols say of a message's proofs. */
export const factOfSymbol: Readonly<Record<string, VerdictFact>> = {
  R_SPF_ALLOW: "spf-pass",
  R_SPF_FAIL: "spf-fail",
  R_SPF_SOFTFAIL: "spf-fail",
  R_SPF_PERMFAIL: "spf-fail",
  R_DKIM_ALLOW: "dkim-pass",
  R_DKIM_REJECT: "dkim-fail",
  R_DKIM_PERMFAIL: "dkim-fail",
  DMARC_POLICY_ALLOW: "dmarc-pass",
  DMARC_POLICY_ALLOW_WITH_FAILURES: "dmarc-pass",
  DMARC_POLICY_REJECT: "dmarc-fail",
  DMARC_POLICY_QUARANTINE: "dmarc-fail",
  DMARC_POLICY_SOFTFAIL: "dmarc-fail",
  ARC_ALLOW: "arc-pass",
  ARC_REJECT: "arc-fail",
  ARC_INVALID: "arc-fail",
  DKIM_SIGNED: "signed",
};
