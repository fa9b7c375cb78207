import {
  countOpenSources,
  debianSecurityLists,
  fetchSecurityLists,
  judgeSources,
} from "@mailstead/services/updates";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

// Lists come each hour; servers tell of new versions at any time.
const everyMs = 2 * 60_000;

/** Fetches Debian's lists of CVEs, and keeps which of them are open on how many servers. */
export function securityListSchedules(
  { log, system }: WorkerContext,
  { listsUrl = debianSecurityLists }: { listsUrl?: string | undefined },
): readonly Schedule[] {
  return [
    {
      name: "Debian's lists of CVEs",
      everyMs,
      async run() {
        const baseUrl = listsUrl === "off" ? null : listsUrl.replace(/\/+$/, "");
        const { fetched, failed } = await fetchSecurityLists(system(), { baseUrl });
        for (const { suite, issueCount } of fetched)
          log.info({ suite, issueCount }, "fetched Debian's list of CVEs");
        for (const { suite, sentence } of failed) log.warn({ suite }, sentence);
        await judgeSources(system());
        await countOpenSources(system());
      },
    },
  ];
}
