import { type ProviderId, providers } from "../delivery/index.ts";
import type { FindingDetails } from "../findings/index.ts";
import { type HostCondition, queueReceiverFromMessages, type ToldHost } from "../servers/index.ts";
import { momentMark } from "../text/index.ts";
import { conditionFindingPrefix } from "./condition-key.ts";

/** Begins the key of every finding about mail that waits for one receiver; each has a page of its own. */
export const waitingFindingPrefix = `${conditionFindingPrefix}queue-receiver `;

export interface WaitingWords {
  readonly sentence: string;
  readonly details: FindingDetails;
}

/** Says what waits for one receiver and since when; null where the host tells nothing of it any more. */
export function waitingFinding({ about }: Pick<HostCondition, "about">, host: ToldHost): WaitingWords | null {
  const waiting = host.queueWaiting.find(({ provider }) => provider === about);
  if (waiting === undefined) return null;
  const { provider, messages, lateMessages, oldestAtUnixMs } = waiting;
  const { title } = providers[provider];
  return {
    sentence: `Mail to ${title} waits: ${messages} messages, some for more than an hour.`,
    details: {
      category: null,
      provider,
      owner: "us-behaviour",
      why: `${title} puts the server's mail off. It arrives late, and comes back to its senders after some days.`,
      evidence: [
        `postqueue: ${messages} messages that ${title} put off, ${lateMessages} of them for more than an hour`,
        `postqueue: the oldest came into the queue ${momentMark(oldestAtUnixMs)}`,
        `told from ${queueReceiverFromMessages} messages that wait for more than an hour`,
      ],
      fix: { steps: stepsFor(provider), measure: { measure: "back-off", provider } },
      runbook: "receivers.md#queue-receiver",
      reply: null,
      figures: null,
      fleet: null,
    },
  };
}

function stepsFor(provider: ProviderId): string[] {
  const { title } = providers[provider];
  return [
    `Open the server's queue, filter it by ${title} and read what ${title} answers; another finding of ${title} says what that answer means.`,
    "If one sender has most of it, look whether that is spam of a guessed password; then hold the account.",
    "Do not flush the queue: every try counts against the server. Start the measure, which pauses and then raises the pace step by step.",
    "Watch this finding: it closes by itself once the mail has left the queue.",
  ];
}
