import { readFileSync } from "node:fs";
import type { SignedJob } from "@mailstead/core/jobs";
import { createJobRunner } from "../jobs/job-runner.ts";
import { createVerbRunner } from "../jobs/verbs.ts";
import { openJournal } from "../journal/journal.ts";
import type { JournalRecord } from "../journal/record.ts";
import { identitySchema } from "../link/identity.ts";
import { openFakeHost } from "./fake-host.ts";
import { watchHost } from "./watched-host.ts";

/**
 * Starts an agent on a fake host and gives it the host's jobs one after the other until all have ended, also those that an
 * agent before it has begun. Returns its points in order, each of which `onPoint` is told with its number: a record that
 * the journal has just written, or a command about to change the host or just done.
 */
export async function runFakeAgent(
  root: string,
  onPoint: (point: string, number: number) => void = () => undefined,
): Promise<readonly string[]> {
  const points: string[] = [];
  let jobsBegun = 0;
  const reach = (name: string) => {
    const point = `job ${jobsBegun}: ${name}`;
    onPoint(point, points.push(point));
  };
  const host = watchHost(openFakeHost(root), reach);
  const input = JSON.parse(readFileSync(host.path("/agent-input.json"), "utf8")) as {
    identity: unknown;
    documents: Record<string, string>;
    jobs: SignedJob[];
  };
  const identity = identitySchema.parse(input.identity);
  const journal = openJournal(host.path("/var/lib/mailstead/journal"), {
    nowUnixMs: host.nowUnixMs,
    onAppended(record) {
      if (record.kind === "running") jobsBegun += 1;
      reach(nameOf(record));
    },
  });
  await new Promise<void>((resolve, reject) => {
    const jobs = createJobRunner({
      identity,
      journal,
      ownerPolicyPath: host.path("/etc/mailstead/policy.json"),
      nowUnixMs: host.nowUnixMs,
      clockOffsetMs: () => 0,
      send: () => false,
      onIdle: () => void takeNext().catch(reject),
      runner: createVerbRunner({
        host,
        suite: "bookworm",
        identity,
        requests: {
          targetState: async (revision) => input.documents[revision] ?? null,
          directoryPage: async () => {
            throw new Error("this test has no directory");
          },
        },
        directoryPath: "/var/lib/mailstead-directory/directory.sqlite",
        telemetryPath: "/var/lib/mailstead/telemetry.sqlite",
        readLog: async () => undefined,
        refreshFacts: async () => undefined,
        readTelemetry: async () => undefined,
      }),
    });
    const waiting = [...input.jobs];
    /** Hands over the next order once nothing runs any more, so that every run comes to its points in the same order. */
    async function takeNext(): Promise<void> {
      for (let signed = waiting.shift(); signed !== undefined; signed = waiting.shift()) {
        await jobs.take(signed);
        jobs.resume();
        if (!jobs.isIdle()) return;
      }
      resolve();
    }
    void takeNext().catch(reject);
  });
  journal.close();
  return points;
}

/** Names what a record tells of, so that a test can choose one of each sort. */
function nameOf(record: JournalRecord): string {
  if (record.kind === "step-begun" || record.kind === "step-ended")
    return `${record.kind} ${sortOf(record.stepId)}`;
  if (record.kind !== "progress") return record.kind;
  const { body } = record.event;
  return body.kind === "file-changed" ? `file-changed ${body.path.split("/")[2]}` : body.kind;
}

/** Steps of one kind are alike, save that each service has its own files. */
function sortOf(stepId: string): string {
  return stepId.startsWith("apply-files:") ? stepId : (stepId.split(":")[0] ?? stepId);
}
