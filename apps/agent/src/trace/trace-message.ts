import { setTimeout as wait } from "node:timers/promises";
import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import { withStore } from "../telemetry/store.ts";
import { searchTrace } from "./search-trace.ts";

// A host that was cut off for days has much to read; the answer then says how far it has come.
const readPatienceMs = 600;

/** Answers where a message is, by what the log says up to now. */
export async function traceMessage(
  { storePath, readLog }: { storePath: string; readLog: () => Promise<void> },
  args: JobArgs<"trace-message">,
): Promise<JobResult<"trace-message">> {
  const startedMs = performance.now();
  await Promise.race([readLog(), wait(readPatienceMs, undefined, { ref: false })]);
  const found = await withStore(storePath, (database) => searchTrace(database, args));
  return { ...found, tookMs: Math.round(performance.now() - startedMs) };
}
