import type { MessageStep, TrackedDelivery } from "@mailstead/core/delivery";
import { isProbeAddress } from "@mailstead/core/mailboxes";
import { type RecentAttempts, recentAttemptsMs } from "@mailstead/core/updates";
import { z } from "zod";
import type { DatabaseSync } from "../platform/sqlite.ts";
import { traceFacts } from "../trace/index-trace.ts";
import { readFact, writeFact } from "./store.ts";

const minuteMs = 60_000;
const factName = "recent attempts";
// Beside these minutes, the one that has begun before them.
const minutesKept = recentAttemptsMs / minuteMs + 1;
/** A log that was read longer ago says nothing of now. */
const freshMs = 3 * minuteMs;

const minuteSchema = z.object({
  minute: z.int(),
  sent: z.int(),
  deferred: z.int(),
  bounced: z.int(),
  rejected: z.int(),
});
type Minute = z.infer<typeof minuteSchema>;
type Outcome = keyof RecentAttempts;

/** Attempts of a reading of the log, by the minute in which they were. */
export interface AttemptCounter {
  take(delivery: TrackedDelivery): void;
  refuse(step: MessageStep): void;
  /** What was counted since the last reading. */
  read(): readonly Minute[];
}

export function createAttemptCounter(): AttemptCounter {
  let minutes = new Map<number, Minute>();
  const count = (at: number, outcome: Outcome) => {
    const minute = Math.floor(at / minuteMs) * minuteMs;
    const known = minutes.get(minute) ?? { minute, ...none };
    minutes.set(minute, { ...known, [outcome]: known[outcome] + 1 });
  };
  return {
    take({ at, status }) {
      const outcome = outcomes[status];
      if (outcome !== undefined) count(at, outcome);
    },
    refuse({ daemon, line, record }) {
      // postscreen turns away who never spoke to a mail server before; how many come is their doing.
      if (line.kind !== "refusal" || daemon === "postscreen" || !line.action.endsWith("reject")) return;
      const { to } = line.envelope;
      // While a filter is away, every connection is refused, and each command on it.
      if (to !== null && !isProbeAddress(to)) count(record.at, "rejected");
    },
    read() {
      const read = [...minutes.values()];
      minutes = new Map();
      return read;
    },
  };
}

const none: RecentAttempts = { sent: 0, deferred: 0, bounced: 0, rejected: 0 };
const outcomes: Readonly<Record<string, Outcome>> = {
  sent: "sent",
  deferred: "deferred",
  bounced: "bounced",
  expired: "bounced",
};

/** Adds what was counted, in the transaction that moves the log's cursor on, and forgets what is too old to be asked for. */
export function keepAttempts(database: DatabaseSync, counted: readonly Minute[], now: number): void {
  const kept = new Map(readMinutes(database).map((minute) => [minute.minute, minute]));
  for (const minute of counted) {
    const known = kept.get(minute.minute);
    kept.set(
      minute.minute,
      known === undefined ? minute : { ...sumOf(known, minute), minute: minute.minute },
    );
  }
  const fresh = [...kept.values()].filter(({ minute }) => minute > now - minutesKept * minuteMs);
  writeFact(database, factName, JSON.stringify(fresh));
}

/** What came of the attempts of the last minutes; null where the log was not read up to now. */
export function readRecentAttempts(database: DatabaseSync, now: number): RecentAttempts | null {
  const readUntil = Number(readFact(database, traceFacts.until) ?? Number.NEGATIVE_INFINITY);
  if (readFact(database, factName) === null || readUntil < now - freshMs) return null;
  const minutes = readMinutes(database).filter(({ minute }) => minute > now - recentAttemptsMs - minuteMs);
  return minutes.reduce<RecentAttempts>(sumOf, none);
}

function sumOf(one: RecentAttempts, other: RecentAttempts): RecentAttempts {
  return {
    sent: one.sent + other.sent,
    deferred: one.deferred + other.deferred,
    bounced: one.bounced + other.bounced,
    rejected: one.rejected + other.rejected,
  };
}

function readMinutes(database: DatabaseSync): readonly Minute[] {
  return z.array(minuteSchema).parse(JSON.parse(readFact(database, factName) ?? "[]"));
}
