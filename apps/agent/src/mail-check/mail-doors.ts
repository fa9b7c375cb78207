import type { TargetState } from "@mailstead/core/servers";
import type { MailTrouble, TlsWanted } from "../platform/mail-socket.ts";

/** Where a host is tried, as mail programs and other servers reach it. */
export interface MailDoors {
  readonly address: string;
  readonly smtp: number;
  readonly submission: number;
  readonly submissions: number;
  readonly imaps: number;
  readonly web: number;
}

/** Longer than Dovecot keeps waiting who gave a wrong password. */
export const answerWithinMs = 15_000;

/** The host's own doors, by its loopback, where it bans nobody and asks no stranger's questions. */
export function ownDoors({ stack }: TargetState): MailDoors {
  const address = stack.ipFamilies === "ipv6-only" ? "::1" : "127.0.0.1";
  return { address, smtp: 25, submission: 587, submissions: 465, imaps: 993, web: 443 };
}

/** TLS by which any certificate is taken: which one is shown is looked at apart, and signing in must go on without it. */
export function anyTls(name: string): TlsWanted {
  return { name, certificates: null, isVerified: false };
}

// All that Postfix says, before STARTTLS and to other commands, where its milter does not answer.
const milterAway = /\b(?:454 4\.3\.0 Try again later|451 4\.7\.1 Service unavailable)/;

/** What a door did, with what it means where Postfix does not say that. */
export function wordsOfTrouble({ message }: MailTrouble): string {
  return milterAway.test(message) ? `${message}, as Postfix says while Rspamd does not answer it` : message;
}
