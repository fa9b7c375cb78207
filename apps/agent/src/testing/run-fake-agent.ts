// Runs an agent's jobs on a fake host one after the other until all have ended: ROOT [POINT | FOLDER]. Kills itself with
// SIGKILL, as the kernel would, at its POINT-th point: a record that the journal has just written, or a command about to
// change the host or just done. Keeps the disk as it is at the first point of each sort in a FOLDER, by the point's number.
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { SignedJob } from "@mailstead/core/jobs";
import { createJobRunner } from "../jobs/job-runner.ts";
import { createVerbRunner } from "../jobs/verbs.ts";
import { openJournal } from "../journal/journal.ts";
import type { JournalRecord } from "../journal/record.ts";
import { identitySchema } from "../link/identity.ts";
import { openFakeHost } from "./fake-host.ts";
import { keepDisk } from "./keep-disk.ts";
import { sortOfPoint } from "./points.ts";
import { watchHost } from "./watched-host.ts";

const [root = "", argument = ""] = process.argv.slice(2);
const keepIn = isAbsolute(argument) ? argument : null;
const killAt = Number(argument || Number.NaN);
const host = watchHost(openFakeHost(root), reach);
const input = JSON.parse(readFileSync(host.path("/agent-input.json"), "utf8")) as {
  identity: unknown;
  documents: Record<string, string>;
  jobs: SignedJob[];
};
const identity = identitySchema.parse(input.identity);
const points: string[] = [];
const sorts = new Set<string>();
let jobsBegun = 0;
const waiting = [...input.jobs];
const journal = openJournal(host.path("/var/lib/mailstead/journal"), {
  nowUnixMs: host.nowUnixMs,
  onAppended(record) {
    if (record.kind === "running") jobsBegun += 1;
    reach(nameOf(record));
  },
});
const jobs = createJobRunner({
  identity,
  journal,
  ownerPolicyPath: host.path("/etc/mailstead/policy.json"),
  nowUnixMs: host.nowUnixMs,
  clockOffsetMs: () => 0,
  send: () => false,
  onIdle: () => void takeNext(),
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
    refreshFacts: async () => undefined,
  }),
});
await takeNext();

/** Hands over the next order once nothing runs any more, so that every run comes to its points in the same order. */
async function takeNext(): Promise<void> {
  for (let signed = waiting.shift(); signed !== undefined; signed = waiting.shift()) {
    await jobs.take(signed);
    jobs.resume();
    if (!jobs.isIdle()) return;
  }
  process.stdout.write(`${JSON.stringify(points)}\n`);
  journal.close();
  process.exit(0);
}

function reach(name: string): void {
  const point = `job ${jobsBegun}: ${name}`;
  points.push(point);
  if (points.length === killAt) process.kill(process.pid, "SIGKILL");
  if (keepIn === null || sorts.has(sortOfPoint(point))) return;
  sorts.add(sortOfPoint(point));
  keepDisk(root, join(keepIn, String(points.length)));
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
