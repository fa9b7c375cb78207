import type { JobArgs, JobOutcome, JobVerb, ProgressEvent } from "@mailstead/core/jobs";
import { createJobRunner } from "../jobs/job-runner.ts";
import { createVerbRunner } from "../jobs/verbs.ts";
import { openJournal } from "../journal/journal.ts";
import type { Host } from "../platform/host.ts";
import { makeIdentity, signOrder, testServerId } from "./test-identity.ts";

/** How a job went that was given to an agent on a fake host. */
export interface DoneJob {
  outcome: JobOutcome;
  events: readonly ProgressEvent["body"][];
  /** What the job's log was told, a line each. */
  said: string;
}

/** An agent on a fake host that is handed one signed job after the other. */
export interface JobDesk {
  run<V extends JobVerb>(verb: V, args: JobArgs<V>): Promise<DoneJob>;
  close(): void;
}

/** Starts an agent on the host; its jobs need neither target state nor directory. */
export function openJobDesk(host: Host): JobDesk {
  const { identity, signingKeys } = makeIdentity();
  const nowUnixMs = () => 1_800_000_000_000;
  const journal = openJournal(host.path("/var/lib/mailstead/journal"), { nowUnixMs });
  let onEnd = (): void => undefined;
  let sequence = 0;
  const jobs = createJobRunner({
    identity,
    journal,
    ownerPolicyPath: "/none",
    nowUnixMs,
    clockOffsetMs: () => 0,
    send: (frame) => {
      if (frame.type === "job-ended") onEnd();
      return true;
    },
    runner: createVerbRunner({
      host,
      suite: "bookworm",
      identity,
      requests: {
        targetState: () => Promise.reject(new Error("not asked")),
        directoryPage: () => Promise.reject(new Error("not asked")),
      },
      directoryPath: "/directory.sqlite",
      telemetryPath: "/telemetry.sqlite",
      readLog: async () => undefined,
      refreshFacts: async () => undefined,
      readTelemetry: async () => undefined,
    }),
  });
  return {
    async run(verb, args) {
      sequence += 1;
      const jobId = `0198a5e0-0000-7000-8000-${String(sequence).padStart(12, "0")}`;
      const order = {
        formatVersion: 1,
        jobId,
        serverId: testServerId,
        sequence,
        verb,
        args,
        issuedAtUnixMs: nowUnixMs(),
        expiresAtUnixMs: nowUnixMs() + 3_600_000,
      } as const;
      const ended = new Promise<void>((resolve) => {
        onEnd = resolve;
      });
      await jobs.take(signOrder(order, signingKeys));
      await ended;
      const job = journal.ledger.jobs.get(jobId);
      if (job?.outcome == null) throw new Error(`the job ${verb} has no outcome`);
      const events = job.unsentEvents.map(({ body }) => body);
      const said = events.flatMap((body) => (body.kind === "log" ? [body.text] : [])).join("\n");
      return { outcome: job.outcome, events, said };
    },
    close: () => journal.close(),
  };
}
