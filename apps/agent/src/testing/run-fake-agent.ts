// Runs an agent's jobs on a fake host until all have ended: ROOT [RECORD]. Kills itself with SIGKILL, as the kernel
// would, right after the journal has written its RECORD-th record.
import { readFileSync } from "node:fs";
import type { SignedJob } from "@mailstead/core/jobs";
import { createJobRunner } from "../jobs/job-runner.ts";
import { createVerbRunner } from "../jobs/verbs.ts";
import { openJournal } from "../journal/journal.ts";
import type { JournalRecord } from "../journal/record.ts";
import { identitySchema } from "../link/identity.ts";
import { openFakeHost } from "./fake-host.ts";

const [root = "", killAt = "0"] = process.argv.slice(2);
const host = openFakeHost(root);
const input = JSON.parse(readFileSync(host.path("/agent-input.json"), "utf8")) as {
  identity: unknown;
  documents: Record<string, string>;
  jobs: SignedJob[];
};
const identity = identitySchema.parse(input.identity);
const records: string[] = [];
const journal = openJournal(host.path("/var/lib/mailstead/journal"), {
  nowUnixMs: host.nowUnixMs,
  onAppended(record) {
    records.push(nameOf(record));
    if (records.length === Number(killAt)) process.kill(process.pid, "SIGKILL");
  },
});
const jobs = createJobRunner({
  identity,
  journal,
  ownerPolicyPath: host.path("/etc/mailstead/policy.json"),
  nowUnixMs: host.nowUnixMs,
  clockOffsetMs: () => 0,
  send: () => false,
  onIdle() {
    process.stdout.write(`${JSON.stringify(records)}\n`);
    journal.close();
    process.exit(0);
  },
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
for (const signed of input.jobs) await jobs.take(signed);
jobs.resume();

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
