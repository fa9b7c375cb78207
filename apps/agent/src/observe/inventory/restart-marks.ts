import { readdir } from "node:fs/promises";
import { release } from "node:os";
import { cutText } from "@mailstead/core/text";
import { newestKernel } from "@mailstead/core/updates";
import { isMissing, pathExists, readTextIfExists } from "../../platform/files.ts";
import type { Host } from "../../platform/host.ts";

/** Where packages ask for a restart of the whole host, and where kernels lie. */
export const restartSources = ["/run/reboot-required", "/run/reboot-required.pkgs", "/boot"] as const;

const packagesMax = 100;

export interface RestartMarks {
  readonly runningKernel: string;
  readonly newestKernel: string | null;
  readonly isRebootRequired: boolean;
  readonly rebootPackages: string[];
}

/** What speaks for a restart of the host. */
export async function readRestartMarks(host: Host): Promise<RestartMarks> {
  const running = (await readTextIfExists(host.path("/proc/sys/kernel/osrelease")))?.trim() || release();
  const names = (await readTextIfExists(host.path("/run/reboot-required.pkgs"))) ?? "";
  const asking = names
    .split("\n")
    .map((name) => cutText(name.trim(), 100))
    .filter(Boolean);
  // A container runs its machine's kernel, whatever lies on its own disk.
  const isContainer = await pathExists(host.path("/run/systemd/container"));
  return {
    runningKernel: cutText(running, 100),
    newestKernel: isContainer ? null : newestKernel(running, await listKernels(host)),
    isRebootRequired: await pathExists(host.path("/run/reboot-required")),
    rebootPackages: [...new Set(asking)].sort().slice(0, packagesMax),
  };
}

async function listKernels(host: Host): Promise<readonly string[]> {
  try {
    return (await readdir(host.path("/boot"))).flatMap((name) => {
      const [, kernel] = /^vmlinuz-(.{1,100}?)$/.exec(name) ?? [];
      return kernel === undefined || /\.(?:old|bak|dpkg-\w+)$/.test(kernel) ? [] : [kernel];
    });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
