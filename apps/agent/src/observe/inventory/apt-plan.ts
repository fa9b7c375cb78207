import { parseAptSimulation, type SimulatedInstall } from "@mailstead/core/updates";
import type { Host } from "../../platform/host.ts";
import { stampOf } from "../file-stamps.ts";

/** What the plan is made of: it is computed anew only when one of these has changed. */
export const aptSources = ["/var/lib/dpkg/status", "/var/lib/apt/lists"] as const;

/** What apt would do. Several ask for it, and it is computed once for all of them. */
export interface AptPlan {
  /**
   * What apt would install by the lists that the host has; asks nobody and changes nothing. Takes seconds of processor
   * time where something has changed, so it runs behind everything else. Null when apt cannot say.
   */
  read(): Promise<readonly SimulatedInstall[] | null>;
}

/** Opens the plan of a host. */
export function openAptPlan(host: Host): AptPlan {
  let known: { stamp: string; plan: Promise<readonly SimulatedInstall[] | null> } | null = null;
  return {
    async read() {
      const stamp = await stampOf(host, aptSources);
      if (known?.stamp !== stamp) known = { stamp, plan: simulate(host) };
      const asked = known;
      const plan = await asked.plan;
      // What could not be said may be said the next time.
      if (plan === null && known === asked) known = null;
      return plan;
    },
  };
}

async function simulate(host: Host): Promise<readonly SimulatedInstall[] | null> {
  const result = await host.run(
    ["nice", "-n", "19", "apt-get", "--simulate", "-qq", "--option=Debug::NoLocking=true", "dist-upgrade"],
    { timeoutMs: 120_000 },
  );
  return result.exitCode === 0 ? parseAptSimulation(result.stdout).installs : null;
}
