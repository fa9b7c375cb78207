import { jobCatalog, jobOrderSchema } from "@mailstead/core/jobs";
import { loadLedger } from "../journal/journal.ts";
import { realHost } from "../platform/host.ts";
import { requireRoot } from "../platform/host-check.ts";
import { parseJson } from "../platform/parse-json.ts";
import { agentPaths } from "../platform/paths.ts";

/** `is-idle`: exit code 0 when no job changes the host, the update of the agent itself left out. */
export async function isIdleCommand(): Promise<number> {
  requireRoot();
  const { ledger } = loadLedger(realHost().path(agentPaths.journal));
  const isBusy = [...ledger.jobs.values()].some(({ state, order }) => {
    if (state !== "running") return false;
    const parsed = jobOrderSchema.safeParse(parseJson(order));
    if (!parsed.success) return true;
    return parsed.data.verb !== "update-agent" && jobCatalog[parsed.data.verb].lane === "change";
  });
  return isBusy ? 1 : 0;
}
