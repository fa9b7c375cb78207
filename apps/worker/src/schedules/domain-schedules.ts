import type { Database, Installation } from "@mailstead/services/context";
import { checkWaitingDomains } from "@mailstead/services/domains";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const waitingDomainsEveryMs = 30_000;

/** What is known of domains only by asking the world again. */
export function domainSchedules(
  context: WorkerContext,
  { app, installation }: { app: Database; installation: Installation },
): readonly Schedule[] {
  const { log, system } = context;
  return [
    {
      name: "domains that wait to sign",
      everyMs: waitingDomainsEveryMs,
      async run() {
        for (const { domainId, startedSigning } of await checkWaitingDomains(system(), { app, installation }))
          if (startedSigning.length > 0)
            log.info({ domainId, selectors: startedSigning }, "a domain begins to sign");
      },
    },
  ];
}
