import { uptime } from "node:os";
import type { HostClock } from "@mailstead/core/servers";
import { pathExists } from "../../platform/files.ts";
import type { Host } from "../../platform/host.ts";

// A host that has just started has not met its time server yet.
const uptimeMinSeconds = 15 * 60;
// What a slow line alone makes of the difference.
const aheadMinMs = 5_000;
const aheadStepSeconds = 10;

/**
 * Whether the kernel is told the time by whatever program does that (adjtimex(2), by timedatectl). A container has its
 * machine's clock, of which it can say only good things.
 */
export async function isClockSynchronised(
  host: Host,
  uptimeSeconds: () => number = uptime,
): Promise<boolean | null> {
  const argv = ["timedatectl", "show", "--property=NTPSynchronized", "--value"] as const;
  const { exitCode, stdout } = await host.run(argv, { timeoutMs: 5_000 });
  const answer = stdout.trim();
  if (exitCode !== 0 || (answer !== "yes" && answer !== "no")) return null;
  if (answer === "yes") return true;
  const isUntellable =
    uptimeSeconds() < uptimeMinSeconds || (await pathExists(host.path("/run/systemd/container")));
  return isUntellable ? null : false;
}

/** How far the clock is ahead, from the gateway's clock less ours, in steps that hide a line's own delay. */
export function aheadSecondsOf(clockOffsetMs: number): HostClock["aheadSeconds"] {
  if (Math.abs(clockOffsetMs) < aheadMinMs) return 0;
  const ahead = -Math.round(clockOffsetMs / 1000 / aheadStepSeconds) * aheadStepSeconds;
  return ahead === 0 ? 0 : ahead;
}
