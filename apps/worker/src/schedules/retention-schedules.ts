import { keepDeliveryPartitions } from "@mailstead/services/delivery";
import { forgetConfidentialJobs, forgetOldJobs } from "@mailstead/services/jobs";
import { forgetOldReports } from "@mailstead/services/reports";
import { forgetOldReputations } from "@mailstead/services/reputation";
import { forgetOldStreams } from "@mailstead/services/telemetry";
import { forgetOldVerdicts } from "@mailstead/services/verdicts";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const jobsKeptForMs = 90 * 86_400_000;
const retentionEveryMs = 60 * 60_000;
const confidentialEveryMs = 60_000;
/** A batch is one transaction, which must not hold rows for long; the batches of one run bound its load. */
const batch = { jobsMax: 200, runMax: 100 } as const;

/** What removes the traces that nobody asks for any more. */
export function retentionSchedules({ log, system }: WorkerContext): readonly Schedule[] {
  return [
    {
      name: "room for counts of deliveries",
      everyMs: retentionEveryMs,
      run: () => keepDeliveryPartitions(system()),
    },
    {
      name: "streams that were begun anew",
      everyMs: retentionEveryMs,
      run: () => forgetOldStreams(system()),
    },
    { name: "old reports", everyMs: retentionEveryMs, run: () => forgetOldReports(system()) },
    { name: "old reputations", everyMs: retentionEveryMs, run: () => forgetOldReputations(system()) },
    {
      name: "answers that name people",
      everyMs: confidentialEveryMs,
      async run() {
        const count = await forgetConfidentialJobs(system());
        if (count > 0) log.info({ count }, "removed jobs that named people");
      },
    },
    {
      name: "old verdicts",
      everyMs: retentionEveryMs,
      run: () => forgetOldVerdicts(system()),
    },
    {
      name: "old jobs",
      everyMs: retentionEveryMs,
      async run() {
        let count = 0;
        for (let done = 0; done < batch.runMax; done += 1) {
          const endedBefore = new Date(system().now().getTime() - jobsKeptForMs);
          const forgotten = await forgetOldJobs(system(), { endedBefore, limit: batch.jobsMax });
          count += forgotten;
          if (forgotten < batch.jobsMax) break;
        }
        if (count > 0) log.info({ count }, "removed jobs that ended long ago");
      },
    },
  ];
}
