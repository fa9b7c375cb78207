import { hasEnded, type JobOutcome, type JobState, type JobVerb } from "@mailstead/core/jobs";

const asking: readonly JobVerb[] = [
  "refresh-facts",
  "preview",
  "check-mail",
  "test-signature",
  "test-smarthost",
  "trace-message",
  "read-queue",
];

/** True for a job that has changed its host, or has failed to. */
export function isChange(job: { verb: JobVerb; state: JobState; outcome: JobOutcome | null }): boolean {
  if (!hasEnded(job.state) || job.state === "cancelled" || asking.includes(job.verb)) return false;
  if (job.outcome?.kind !== "succeeded") return true;
  return !nothingDone.some((field) => readNumber(job.outcome, field) === 0);
}

const nothingDone = ["stepsApplied", "changesApplied"] as const;

function readNumber(outcome: JobOutcome | null, field: string): unknown {
  if (outcome?.kind !== "succeeded" || typeof outcome.result !== "object" || outcome.result === null)
    return null;
  return (outcome.result as Readonly<Record<string, unknown>>)[field];
}
