import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgressBody } from "@mailstead/core/jobs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Journal, openJournal } from "../journal/journal.ts";
import { testServerId } from "../testing/test-identity.ts";
import { openJobContext } from "./job-context.ts";
import { JobFailure, outcomeOfError } from "./job-failure.ts";

const jobId = "0198a5e0-0000-7000-8000-000000000001";
const nowUnixMs = () => 1_800_000_000_000;
let folder: string;
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "context-"));
  journal = openJournal(folder, { nowUnixMs });
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true });
});

/** What the journal holds of something that a job reports. */
function reported(body: ProgressBody): ProgressBody | undefined {
  const order = {
    formatVersion: 1,
    jobId,
    serverId: testServerId,
    sequence: 1,
    verb: "converge",
    args: {},
    issuedAtUnixMs: 0,
    expiresAtUnixMs: nowUnixMs() + 1000,
  } as const;
  const { expiresAtUnixMs, sequence } = order;
  journal.append({ kind: "accepted", jobId, sequence, expiresAtUnixMs, order: JSON.stringify(order) }, true);
  const job = journal.ledger.jobs.get(jobId);
  if (job === undefined) throw new Error("the job was not journaled");
  const signal = new AbortController().signal;
  openJobContext({ order, job, journal, signal, nowUnixMs, onProgress: () => undefined }).report(body);
  return job.unsentEvents[0]?.body;
}

// Whatever the bound is, one of these two has a character across it.
const long = ["📬".repeat(40_000), `a${"📬".repeat(40_000)}`];

test.each(long)("text of a story is cut between two characters", (text) => {
  const bodies: ProgressBody[] = [
    { kind: "file-changed", path: "/etc/postfix/main.cf", diff: text },
    { kind: "log", level: "info", text },
    { kind: "step-started", stepId: text },
    { kind: "step-ended", stepId: text, outcome: "failed", detail: text },
    { kind: "plan", steps: [{ id: text, title: text, weight: 1 }] },
  ];
  for (const body of bodies) {
    const told = JSON.stringify(reported(body));
    expect(told.length).toBeLessThan(JSON.stringify(body).length);
    expect(told).not.toMatch(/\\ud[89a-f]/);
  }
});

test.each(long)("the sentence of a failure is cut between two characters", (text) => {
  for (const error of [new JobFailure(text, { retry: "permanent" }), new Error(text)]) {
    const told = JSON.stringify(outcomeOfError(error));
    expect(told.length).toBeLessThan(text.length);
    expect(told).not.toMatch(/\\ud[89a-f]/);
  }
});
