import type { Database, Installation } from "@mailstead/services/context";
import { checkDueDomains } from "@mailstead/services/domains";
import type { WorkerContext } from "../worker-context.ts";
import { resolverSilence } from "./resolver-silence.ts";
import type { Schedule } from "./schedule.ts";

const dueDomainsEveryMs = 30_000;

/** What is known of domains only by asking the world again. */
export function domainSchedules(
  context: WorkerContext,
  { app, installation }: { app: Database; installation: Installation },
): readonly Schedule[] {
  const { log, system } = context;
  const tellSilence = resolverSilence(log);
  return [
    {
      name: "domains to check",
      everyMs: dueDomainsEveryMs,
      async run() {
        const run = await checkDueDomains(system(), { app, installation });
        for (const { domainId, startedSigning } of run.checked)
          if (startedSigning.length > 0)
            log.info({ domainId, selectors: startedSigning }, "a domain begins to sign");
        for (const { domainId, cause } of run.failed)
          log.error({ err: cause, domainId }, "a domain could not be checked; it is tried again");
        tellSilence(run);
      },
    },
  ];
}
