import type { CheckFinding } from "../dns/index.ts";
import { momentMark } from "../text/index.ts";
import { accountThresholds } from "./account-thresholds.ts";
import type { AccountSign } from "./judge-account.ts";

/** How the keys of these findings begin. */
export const accountFindingPrefix = "account-";
export type AccountFindingKind = "account-suspicious" | "account-held";

export interface KnownAccount {
  readonly address: string;
  readonly alert: {
    readonly since: Date;
    readonly certainty: "possible" | "high";
    readonly signs: readonly AccountSign[];
  } | null;
  readonly hold: { readonly since: Date; readonly by: "agent" | "person"; readonly messages: number } | null;
}

/** Findings of accounts that send unlike themselves or are held. */
export function judgeAccounts(accounts: readonly KnownAccount[]): CheckFinding<AccountFindingKind>[] {
  return accounts.flatMap((account): CheckFinding<AccountFindingKind>[] => {
    const { address, alert, hold } = account;
    if (alert === null && hold === null) return [];
    const evidence = [
      ...(alert === null ? [] : [`seen since ${momentMark(alert.since)}`, ...alert.signs.map(signSentence)]),
      ...(hold === null
        ? []
        : [
            `held by ${hold.by === "agent" ? "the server itself" : "a person"} since ${momentMark(hold.since)}`,
            `${hold.messages} of its messages are on hold in the queue`,
          ]),
    ];
    if (hold !== null)
      return [
        {
          kind: "account-held",
          about: address,
          severity: "error",
          sentence: `${address} is held: it cannot send${alert === null ? "" : ", because it sent unlike itself"}.`,
          evidence,
          why: "The person behind it cannot send mail. What a stolen account would have sent stays on the server.",
          fix: "Give the mailbox a new password and ask its owner what was sent. Delete what they did not write from the queue, then release the account.",
        },
      ];
    const isSure = alert?.certainty === "high";
    return [
      {
        kind: "account-suspicious",
        about: address,
        severity: isSure ? "error" : "warning",
        sentence: `${address} sends unlike itself${isSure ? ", as stolen accounts do" : ""}.`,
        evidence,
        why: "If somebody has its password, receivers will soon refuse mail of the whole server.",
        fix: "Ask its owner whether they sent this. If they did not: hold the account, give it a new password, then release it.",
      },
    ];
  });
}

/** A sign in words, without a recipient in it. */
export function signSentence({ kind, measured, of }: AccountSign): string {
  switch (kind) {
    case "volume":
      return of === null
        ? `${measured} recipients within an hour, and nothing is known yet of what is usual for it; to ${accountThresholds.newVolumeMin} and more no person writes by hand`
        : `${measured} recipients within an hour; its busiest hour before had ${of}`;
    case "first-time":
      return `${measured} of ${of ?? measured} recipients it had never written to`;
    case "networks":
      return `signed in from ${measured} networks within an hour that it had never used`;
    case "bounces":
      return `${measured} of ${of ?? measured} recipients were refused for good`;
    case "score":
      return of === null
        ? `the spam filter gives its messages ${measured} points on average; from ${accountThresholds.newScoreMin} on most mark them as spam`
        : `the spam filter gives its messages ${measured} points on average; before it was ${of}`;
  }
}
