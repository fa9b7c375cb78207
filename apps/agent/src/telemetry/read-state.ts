import type { DeliveryBatch, TrackerChanges, TrackerState } from "@mailstead/core/delivery";
import type { TraceSessions } from "@mailstead/core/trace";
import { z } from "zod";
import { indexTrace, readTraceSessions, type TraceReading } from "../trace/index-trace.ts";
import { type AccountSending, learnAccounts } from "./account-records.ts";
import { type AttemptCounter, keepAttempts } from "./recent-attempts.ts";
import { spoolBatches } from "./spool.ts";
import { inTransaction, readFact, statement, withStore, writeFact } from "./store.ts";

/** Where reading the log goes on, and what is known of the messages that it has told of. */
export interface ReadState {
  /** Which log was read, and where in it the next reading begins; null before the first. */
  readonly position: {
    readonly source: string;
    readonly cursor: string;
    /** When the last line that tells of a message was logged, in milliseconds since 1970; an agent of before did not keep it. */
    readonly at?: number | undefined;
  } | null;
  readonly tracker: TrackerState;
  readonly traceSessions: TraceSessions;
}

/** What one reading of the log came to; kept whole or not at all. */
export interface Reading {
  readonly position: NonNullable<ReadState["position"]>;
  readonly changes: TrackerChanges;
  readonly batches: readonly DeliveryBatch[];
  /** What accounts of this host sent; left out where nothing is learned of it. */
  readonly sendings?: readonly AccountSending[];
  /** What came of attempts, by the minute. */
  readonly attempts?: ReturnType<AttemptCounter["read"]>;
  /** What it tells of each message, for the host's own index. */
  readonly trace: TraceReading;
}

const positionSchema = z.object({ source: z.string(), cursor: z.string(), at: z.number().optional() });
const messageRow = z.object({ body: z.string() });

/** Reads where the last reading ended. The state of a host that was never read is empty. */
export function readReadState(path: string): Promise<ReadState> {
  return withStore(path, (database) => ({
    position: parsePosition(readFact(database, "position")),
    tracker: {
      messages: statement(database, "select body from messages")
        .all()
        .map((row) => JSON.parse(messageRow.parse(row).body)),
      sessions: JSON.parse(readFact(database, "sessions") ?? "[]"),
      held: parseFact(readFact(database, "held mail")),
      arrivals: parseFact(readFact(database, "arrivals")),
    },
    traceSessions: readTraceSessions(database),
  }));
}

/**
 * Keeps a reading: the cursor, what is followed now, the index and the batches, in one transaction, so that each line of the log
 * counts once wherever the agent is killed. Returns how many batches were dropped because nobody had taken them for long.
 */
export function keepReading(
  path: string,
  { position, changes, batches, sendings = [], attempts = [], trace }: Reading,
): Promise<number> {
  return withStore(path, (database) =>
    inTransaction(database, () => {
      writeFact(database, "position", JSON.stringify(position));
      writeFact(database, "sessions", JSON.stringify(changes.sessions));
      writeFact(database, "held mail", JSON.stringify(changes.held));
      writeFact(database, "arrivals", JSON.stringify(changes.arrivals));
      const put = statement(database, "insert or replace into messages values (?, ?)");
      for (const message of changes.messages) put.run(message.queueId, JSON.stringify(message));
      const remove = statement(database, "delete from messages where queue_id = ?");
      for (const queueId of changes.gone) remove.run(queueId);
      learnAccounts(database, sendings);
      keepAttempts(database, attempts, trace.readAt);
      indexTrace(database, trace);
      return spoolBatches(database, "delivery", batches);
    }),
  );
}

function parsePosition(text: string | null): ReadState["position"] {
  return text === null ? null : positionSchema.parse(JSON.parse(text));
}

/** What this agent wrote itself; undefined where one of before wrote nothing. */
function parseFact<T>(text: string | null): T | undefined {
  return text === null ? undefined : JSON.parse(text);
}
