import type { JobOutcome } from "@mailstead/core/jobs";
import { cutText } from "@mailstead/core/text";
import { isDiskFull } from "../platform/files.ts";

/** Ends a job with a sentence for a person; `retry` says whether trying again can help. */
export class JobFailure extends Error {
  override readonly name = "JobFailure";
  readonly retry: "temporary" | "permanent";

  constructor(sentence: string, options: { retry: "temporary" | "permanent"; cause?: unknown }) {
    super(sentence, { cause: options.cause });
    this.retry = options.retry;
  }
}

/** A person asked for the job to stop; thrown between steps. */
export class JobCancelled extends Error {
  override readonly name = "JobCancelled";
}

const problemMaxLength = 8000;

/** How a job ends that threw this. */
export function outcomeOfError(error: unknown): JobOutcome {
  if (error instanceof JobCancelled) return { kind: "cancelled" };
  if (error instanceof JobFailure)
    return { kind: "failed", problem: cutText(error.message, problemMaxLength), retry: error.retry };
  if (isDiskFull(error))
    return {
      kind: "failed",
      problem: `The disk of this host is full: ${(error as Error).message}. Free some space and run the job again.`,
      retry: "temporary",
    };
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: "failed",
    problem: cutText(`The agent met what it did not expect: ${message}`, problemMaxLength),
    retry: "temporary",
  };
}
