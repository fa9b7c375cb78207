import { providerOfHost } from "../delivery/index.ts";
import type { VerdictAction } from "../verdicts/index.ts";
import { originalSender } from "./original-sender.ts";
import type { TracedMessage, TraceEvent } from "./traced-message.ts";

type Attempt = Extract<TraceEvent, { kind: "attempt" }>;
type Host = { readonly name: string; readonly address: string | null };

/** Who takes a recipient's mail: a known provider, a host by its name, or this host itself. */
export interface StoryReceiver {
  readonly provider: string | null;
  readonly hostName: string | null;
  readonly isHere: boolean;
}

/** One line of a message's story, to be said in words. Times are milliseconds since 1970. */
export type StoryLine =
  | {
      readonly kind: "accepted";
      readonly at: number;
      readonly from: string | null;
      readonly saslUsername: string | null;
      readonly client: Host | null;
      readonly isLocal: boolean;
      readonly tlsVersion: string | null;
    }
  /** It goes on in the name of another sender, so that its receiver sees who forwards it (SRS). */
  | { readonly kind: "forwarded"; readonly at: number; readonly originalFrom: string }
  | {
      readonly kind: "expanded";
      readonly at: number;
      readonly alias: string;
      readonly to: readonly string[];
    }
  | {
      readonly kind: "delivered";
      readonly at: number;
      readonly to: string;
      readonly receiver: StoryReceiver;
      readonly tlsVersion: string | null;
      readonly delayS: number;
      readonly reply: string;
    }
  | { readonly kind: "handed-on"; readonly at: number; readonly to: string; readonly queueId: string }
  /** Attempts one after the other that ended alike. */
  | {
      readonly kind: "put-off";
      readonly at: number;
      readonly untilAt: number;
      readonly times: number;
      readonly to: string;
      readonly receiver: StoryReceiver;
      readonly dsn: string | null;
      readonly category: string | null;
      readonly reply: string;
    }
  | {
      readonly kind: "bounced";
      readonly at: number;
      readonly to: string;
      readonly receiver: StoryReceiver;
      readonly dsn: string | null;
      readonly category: string | null;
      readonly reply: string;
    }
  | {
      readonly kind: "refused";
      readonly at: number;
      readonly to: string | null;
      readonly from: string | null;
      readonly client: Host | null;
      readonly isByFilter: boolean;
      /** It may come again and be taken. */
      readonly isTemporary: boolean;
      readonly isDiscarded: boolean;
      readonly reason: string;
    }
  | { readonly kind: "held" | "released" | "requeued" | "deleted" | "expired"; readonly at: number }
  /** By the spam filter, which gave it so many points. */
  | {
      readonly kind: "judged";
      readonly at: number;
      readonly action: VerdictAction;
      readonly score: number;
    }
  | {
      readonly kind: "notified";
      readonly at: number;
      readonly to: "sender" | "postmaster";
      readonly about: Extract<TraceEvent, { kind: "notified" }>["about"];
      readonly queueId: string;
    }
  /** What became of it in the end, or that it is not over. */
  | { readonly kind: "waits"; readonly at: number; readonly isHeld: boolean; readonly to: readonly string[] };

/** How a message stands: the word beside it in a list. */
export type TraceOutcome =
  | "delivered"
  /** It goes on within the host under another queue id, which has a story of its own. */
  | "handed-on"
  | "partly"
  | "waits"
  | "held"
  | "bounced"
  | "refused"
  | "deleted"
  | "unknown";

export interface Story {
  readonly outcome: TraceOutcome;
  readonly lines: readonly StoryLine[];
}

/** Tells what became of a message, from the door to its recipients, in the order in which it happened. */
export function tellStory(message: TracedMessage): Story {
  const attempts = message.events.filter((event) => event.kind === "attempt");
  const lines: StoryLine[] = [];
  if (wasTaken(message)) lines.push(acceptedLine(message));
  // Before all else that became of it, also where times are told in whole seconds.
  lines.push(...message.events.filter((event) => event.kind === "judged"));
  const before = message.from === null ? null : originalSender(message.from);
  if (before !== null) lines.push({ kind: "forwarded", at: message.beganAt, originalFrom: before });
  lines.push(...expansions(attempts));
  const told = [...attemptLines(attempts), ...message.events.flatMap((event) => otherLine(message, event))];
  lines.push(...told.toSorted((a, b) => a.at - b.at));
  const outcome = outcomeOf(message, attempts);
  if (outcome === "waits" || outcome === "held")
    lines.push({
      kind: "waits",
      at: lastAt(message),
      isHeld: outcome === "held",
      to: [...lastAttempts(attempts).values()]
        .filter(({ status }) => status === "deferred")
        .map(({ to }) => to),
    });
  return { outcome, lines };
}

/** What was refused was only offered, though it may have had a queue id by then. */
function wasTaken({ queueId, recipientCount, events }: TracedMessage): boolean {
  return queueId !== null && (recipientCount !== null || !events.some(({ kind }) => kind === "refused"));
}

function acceptedLine(message: TracedMessage): StoryLine {
  const { beganAt, from, saslUsername, client, isLocal, tlsVersion } = message;
  return { kind: "accepted", at: beganAt, from, saslUsername, client, isLocal, tlsVersion };
}

function expansions(attempts: readonly Attempt[]): StoryLine[] {
  const byAlias = new Map<string, { at: number; to: Set<string> }>();
  for (const { at, to, originalTo } of attempts) {
    if (originalTo === null || originalTo === to) continue;
    const known = byAlias.get(originalTo) ?? { at, to: new Set<string>() };
    known.to.add(to);
    byAlias.set(originalTo, known);
  }
  return [...byAlias].map(([alias, { at, to }]) => ({ kind: "expanded", at, alias, to: [...to] }));
}

/** Deferrals of one recipient that follow each other and mean the same become one line. */
function attemptLines(attempts: readonly Attempt[]): StoryLine[] {
  const lines: StoryLine[] = [];
  const open = new Map<string, { index: number; likeness: string }>();
  for (const attempt of attempts) {
    const { at, to, dsn, category, reply } = attempt;
    const receiver = receiverOf(attempt);
    switch (attempt.status) {
      case "sent":
      case "deliverable":
        open.delete(to);
        if (attempt.handedOnAs !== null)
          lines.push({ kind: "handed-on", at, to, queueId: attempt.handedOnAs });
        else {
          const { tlsVersion, delayS } = attempt;
          lines.push({ kind: "delivered", at, to, receiver, tlsVersion, delayS, reply });
        }
        break;
      case "deferred": {
        const likeness = [category, receiver.provider ?? receiver.hostName].join(" ");
        const known = open.get(to);
        const line = known?.likeness === likeness ? lines[known.index] : undefined;
        if (known !== undefined && line?.kind === "put-off") {
          lines[known.index] = { ...line, untilAt: at, times: line.times + 1, dsn, reply };
          break;
        }
        open.set(to, { index: lines.length, likeness });
        lines.push({ kind: "put-off", at, untilAt: at, times: 1, to, receiver, dsn, category, reply });
        break;
      }
      case "bounced":
      case "expired":
      case "undeliverable":
        open.delete(to);
        lines.push({ kind: "bounced", at, to, receiver, dsn, category, reply });
        break;
    }
  }
  return lines;
}

function otherLine(message: TracedMessage, event: TraceEvent): StoryLine[] {
  switch (event.kind) {
    case "attempt":
    case "judged":
      return [];
    case "refused":
      return [
        {
          kind: "refused",
          at: event.at,
          to: event.to,
          from: message.from,
          client: message.client,
          isByFilter: event.action.startsWith("milter"),
          isTemporary: (event.code ?? event.dsn ?? "").startsWith("4"),
          isDiscarded: event.action.endsWith("discard"),
          reason: [event.code, event.dsn, event.reason].filter((part) => part !== null).join(" "),
        },
      ];
    case "notified":
      return [{ kind: "notified", at: event.at, to: event.to, about: event.about, queueId: event.queueId }];
    case "handled":
      return [{ kind: event.action, at: event.at }];
    case "expired":
      return [{ kind: "expired", at: event.at }];
  }
}

function receiverOf({ provider, relay, isHere, reply }: Attempt): StoryReceiver {
  if (relay !== null) return { provider, hostName: relay.name, isHere };
  // Nobody was reached; Postfix says where it knocked last.
  const hostName = /^connect to ([^[\s]+)\[/.exec(reply)?.[1] ?? null;
  return { provider: hostName === null ? null : providerOfHost(hostName), hostName, isHere };
}

function lastAttempts(attempts: readonly Attempt[]): ReadonlyMap<string, Attempt> {
  return new Map(attempts.map((attempt) => [attempt.to, attempt]));
}

function lastAt(message: TracedMessage): number {
  return message.events.reduce((latest, { at }) => Math.max(latest, at), message.beganAt);
}

function outcomeOf(message: TracedMessage, attempts: readonly Attempt[]): TraceOutcome {
  const handled = message.events.findLast((event) => event.kind === "handled");
  if (handled?.action === "deleted") return "deleted";
  const isOpen = message.endedAt === null;
  if (isOpen && handled?.action === "held") return "held";
  const last = [...lastAttempts(attempts).values()];
  const sent = last.filter(({ status }) => status === "sent" || status === "deliverable").length;
  const waiting = last.filter(({ status }) => status === "deferred").length;
  const hasExpired = message.events.some(({ kind }) => kind === "expired");
  if (isOpen && !hasExpired && (waiting > 0 || last.length < (message.recipientCount ?? 1))) return "waits";
  if (last.length === 0) return message.events.some(({ kind }) => kind === "refused") ? "refused" : "unknown";
  if (sent === last.length)
    return last.every(({ handedOnAs }) => handedOnAs !== null) ? "handed-on" : "delivered";
  if (sent > 0) return "partly";
  return "bounced";
}
