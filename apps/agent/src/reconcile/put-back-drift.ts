import type { DriftEntry, TargetState } from "@mailstead/core/servers";
import type { JobRunner } from "../jobs/job-runner.ts";
import { vetoProblem } from "../jobs/owner-policy.ts";
import type { Host } from "../platform/host.ts";
import { log } from "../platform/log.ts";
import { agentPaths } from "../platform/paths.ts";
import { nameApplied } from "./target-documents.ts";

// Whatever edits a file again and again is not to have its service reloaded every few minutes for ever.
const putBacksPerHourMax = 3;
const hourMs = 60 * 60_000;

/**
 * Puts back what was edited by hand as soon as it is seen, where the server's policy is `revert`. It is a journaled job
 * of the agent's own, so it waits for no control plane and survives a kill. The owner's veto of converges holds.
 */
export function createDriftReverter(input: { host: Host; jobs: Pick<JobRunner, "takeOwn"> }) {
  const { host, jobs } = input;
  let begunAtUnixMs: number[] = [];
  let hasToldOfLimit = false;
  return async (target: TargetState, drift: readonly DriftEntry[]): Promise<void> => {
    if (target.driftPolicy !== "revert" || drift.length === 0) return;
    if ((await vetoProblem(host.path(agentPaths.ownerPolicy), "converge")) !== null) return;
    const named = await nameApplied(host, target);
    if (named === null) return;
    const paths = drift.map(({ path }) => path).join(", ");
    const nowMs = host.nowUnixMs();
    begunAtUnixMs = begunAtUnixMs.filter((at) => at > nowMs - hourMs);
    if (begunAtUnixMs.length >= putBacksPerHourMax) {
      if (!hasToldOfLimit)
        log("warning", `${paths} was edited again and again and is left alone for an hour; what edits it?`);
      hasToldOfLimit = true;
      return;
    }
    hasToldOfLimit = false;
    if (!jobs.takeOwn({ verb: "converge", args: { ...named, revertsDrift: true } })) return;
    begunAtUnixMs.push(nowMs);
    log("info", `putting back what was edited by hand, as the policy of this server says: ${paths}`);
  };
}
