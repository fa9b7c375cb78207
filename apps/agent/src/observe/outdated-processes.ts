import { readdir, readlink } from "node:fs/promises";
import { isMissing, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

/** A unit of which a process runs code that is no longer on the disk. */
export interface OutdatedUnit {
  /** Like `dovecot.service`, `session-3.scope`, or `init.scope` for systemd itself. */
  unit: string;
  /** Programs and libraries that were replaced or removed under it, in order. */
  libraries: string[];
}

/**
 * The units that go on with programs or libraries which were replaced since they were started, in order of their names,
 * as /proc tells. Processes of containers have files of their own and are passed over. Code that is read as text, as
 * Python's is, leaves no trace there.
 */
export async function readOutdatedUnits(host: Host): Promise<OutdatedUnit[]> {
  const found = new Map<string, Set<string>>();
  const ownNamespace = await linkTarget(host.path("/proc/self/ns/pid"));
  const processIds = (await readdir(host.path("/proc"))).filter((name) => /^\d+$/.test(name));
  for (const processId of processIds) {
    const folder = host.path(`/proc/${processId}`);
    const libraries = replacedIn((await readProcessFile(`${folder}/maps`)) ?? "");
    if (libraries.length === 0 || (await linkTarget(`${folder}/ns/pid`)) !== ownNamespace) continue;
    const unit = unitOfGroups((await readProcessFile(`${folder}/cgroup`)) ?? "");
    if (unit === null) continue;
    const known = found.get(unit) ?? new Set();
    for (const library of libraries) known.add(library);
    found.set(unit, known);
  }
  return [...found]
    .map(([unit, libraries]) => ({ unit, libraries: [...libraries].sort() }))
    .sort((left, right) => (left.unit < right.unit ? -1 : 1));
}

// Like `7f0c4a600000-7f0c4a628000 r-xp 00028000 08:01 131 /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)` (proc_pid_maps(5)).
// Only what is executed counts: of a replaced message catalogue nothing needs to be started anew.
const replacedLine = /^\S+ ..x. \S+ \S+ \d+ +(\/(?:usr|lib|lib32|lib64|bin|sbin|opt)\/.*) \(deleted\)$/gm;

function replacedIn(maps: string): string[] {
  return [...maps.matchAll(replacedLine)].map(([, path = ""]) => path.replace(/\.dpkg-(?:tmp|new)$/, ""));
}

/** The unit that the lines of /proc/PID/cgroup tell; the outer one where a service keeps groups of its own. */
function unitOfGroups(groups: string): string | null {
  const lines = groups.split("\n");
  // With both hierarchies mounted, the older one holds systemd's units, too (cgroups(7)).
  const path = (lines.find((line) => line.startsWith("0::/")) ?? "").slice(3);
  const named = (lines.find((line) => line.includes(":name=systemd:")) ?? "").replace(
    /^.*:name=systemd:/,
    "",
  );
  const unitIn = (of: string) => of.split("/").find((part) => /\.(?:service|scope)$/.test(part)) ?? null;
  return unitIn(path) ?? unitIn(named);
}

/** The text of a process's file; null when the process has ended, also in the middle of reading. */
async function readProcessFile(path: string): Promise<string | null> {
  try {
    return await readTextIfExists(path);
  } catch (error) {
    if (hasEnded(error)) return null;
    throw error;
  }
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isMissing(error) || hasEnded(error)) return null;
    throw error;
  }
}

/** ESRCH: the process ended; EACCES and EPERM: the host's own rules keep even root from looking at it. */
function hasEnded(error: unknown): boolean {
  return ["ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException | null)?.code ?? "");
}
