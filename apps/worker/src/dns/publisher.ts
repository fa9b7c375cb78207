import type { RecordPublisher } from "@mailstead/services/dns";
import { openRecordPublisher } from "@mailstead/services/publishing";
import { createHostedZonePublisher } from "@mailstead/services/zones";
import type { WorkerContext } from "../worker-context.ts";
import { type DnsWorkerParts, publishingWorker } from "./dns-worker.ts";

/** Publishes what nobody waits for: into zones that are hosted here, else through the organisation's connections. */
export function createPublisher(
  context: Pick<WorkerContext, "system">,
  parts: DnsWorkerParts,
): RecordPublisher {
  return {
    publish(request) {
      const { app: database, installation } = parts;
      const elsewhere = openRecordPublisher(publishingWorker(context, parts));
      return createHostedZonePublisher({ ...context.system(), database, installation }, elsewhere).publish(
        request,
      );
    },
  };
}
