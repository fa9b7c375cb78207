import { compareVersions } from "./compare-versions.ts";
import type { Inventory } from "./inventory.ts";

/**
 * The newest of the kernels that lie on a host, of the flavour that runs: those of another, as for clouds, are no newer
 * ones. Null where none does.
 */
export function newestKernel(running: string, installed: readonly string[]): string | null {
  const alike = installed.filter((kernel) => flavourOf(kernel) === flavourOf(running));
  return alike.toSorted(compareVersions).at(-1) ?? null;
}

/** The end of a kernel's name, like `-cloud-amd64`. */
function flavourOf(kernel: string): string {
  return /(?:-[a-z]+)*-[a-z][a-z0-9]*$/.exec(kernel)?.[0] ?? "";
}

/** Why a host is to be restarted; empty where it need not be. */
export type RebootReason =
  | { readonly kind: "asked"; readonly packages: readonly string[] }
  | { readonly kind: "kernel"; readonly running: string; readonly newest: string };

/**
 * A host is to be restarted where a package asks for it, or where a newer kernel is installed than runs: Debian by itself
 * has nobody who would ask for that.
 */
export function judgeReboot(
  host: Pick<Inventory, "isRebootRequired" | "rebootPackages" | "runningKernel" | "newestKernel">,
): readonly RebootReason[] {
  const { isRebootRequired, rebootPackages, runningKernel: running, newestKernel: newest } = host;
  return [
    ...(isRebootRequired ? [{ kind: "asked", packages: rebootPackages } as const] : []),
    ...(newest !== null && compareVersions(newest, running) > 0
      ? [{ kind: "kernel", running, newest } as const]
      : []),
  ];
}
