import { readdir } from "node:fs/promises";
import { compareVersions } from "@mailstead/core/updates";
import { isMissing, pathExists, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

/** True where a package asks for a restart of the host, or a newer kernel lies there than runs, for which nobody asks. */
export async function isRebootRequired(host: Host): Promise<boolean> {
  if (await pathExists(host.path("/run/reboot-required"))) return true;
  const running = (await readTextIfExists(host.path("/proc/sys/kernel/osrelease")))?.trim();
  if (running === undefined) return false;
  const kernels = (await namesIn(host.path("/boot"))).flatMap(
    (name) => /^vmlinuz-(.+)$/.exec(name)?.[1] ?? [],
  );
  // A container runs its machine's kernel, and has none that it could start.
  return kernels.includes(running) && kernels.some((kernel) => compareVersions(kernel, running) > 0);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
