import { jobOrderSchema } from "@mailstead/core/jobs";
import { allowServiceStarts } from "../apply/package-work.ts";
import { takeBack } from "../apply/take-back.ts";
import { loadLedger } from "../journal/journal.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";

/**
 * Takes back what a stopped agent left half done, for a host that no agent will look after any more. Waits for packages
 * that are still being installed, because dpkg must not be left in the middle. Throws when something cannot be taken back.
 */
export async function settleForGood(host: Host, tell: (line: string) => void): Promise<void> {
  const { ledger } = loadLedger(host.path(agentPaths.journal));
  for (const { order, openStep } of ledger.jobs.values()) {
    if (openStep === null || openStep.undo.kind === "none") continue;
    const left = await takeBack(host, openStep.undo, {
      signal: new AbortController().signal,
      logLine: (_level, text) => tell(text),
    });
    tell(`took back what was half done by ${jobOrderSchema.parse(JSON.parse(order)).verb}`);
    if (left !== null) tell(`after that ${left}`);
  }
  await allowServiceStarts(host);
}
