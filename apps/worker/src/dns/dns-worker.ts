import { dnsChannel } from "@mailstead/services/bus";
import type { Database, Installation } from "@mailstead/services/context";
import { openProvider, type RecordPublisher } from "@mailstead/services/dns";
import { doDnsWork, openRecordPublisher, type PublishingWorker } from "@mailstead/services/publishing";
import type { SecretOpener } from "@mailstead/services/secrets";
import { createHostedZonePublisher } from "@mailstead/services/zones";
import { type Looker, oneLookAtATime } from "../one-look-at-a-time.ts";
import type { Schedule } from "../schedules/schedule.ts";
import type { WorkerContext } from "../worker-context.ts";

export interface DnsWorker extends Looker {
  /** Finds what a lost wake-up left lying. */
  readonly schedule: Schedule;
}

const sweepEveryMs = 15_000;

export interface DnsWorkerParts {
  app: Database;
  installation: Installation;
  opener: SecretOpener;
}

/** Tries DNS connections and publishes records whenever it is woken, one look at a time. */
export function startDnsWorker(context: WorkerContext, parts: DnsWorkerParts): DnsWorker {
  const { bus, log } = context;
  const looker = oneLookAtATime(
    async () => {
      const { failed } = await doDnsWork(publishingWorker(context, parts), (organisationId) =>
        bus.publish(dnsChannel(organisationId), ""),
      );
      for (const { subjectId, cause } of failed)
        log.error({ err: cause, subjectId }, "a DNS connection or publication failed in Mailstead itself");
      return "done";
    },
    (problem) => log.error({ err: problem }, "looking for DNS work failed; the sweep looks again"),
  );
  return {
    ...looker,
    schedule: {
      name: "DNS connections and publications",
      everyMs: sweepEveryMs,
      run: async () => looker.wake(),
    },
  };
}

/** The publisher that works without a person: zones that are hosted here first, DNS connections for the rest. */
export function createPublisher(
  context: Pick<WorkerContext, "system">,
  parts: DnsWorkerParts,
): RecordPublisher {
  const { app, installation } = parts;
  return createHostedZonePublisher(
    { ...context.system(), database: app, installation },
    openRecordPublisher(publishingWorker(context, parts)),
  );
}

function publishingWorker(
  { system }: Pick<WorkerContext, "system">,
  { app, installation, opener }: DnsWorkerParts,
): PublishingWorker {
  return {
    system: system(),
    app,
    installation,
    opener,
    openProvider: (settings) => openProvider(settings, { now: () => new Date() }),
  };
}
