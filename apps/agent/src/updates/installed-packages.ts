import type { ExactPackage, PackageChange } from "@mailstead/core/updates";
import { compareVersions } from "@mailstead/core/updates";
import { z } from "zod";
import { JobFailure } from "../jobs/job-failure.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";

/** A package as dpkg has it; `half` while any of its files or its configuration is missing. */
export const installedPackageSchema = z.object({
  name: z.string(),
  architecture: z.string(),
  version: z.string(),
  state: z.enum(["whole", "half"]),
  isHeld: z.boolean(),
  /** What its files take on the disk. */
  sizeBytes: z.number(),
});
export type InstalledPackage = z.infer<typeof installedPackageSchema>;

/** Every package that is installed, or half so, by its key. */
export type InstalledPackages = ReadonlyMap<string, InstalledPackage>;

/** Tells packages of one name apart, since a host may have several architectures. */
export function keyOf({ name, architecture }: { name: string; architecture: string }): string {
  return `${name}:${architecture}`;
}

const fields = ["db:Status-Abbrev", "Package", "Architecture", "Version", "Installed-Size"];

/** Reads what dpkg has, by one call. */
export async function readInstalled(host: Host): Promise<InstalledPackages> {
  const showformat = `${fields.map((field) => `\${${field}}`).join("\t")}\n`;
  const result = await host.run(["dpkg-query", "--show", `--showformat=${showformat}`]);
  if (result.exitCode !== 0) throw new Error(`dpkg-query could not list packages: ${lastWords(result)}`);
  const installed = new Map<string, InstalledPackage>();
  for (const line of result.stdout.split("\n")) {
    const [status = "", name = "", architecture = "", version = "", size = ""] = line.split("\t");
    // The second letter is the state, the third says that it must be unpacked again (dpkg-query(1)).
    if (name === "" || version === "" || /^.[nc]/.test(status)) continue;
    const state = /^.i(?: |$)/.test(status) ? "whole" : "half";
    const sizeBytes = Number(size) * 1024 || 0;
    const found = { name, architecture, version, state, isHeld: status.startsWith("h"), sizeBytes } as const;
    installed.set(keyOf(found), found);
  }
  return installed;
}

/** The package that an order means: one for all architectures may have been one of the host's own before, and back. */
export function installedOf(
  installed: InstalledPackages,
  wanted: ExactPackage,
): InstalledPackage | undefined {
  const same = installed.get(keyOf(wanted));
  if (same !== undefined) return same;
  const others = [...installed.values()].filter(({ name }) => name === wanted.name);
  return others.find(({ architecture }) => architecture === "all" || wanted.architecture === "all");
}

/** True where the package is wholly there in this version. */
export function isThere(installed: InstalledPackages, wanted: ExactPackage): boolean {
  const found = installedOf(installed, wanted);
  return found?.state === "whole" && found.version === wanted.version;
}

/** Names of packages that are half configured or half unpacked, with the version that came last, for a sentence. */
export function halfDone(installed: InstalledPackages): InstalledPackage[] {
  return [...installed.values()].filter(({ state }) => state === "half");
}

/** What became of the packages of an order. */
export function changesOf(
  packages: readonly ExactPackage[],
  before: InstalledPackages,
  after: InstalledPackages,
): PackageChange[] {
  return packages.flatMap((wanted) => {
    const from = installedOf(before, wanted)?.version ?? null;
    const to = installedOf(after, wanted)?.version ?? null;
    return from === to ? [] : [{ name: wanted.name, architecture: wanted.architecture, from, to }];
  });
}

/** Refuses an order about a package that the host's owner has told apt to leave as it is. Throws JobFailure. */
export function requireNoneHeld(installed: InstalledPackages, packages: readonly ExactPackage[]): void {
  const held = packages
    .flatMap((wanted) => installedOf(installed, wanted) ?? [])
    .find(({ isHeld }) => isHeld);
  if (held !== undefined)
    throw new JobFailure(
      `The owner of this host holds ${held.name} at ${held.version}. Let it go there (apt-mark unhold ${held.name}) or leave it out of the rollout. Nothing was changed.`,
      { retry: "permanent" },
    );
}

/** Negative where the first version is the older one. */
export const compareInstalled = (installed: InstalledPackage, wanted: ExactPackage): number =>
  compareVersions(installed.version, wanted.version);

/** Like "dovecot-core 1:2.3.19.1, redis-server 5:7.0.15 and 3 more". */
export function namesOf(packages: readonly { name: string; version: string }[]): string {
  const namesMax = 10;
  const names = packages.slice(0, namesMax).map(({ name, version }) => `${name} ${version}`);
  const more = packages.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
