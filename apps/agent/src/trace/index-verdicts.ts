import { type TracedVerdict, verdictSlackMs } from "@mailstead/core/trace";
import { verdictActions } from "@mailstead/core/verdicts";
import { z } from "zod";
import type { DatabaseSync } from "../platform/sqlite.ts";
import { statement } from "../telemetry/store.ts";

const verdictRow = z
  .object({ queue_id: z.string(), at: z.number(), action: z.enum(verdictActions), score: z.number() })
  .transform(({ queue_id, ...verdict }): TracedVerdict => ({ queueId: queue_id, ...verdict }));

/**
 * Adds what Rspamd decided, in a transaction that the caller has begun. It stands beside the messages and is joined to
 * them when somebody asks, because the log may tell of a message before or after its verdict is read.
 */
export function indexVerdicts(database: DatabaseSync, verdicts: readonly TracedVerdict[]): void {
  const put = statement(database, "insert or replace into trace_verdicts values (?, ?, ?, ?)");
  for (const { queueId, at, action, score } of verdicts) put.run(queueId, at, action, score);
}

/** What Rspamd decided about messages that had a queue id at a time or later, the earliest first. */
export function readVerdicts(
  database: DatabaseSync,
  { queueId, beganAt }: { queueId: string; beganAt: number },
): TracedVerdict[] {
  return statement(
    database,
    "select queue_id, at, action, score from trace_verdicts where queue_id = ? and at >= ? order by at limit 1",
  )
    .all(queueId, beganAt - verdictSlackMs.before)
    .map((row) => verdictRow.parse(row));
}

/** Forgets verdicts of before a time, so many at most. */
export function forgetVerdicts(
  database: DatabaseSync,
  { before, max }: { before: number; max: number },
): void {
  statement(
    database,
    `delete from trace_verdicts where (queue_id, at) in
         (select queue_id, at from trace_verdicts where at < ? order by at limit ?)`,
  ).run(before, max);
}
