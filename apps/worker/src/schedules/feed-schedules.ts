import type { RecordPublisher } from "@mailstead/services/dns";
import { recordFeedFindings, runDueFeeds, tradeGoogleCodes, worldNet } from "@mailstead/services/feeds";
import type { DnsWorkerParts } from "../dns/dns-worker.ts";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const dueFeedsEveryMs = 15_000;
const findingsEveryMs = 10 * 60_000;

/** What reads what providers tell senders of their mail, each when it is due, and tells what is wrong there. */
export function feedSchedules(
  { log, system }: WorkerContext,
  { app, installation, opener, publisher }: DnsWorkerParts & { publisher: RecordPublisher },
): readonly Schedule[] {
  return [
    {
      name: "feeds of providers",
      everyMs: dueFeedsEveryMs,
      async run() {
        const worker = { app, installation, opener, publisher, net: worldNet };
        for (const { connectionId, cause } of await tradeGoogleCodes(system(), worker))
          log.error({ err: cause, connectionId }, "a consent at Google could not be worked on");
        const run = await runDueFeeds(system(), worker);
        for (const { connectionId } of run.read) log.info({ connectionId }, "read a feed");
        for (const { connectionId, kind, sentence } of run.problems)
          log.warn({ connectionId, kind }, sentence);
        for (const { connectionId, cause } of run.failed)
          log.error({ err: cause, connectionId }, "a feed could not be worked on; it is tried again");
      },
    },
    {
      name: "findings of feeds",
      everyMs: findingsEveryMs,
      async run() {
        for (const { organisationId, cause } of await recordFeedFindings(system(), { app, installation }))
          log.error({ err: cause, organisationId }, "what feeds tell could not be noted");
      },
    },
  ];
}
