import type { JobEvent, JobState } from "@mailstead/core/jobs";
import type { AgentFrame } from "@mailstead/core/wire";
import { jobs, type Transaction } from "@mailstead/db";
import { and, inArray } from "drizzle-orm";
import {
  type Answers,
  type Apart,
  type Asked,
  alone,
  apart,
  type SystemContext,
  withConnections,
} from "../context/index.ts";
import { advanceJob, failedOutcome, type HeldJob, heldJobColumns } from "./advance-job.ts";
import { isOpen, lockServers } from "./open-job.ts";
import { runDeadline } from "./record-answer.ts";

export type JournalEntry = Extract<AgentFrame, { type: "journal" }>["entries"][number];

export interface SettledJournal {
  readonly changedJobIds: readonly string[];
  /** Jobs on the host that a person wanted cancelled while it could not be told. */
  readonly cancelJobIds: readonly string[];
  /** Something waits for this server and may be delivered. */
  readonly hasWaiting: boolean;
}

export interface ShownJournal {
  readonly serverId: string;
  readonly gatewayId: string;
  readonly entries: readonly JournalEntry[];
}

/**
 * Settles every open job of a server by the agent's journal, which is the truth about what reached the host. A job
 * that the journal holds goes on; one that was sent and is not in it never arrived and is sent again, unless it is
 * cancelled or out of time; one that had been accepted and is not in it has lost its journal, and is never run a
 * second time.
 */
export function recordJournal(ctx: SystemContext, shown: ShownJournal): Promise<SettledJournal> {
  return alone(recordJournals, ctx, shown);
}

/** The same of several servers in one transaction; each may be among them once. */
export function recordJournals(asked: readonly Asked<ShownJournal>[]): Promise<Answers<SettledJournal>> {
  return withConnections(asked, async (tx, ctx, shown) => {
    const locked = await lockServers(
      tx,
      shown.map(({ serverId }) => serverId),
    );
    const open = await readOpenRows(tx, [...locked.keys()]);
    const settled: (SettledJournal | Apart)[] = [];
    for (const journal of shown)
      settled.push(
        shown.length > 1 && !locked.has(journal.serverId)
          ? apart
          : await settleOne(tx, { ctx, journal, open: open.get(journal.serverId) ?? [] }),
      );
    return settled;
  });
}

async function settleOne(
  tx: Transaction,
  { ctx, journal, open }: { ctx: SystemContext; journal: ShownJournal; open: readonly HeldJob[] },
): Promise<SettledJournal> {
  const { gatewayId } = journal;
  const entryOf = new Map(journal.entries.map((entry) => [entry.jobId, entry]));
  const changedJobIds: string[] = [];
  const cancelJobIds: string[] = [];
  let hasWaiting = false;
  for (const job of open) {
    const entry = entryOf.get(job.id);
    const state = entry
      ? await settlePresent(tx, { ctx, job, entry, gatewayId })
      : await settleAbsent(tx, { ctx, job });
    if (state !== null) changedJobIds.push(job.id);
    if (entry && job.cancelRequestedAt !== null) cancelJobIds.push(job.id);
    if ((state ?? job.state) === "queued") hasWaiting = true;
  }
  return { changedJobIds, cancelJobIds, hasWaiting };
}

/** What is open of each server, in the order of its sequence. */
async function readOpenRows(
  tx: Transaction,
  serverIds: readonly string[],
): Promise<ReadonlyMap<string, readonly HeldJob[]>> {
  if (serverIds.length === 0) return new Map();
  const rows = await tx
    .select({ ...heldJobColumns, serverId: jobs.serverId, sequence: jobs.sequence })
    .from(jobs)
    .where(and(inArray(jobs.serverId, [...serverIds]), isOpen))
    .orderBy(jobs.id)
    .for("update");
  return Map.groupBy(
    rows.toSorted((a, b) => a.sequence - b.sequence),
    ({ serverId }) => serverId,
  );
}

interface Settling {
  ctx: SystemContext;
  job: HeldJob;
}

function settlePresent(
  tx: Transaction,
  { ctx, job, entry, gatewayId }: Settling & { entry: JournalEntry; gatewayId: string },
): Promise<JobState | null> {
  const now = ctx.now();
  // The result of an ended job follows in a frame of its own, after the progress that led to it.
  const event: JobEvent = {
    kind: entry.state === "accepted" ? "journal-says-accepted" : "journal-says-running",
  };
  return advanceJob(tx, job, {
    event,
    gatewayId,
    acceptedAt: job.acceptedAt ?? now,
    deadlineAt: runDeadline(job, now),
    ...(entry.state === "accepted" ? {} : { startedAt: job.startedAt ?? now }),
  });
}

async function settleAbsent(tx: Transaction, { ctx, job }: Settling): Promise<JobState | null> {
  const event: JobEvent = { kind: "journal-says-absent" };
  if (job.state === "dispatched") {
    const state = await advanceJob(tx, job, { event, gatewayId: null });
    return (await settleNeverArrived(tx, { ctx, job: { ...job, state: state ?? job.state } })) ?? state;
  }
  if (job.state === "queued") return settleNeverArrived(tx, { ctx, job });
  return advanceJob(tx, job, {
    event,
    endedAt: ctx.now(),
    outcome: failedOutcome(
      "The server's agent no longer knows this job, so nobody can say how far it got. Look at the server's state, then run it again if it is still wanted.",
      "permanent",
    ),
  });
}

/** Ends a waiting job of which it is certain now that it is not on its host, when nobody wants it sent any more. */
async function settleNeverArrived(tx: Transaction, { ctx, job }: Settling): Promise<JobState | null> {
  const endedAt = ctx.now();
  if (job.cancelRequestedAt !== null)
    return advanceJob(tx, job, {
      event: { kind: "cancelled-by-person" },
      endedAt,
      outcome: { kind: "cancelled" },
    });
  if (job.deadlineAt >= endedAt) return null;
  return advanceJob(tx, job, {
    event: { kind: "deadline-passed" },
    endedAt,
    outcome: failedOutcome(
      "The server never accepted the job before its time was up, so nothing was done.",
      "temporary",
    ),
  });
}
