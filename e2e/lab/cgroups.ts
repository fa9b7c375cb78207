import { constants, existsSync } from "node:fs";
import { access, mkdir, readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";

const mountPoint = "/sys/fs/cgroup";
const v1Controllers = ["systemd", "unified", "memory", "pids", "cpu", "cpuacct"];

/** The hierarchies of this machine: one folder with pure cgroup v2, one per controller otherwise. */
function hierarchies(): string[] {
  if (existsSync(join(mountPoint, "cgroup.procs"))) return [mountPoint];
  return v1Controllers.map((name) => join(mountPoint, name)).filter((path) => existsSync(path));
}

/** False on a machine whose control groups are mounted read-only or not at all. */
export async function areGroupsWritable(): Promise<boolean> {
  const writable = hierarchies().map((path) => access(path, constants.W_OK).then(() => true));
  const results = await Promise.allSettled(writable);
  return results.length > 0 && results.every((result) => result.status === "fulfilled");
}

/** The hierarchy in which a guest's systemd keeps its own groups. */
function unifiedHierarchy(): string {
  return hierarchies().find((path) => path.endsWith("/unified")) ?? mountPoint;
}

const labGroup = (lab: string): string => `mailstead-lab-${lab}`;

/** Makes the groups of one guest. Without its own, nspawn would put every guest into one. */
export async function makeGuestGroups(lab: string, host: string): Promise<string[]> {
  const paths = hierarchies().map((path) => join(path, labGroup(lab), host));
  for (const path of paths) await mkdir(path, { recursive: true });
  return paths;
}

/** The pid, as this machine counts, of a guest's init; undefined while it has none. */
export async function guestLeader(lab: string, host: string): Promise<number | undefined> {
  const file = join(unifiedHierarchy(), labGroup(lab), host, "payload/init.scope/cgroup.procs");
  const first = (await readFile(file, "utf8").catch(() => "")).split("\n")[0];
  return first ? Number(first) : undefined;
}

/** Limits a guest's memory, where the machine offers a memory controller. */
export function memoryLimitFile(lab: string, host: string): string | undefined {
  const v1 = join(mountPoint, "memory", labGroup(lab), host, "memory.limit_in_bytes");
  const v2 = join(mountPoint, labGroup(lab), host, "memory.max");
  return [v1, v2].find((path) => existsSync(path));
}

/** Removes the empty groups that a lab leaves behind. */
export async function removeGroups(lab: string): Promise<void> {
  for (const path of hierarchies()) await removeTree(join(path, labGroup(lab)));
}

async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(path, entry.name));
  // A group whose last process is still being reaped stays, and the next sweep takes it.
  await rmdir(path).catch(() => undefined);
}

/** Names of labs that have groups on this machine, running or not. */
export async function labsWithGroups(): Promise<string[]> {
  const names = new Set<string>();
  for (const path of hierarchies()) {
    for (const name of await readdir(path)) {
      if (name.startsWith("mailstead-lab-")) names.add(name.slice("mailstead-lab-".length));
    }
  }
  return [...names];
}
