import type { RecordPublisher } from "@mailstead/services/dns";
import { openRecordPublisher } from "@mailstead/services/publishing";
import { createHostedZonePublisher } from "@mailstead/services/zones";
import type { WorkerContext } from "../worker-context.ts";
import { type DnsWorkerParts, publishingWorker } from "./dns-worker.ts";

/** Publishes into the zones that are hosted here, and into all others through the organisation's DNS connections. */
export function openProductPublisher(
  context: Pick<WorkerContext, "system">,
  parts: DnsWorkerParts,
): RecordPublisher {
  const elsewhere = openRecordPublisher(publishingWorker(context, parts));
  const { app: database, installation } = parts;
  return {
    // A context for each request: its id is what the audit joins the entries by.
    publish: (request) =>
      createHostedZonePublisher({ ...context.system(), database, installation }, elsewhere).publish(request),
  };
}
