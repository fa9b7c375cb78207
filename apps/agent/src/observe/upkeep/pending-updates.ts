import { readdir } from "node:fs/promises";
import type { PendingUpdates } from "@mailstead/core/servers";
import { cutText } from "@mailstead/core/text";
import { isMissing } from "../../platform/files.ts";
import type { Host } from "../../platform/host.ts";
import { dayOf, modifiedAtMs } from "./told-day.ts";

/** What the answer is made of: it is computed anew only when one of these has changed. */
export const updateSources = ["/var/lib/dpkg/status", "/var/lib/apt/lists"] as const;

// Each of them is touched by a look for updates, whether it found any or not.
const askedMarks = [
  "/var/lib/apt/periodic/update-success-stamp",
  "/var/lib/apt/lists",
  "/var/lib/apt/lists/partial",
] as const;
const namesMax = 10;

/**
 * What apt would install by the lists that the host has; asks nobody and changes nothing. Takes seconds of processor
 * time, so it runs behind everything else. Null when apt cannot say.
 */
export async function readPendingUpdates(host: Host): Promise<PendingUpdates | null> {
  const result = await host.run(
    ["nice", "-n", "19", "apt-get", "--simulate", "-qq", "--option=Debug::NoLocking=true", "dist-upgrade"],
    { timeoutMs: 120_000 },
  );
  if (result.exitCode !== 0) return null;
  const packages = parseSimulation(result.stdout);
  const forSecurity = packages.filter(({ isSecurity }) => isSecurity);
  const others = packages.filter(({ isSecurity }) => !isSecurity);
  return {
    count: packages.length,
    securityCount: forSecurity.length,
    names: [...forSecurity, ...others].slice(0, namesMax).map(({ name }) => cutText(name, 100)),
    askedOn: await lastAskedOn(host),
  };
}

/** The packages of lines like `Inst libssl3 [3.0.15] (3.0.17 Debian-Security:12/oldstable-security [amd64])`. */
export function parseSimulation(text: string): { name: string; isSecurity: boolean }[] {
  return text.split("\n").flatMap((line) => {
    const [, name, origin = ""] = /^Inst (\S+) .*?\((.*)/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, isSecurity: /\bDebian-Security:/.test(origin) }];
  });
}

async function lastAskedOn(host: Host): Promise<string | null> {
  if (!(await hasLists(host))) return null;
  const moments = await Promise.all(askedMarks.map((path) => modifiedAtMs(host.path(path))));
  const latest = Math.max(...moments.map((at) => at ?? 0));
  return latest === 0 ? null : dayOf(latest);
}

/** The folder is there before anybody asked. */
async function hasLists(host: Host): Promise<boolean> {
  try {
    return (await readdir(host.path("/var/lib/apt/lists"))).some((name) => name.includes("_Packages"));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
