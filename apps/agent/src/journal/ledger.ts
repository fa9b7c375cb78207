import {
  type HighWaterMark,
  type JobOutcome,
  jobCatalog,
  jobOrderSchema,
  noHighWaterMark,
  type ProgressEvent,
  raiseHighWaterMark,
} from "@mailstead/core/jobs";
import { parseJson } from "../platform/parse-json.ts";
import type { JournalRecord, Undo } from "./record.ts";

/** A job as the journal tells it. */
export interface JournaledJob {
  jobId: string;
  sequence: number;
  expiresAtUnixMs: number;
  order: string;
  /** True when the agent gave itself the job: no order of the control plane's, and nobody to report to. */
  isOwn: boolean;
  state: "accepted" | "running" | "ended";
  /** How often it was started; more than once means that the agent was stopped in the middle. */
  starts: number;
  startedAtUnixMs: number | null;
  isCancelRequested: boolean;
  /** Begun and not ended. A job may end with it, when the step could not be taken back; then it is still to be. */
  openStep: { stepId: string; undo: Undo } | null;
  /** Number of the last progress event, and of the last that the control plane has stored. */
  progressNumber: number;
  progressStoredNumber: number;
  /** Events after `progressStoredNumber`, in order. */
  unsentEvents: ProgressEvent[];
  outcome: JobOutcome | null;
}

/** All that the journal's records add up to. */
export interface Ledger {
  jobs: Map<string, JournaledJob>;
  /** Sequence number to job, of every order that could still be replayed. */
  sequences: Map<number, { jobId: string; expiresAtUnixMs: number }>;
  /** Behind this nothing is accepted any more, however good its signature. */
  highWater: HighWaterMark;
}

export function emptyLedger(): Ledger {
  return { jobs: new Map(), sequences: new Map(), highWater: noHighWaterMark };
}

/** Adds one record to a ledger, in place. A record of a job that the ledger does not hold changes nothing. */
export function addRecord(ledger: Ledger, record: JournalRecord): void {
  if (record.kind === "accepted") {
    const { jobId, sequence, expiresAtUnixMs, order, isOwn = false } = record;
    ledger.jobs.set(jobId, { ...newJob, jobId, sequence, expiresAtUnixMs, order, isOwn, unsentEvents: [] });
    if (isOwn) return;
    ledger.sequences.set(sequence, { jobId, expiresAtUnixMs });
    const parsed = jobOrderSchema.safeParse(parseJson(order));
    if (parsed.success) ledger.highWater = raiseHighWaterMark(ledger.highWater, parsed.data);
    return;
  }
  if (record.kind === "high-water") {
    ledger.highWater = record.mark;
    return;
  }
  if (record.kind === "settled") {
    const { jobId, sequence, expiresAtUnixMs } = record;
    if (ledger.jobs.get(jobId)?.isOwn !== true) ledger.sequences.set(sequence, { jobId, expiresAtUnixMs });
    ledger.jobs.delete(jobId);
    return;
  }
  const job = ledger.jobs.get(record.jobId);
  if (job !== undefined) addToJob(job, record);
}

/** True while a job that changes the host is running, or has left files behind that are still to be taken back. */
export function isChanging(ledger: Ledger): boolean {
  return [...ledger.jobs.values()].some(
    ({ state, order, openStep }) =>
      openStep?.undo.kind === "restore-files" ||
      (state === "running" && jobCatalog[jobOrderSchema.parse(JSON.parse(order)).verb].lane === "change"),
  );
}

const newJob = {
  state: "accepted",
  starts: 0,
  startedAtUnixMs: null,
  isCancelRequested: false,
  openStep: null,
  progressNumber: 0,
  progressStoredNumber: 0,
  outcome: null,
} as const;

function addToJob(
  job: JournaledJob,
  record: Exclude<JournalRecord, { kind: "accepted" | "settled" | "high-water" }>,
): void {
  switch (record.kind) {
    case "running":
      job.state = "running";
      job.starts += 1;
      job.startedAtUnixMs ??= record.atUnixMs;
      return;
    case "step-begun":
      job.openStep = { stepId: record.stepId, undo: record.undo };
      return;
    case "step-ended":
      job.openStep = null;
      return;
    case "progress":
      job.progressNumber = record.event.number;
      job.unsentEvents.push(record.event);
      return;
    case "progress-stored":
      job.progressStoredNumber = Math.max(job.progressStoredNumber, record.number);
      job.progressNumber = Math.max(job.progressNumber, job.progressStoredNumber);
      while ((job.unsentEvents[0]?.number ?? Number.POSITIVE_INFINITY) <= job.progressStoredNumber)
        job.unsentEvents.shift();
      return;
    case "cancel-requested":
      job.isCancelRequested = true;
      return;
    case "ended":
      job.state = "ended";
      job.outcome = record.outcome;
      return;
  }
}

/** The fewest records that add up to this ledger; sequences that have expired are left out. */
export function recordsOf(ledger: Ledger, nowUnixMs: number): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const [sequence, { jobId, expiresAtUnixMs }] of ledger.sequences)
    if (!ledger.jobs.has(jobId) && expiresAtUnixMs > nowUnixMs)
      records.push({ kind: "settled", jobId, sequence, expiresAtUnixMs });
  for (const job of ledger.jobs.values()) records.push(...recordsOfJob(job));
  // Last, because the records of jobs raise it as they are read.
  if (ledger.highWater.serverId !== "") records.push({ kind: "high-water", mark: ledger.highWater });
  return records;
}

function* recordsOfJob(job: JournaledJob): Generator<JournalRecord> {
  const { jobId, sequence, expiresAtUnixMs, order, isOwn } = job;
  yield { kind: "accepted", jobId, sequence, expiresAtUnixMs, order, ...(isOwn ? { isOwn } : {}) };
  for (let start = 0; start < job.starts; start += 1)
    yield { kind: "running", jobId, atUnixMs: job.startedAtUnixMs ?? 0 };
  if (job.isCancelRequested) yield { kind: "cancel-requested", jobId };
  if (job.progressStoredNumber > 0)
    yield { kind: "progress-stored", jobId, number: job.progressStoredNumber };
  for (const event of job.unsentEvents) yield { kind: "progress", jobId, event };
  if (job.openStep !== null) yield { kind: "step-begun", jobId, ...job.openStep };
  if (job.outcome !== null) yield { kind: "ended", jobId, outcome: job.outcome };
}
