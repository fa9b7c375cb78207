import { realHost } from "../platform/host.ts";
import { requireRoot } from "../platform/host-check.ts";
import { agentPaths } from "../platform/paths.ts";
import { runReportReader } from "../telemetry/reports/read-apart.ts";

/** Reads the reports that wait on this host, once. */
export async function readReportsCommand(): Promise<number> {
  requireRoot();
  const host = realHost();
  await runReportReader({ host, storePath: host.path(agentPaths.telemetry) }, (line) => console.log(line));
  return 0;
}
