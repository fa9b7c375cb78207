import { searchedRecipients, traceEventSchema, verdictSlackMs } from "@mailstead/core/trace";
import { z } from "zod";
import type { DatabaseSync } from "../platform/sqlite.ts";
import { statement } from "../telemetry/store.ts";
import { forgetVerdicts } from "./index-verdicts.ts";
import { traceKey } from "./trace-schema.ts";

export interface TraceLimits {
  readonly keptForMs: number;
  /** Of the whole store, without what is free in it. */
  readonly sizeMaxBytes: number;
  /** Forgotten in one go, which is one transaction. */
  readonly forgottenAtOnceMax: number;
}

const dayMs = 86_400_000;

export const traceLimits: TraceLimits = {
  keptForMs: 30 * dayMs,
  sizeMaxBytes: 1024 * 1_048_576,
  forgottenAtOnceMax: 5000,
};

// Who is refused at the door can be countless, and is asked for within days.
const refusalsSparedMs = 3 * dayMs;

const oldRow = z.object({ number: z.int(), began_at: z.number() });
const eventRow = z.object({ body: z.string() });
const count = z.object({ count: z.number() });

/**
 * Forgets messages that began too long ago, and what was decided about them; where the store is too large, refusals at the door first and then the oldest
 * messages. Returns the time up to which the index is not whole any more; null when no message was forgotten.
 */
export function pruneTrace(database: DatabaseSync, now: number, limits: TraceLimits): number | null {
  const forgottenUntil = pruneMessages(database, now, limits);
  const before = Math.max(now - limits.keptForMs, (forgottenUntil ?? 0) - verdictSlackMs.before);
  forgetVerdicts(database, { before, max: limits.forgottenAtOnceMax });
  return forgottenUntil;
}

function pruneMessages(database: DatabaseSync, now: number, limits: TraceLimits): number | null {
  const forgotten = forget(database, oldest(database, limits, { before: now - limits.keptForMs }));
  if (usedBytes(database) <= limits.sizeMaxBytes) return forgotten;
  const refusals = oldest(database, limits, { before: now - refusalsSparedMs, isRefusal: true });
  forget(database, refusals);
  if (refusals.length > 0) return forgotten;
  return forget(database, oldest(database, limits, { before: Number.MAX_SAFE_INTEGER })) ?? forgotten;
}

/** The oldest that began before a time and no more than are forgotten at once. */
function oldest(
  database: DatabaseSync,
  { forgottenAtOnceMax }: TraceLimits,
  { before, isRefusal = false }: { before: number; isRefusal?: boolean },
) {
  return statement(
    database,
    `select number, began_at from trace_messages
       where ${isRefusal ? "queue_id is null and" : ""} began_at < ? order by began_at limit ?`,
  )
    .all(before, forgottenAtOnceMax)
    .map((row) => oldRow.parse(row));
}

function forget(database: DatabaseSync, rows: readonly z.infer<typeof oldRow>[]): number | null {
  const readEvents = statement(database, "select body from trace_events where message = ?");
  const dropRecipient = statement(
    database,
    "delete from trace_recipients where recipient = ? and began_at = ? and message = ?",
  );
  const dropEvents = statement(database, "delete from trace_events where message = ?");
  const dropMessage = statement(database, "delete from trace_messages where number = ?");
  for (const { number, began_at } of rows) {
    const events = readEvents
      .all(number)
      .map((row) => traceEventSchema.parse(JSON.parse(eventRow.parse(row).body)));
    for (const recipient of searchedRecipients(events))
      dropRecipient.run(traceKey(recipient), began_at, number);
    dropEvents.run(number);
    dropMessage.run(number);
  }
  return rows.at(-1)?.began_at ?? null;
}

function usedBytes(database: DatabaseSync): number {
  const read = (sql: string) => count.parse(statement(database, sql).get()).count;
  const pages = read("select page_count as count from pragma_page_count");
  const free = read("select freelist_count as count from pragma_freelist_count");
  return (pages - free) * read("select page_size as count from pragma_page_size");
}
