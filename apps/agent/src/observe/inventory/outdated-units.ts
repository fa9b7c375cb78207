import { readdir, readFile } from "node:fs/promises";
import { cutText } from "@mailstead/core/text";
import type { OutdatedUnit } from "@mailstead/core/updates";
import type { Host } from "../../platform/host.ts";

const filesMax = 20;
const unitsMax = 200;

/** An executable part of a process that lies on disk no more, as after an upgrade (proc_pid_maps(5)). */
const replacedFile =
  /^\S+ \S\Sx\S \S+ \S+ \S+\s+(\/(?:usr|lib|lib32|lib64|bin|sbin|opt)\/.*?)(?:\.dpkg-\w+)? \(deleted\)$/gm;

/**
 * The units of which some process still runs a program or library that has been replaced or taken away. Reads what the
 * kernel tells of each process, one after the other; a process that ends meanwhile is passed over.
 */
export async function readOutdatedUnits(host: Host): Promise<OutdatedUnit[]> {
  const root = await readRootGroup(host);
  const byUnit = new Map<string, Set<string>>();
  for (const processId of await listProcesses(host)) {
    const maps = await readOfProcess(host, `${processId}/maps`);
    const files = [...maps.matchAll(replacedFile)].flatMap(([, file]) => file ?? []);
    if (files.length === 0) continue;
    const unit = unitOf(await readOfProcess(host, `${processId}/cgroup`), root);
    if (unit === null) continue;
    const known = byUnit.get(unit) ?? new Set();
    for (const file of files) known.add(file);
    byUnit.set(unit, known);
  }
  return [...byUnit]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .slice(0, unitsMax)
    .map(([unit, files]) => ({
      unit: cutText(unit, 200),
      files: [...files]
        .sort()
        .slice(0, filesMax)
        .map((file) => cutText(file, 300)),
    }));
}

/**
 * The unit of a process by its control group. A container's processes are its own matter, and what people run who are
 * signed in is theirs; their user manager counts.
 */
function unitOf(group: string, root: string): string | null {
  const path = pathOf(group);
  if (path === null || !path.startsWith(root)) return null;
  const parts = path.slice(root.length).split("/").filter(Boolean);
  if (parts.some((part) => part === "machine.slice" || part.startsWith("lxc"))) return null;
  if (parts.at(-1) === "init.scope" && parts.length === 1) return "init.scope";
  return (
    parts.find((part) => part.startsWith("user@")) ?? parts.find((part) => part.endsWith(".service")) ?? null
  );
}

/** Where systemd's groups begin: below another's where this host is itself a container. */
async function readRootGroup(host: Host): Promise<string> {
  const path = pathOf(await readOfProcess(host, "1/cgroup")) ?? "";
  return path.replace(/\/init\.scope$/, "").replace(/\/$/, "");
}

/** The path in the unified hierarchy; where a host still has several, systemd may put its units into one of its own. */
function pathOf(group: string): string | null {
  const unified = /^0::(\/.*)$/m.exec(group)?.[1] ?? null;
  const named = /^\d+:name=systemd:(\/.*)$/m.exec(group)?.[1] ?? null;
  return unified === null || unified === "/" ? (named ?? unified) : unified;
}

async function listProcesses(host: Host): Promise<readonly string[]> {
  return (await readdir(host.path("/proc"))).filter((name) => /^\d+$/.test(name));
}

async function readOfProcess(host: Host, name: string): Promise<string> {
  try {
    return await readFile(host.path(`/proc/${name}`), "utf8");
  } catch {
    // It has ended, or is somebody's whom even root may not look at.
    return "";
  }
}
