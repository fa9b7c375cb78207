import type { JobOutcome, JobState, JobVerb } from "@mailstead/core/jobs";
import { expect, test } from "vitest";
import { isChange } from "./is-change.ts";

const succeeded = (result: unknown): JobOutcome => ({ kind: "succeeded", result });
const failed: JobOutcome = { kind: "failed", problem: "No.", retry: "permanent" };

test.each<[string, JobVerb, JobState, JobOutcome | null, boolean]>([
  ["files were written", "converge", "succeeded", succeeded({ stepsApplied: 3 }), true],
  ["all was right already", "converge", "succeeded", succeeded({ stepsApplied: 0 }), false],
  ["the change failed", "converge", "failed", failed, true],
  ["it still runs", "converge", "running", null, false],
  ["it was cancelled", "converge", "cancelled", null, false],
  ["the host was only asked", "refresh-facts", "succeeded", succeeded({}), false],
  ["a preview writes nothing", "preview", "succeeded", succeeded({ steps: [] }), false],
  ["a signature was tried", "test-signature", "failed", failed, false],
  ["a queue was read", "read-queue", "succeeded", succeeded({}), false],
  ["a message was looked for", "trace-message", "failed", failed, false],
  ["mail was put on hold", "change-queue", "succeeded", succeeded({ found: 1, changed: 1 }), true],
  ["mailboxes came", "sync-directory", "succeeded", succeeded({ changesApplied: 2 }), true],
  ["no mailbox came", "sync-directory", "succeeded", succeeded({ changesApplied: 0 }), false],
  ["a service was restarted", "restart-service", "succeeded", succeeded({ tookMs: 9 }), true],
])("%s: a change or none", (_name, verb, state, outcome, expected) => {
  expect(isChange({ verb, state, outcome })).toBe(expected);
});
