import { readdir } from "node:fs/promises";
import type { PendingUpdates } from "@mailstead/core/servers";
import { cutText } from "@mailstead/core/text";
import { isMissing } from "../../platform/files.ts";
import type { Host } from "../../platform/host.ts";
import type { AptPlan } from "../inventory/apt-plan.ts";
import { dayOf, modifiedAtMs } from "./told-day.ts";

// Each of them is touched by a look for updates, whether it found any or not.
const askedMarks = [
  "/var/lib/apt/periodic/update-success-stamp",
  "/var/lib/apt/lists",
  "/var/lib/apt/lists/partial",
] as const;
const namesMax = 10;

/** What apt would install by the lists that the host has, in short. Null when apt cannot say. */
export async function readPendingUpdates(host: Host, aptPlan: AptPlan): Promise<PendingUpdates | null> {
  const packages = await aptPlan.read();
  if (packages === null) return null;
  const forSecurity = packages.filter(({ isSecurity }) => isSecurity);
  const others = packages.filter(({ isSecurity }) => !isSecurity);
  return {
    count: packages.length,
    securityCount: forSecurity.length,
    names: [...forSecurity, ...others].slice(0, namesMax).map(({ name }) => cutText(name, 100)),
    askedOn: await lastAskedOn(host),
  };
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
