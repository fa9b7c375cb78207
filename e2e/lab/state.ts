import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { labsWithGroups, removeGroups } from "./cgroups.ts";
import type { HostDescription } from "./host.ts";
import { labsFolder } from "./paths.ts";
import type { ExposedPort } from "./relays.ts";

/** What a second process needs to know to work in a running lab. */
export interface LabState {
  readonly name: string;
  readonly openerPid: number;
  readonly holderPid: number;
  /** Start time of the holder in clock ticks since boot: with it a reused pid is told apart. */
  readonly holderStart: string;
  readonly hosts: readonly HostDescription[];
  readonly exposed: readonly ExposedPort[];
  readonly controlPlane?: { readonly url: string; readonly ownerLink: string | null };
}

export function labFolder(name: string): string {
  return join(labsFolder, name);
}

/** Groups and folder of a lab carry the same name. */
export function labGroups(name: string): string {
  return `mailstead-lab-${name}`;
}

export async function writeState(state: LabState): Promise<void> {
  const path = join(labFolder(state.name), "state.json");
  await writeFile(`${path}.part`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${path}.part`, path);
}

/** The state of a running lab; undefined when there is none of that name or it has died. */
export async function readState(name: string): Promise<LabState | undefined> {
  const text = await readFile(join(labFolder(name), "state.json"), "utf8").catch(() => undefined);
  if (!text) return undefined;
  const state = JSON.parse(text) as LabState;
  return (await processStart(state.holderPid)) === state.holderStart ? state : undefined;
}

export async function runningLabs(): Promise<LabState[]> {
  const names = await readdir(labsFolder).catch(() => []);
  const states = await Promise.all(names.map(readState));
  return states.filter((state) => state !== undefined);
}

/** Field 22 of /proc/PID/stat; undefined when the process is gone. */
export async function processStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

/** Takes a lab's name by making its folder. Returns false when another process has it. */
export async function claimFolder(name: string): Promise<boolean> {
  await mkdir(labsFolder, { recursive: true, mode: 0o755 });
  await sweepDeadLabs();
  try {
    // Passable, not readable: the control plane's Postgres lies below and runs as nobody.
    await mkdir(labFolder(name), { mode: 0o711 });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  }
  await writeFile(join(labFolder(name), "opener"), `${process.pid} ${await processStart(process.pid)}\n`);
  return true;
}

/** Removes what labs left whose opener and holder are both gone, for instance after the machine lost power. */
async function sweepDeadLabs(): Promise<void> {
  for (const name of await readdir(labsFolder)) {
    if (await isAlive(name)) continue;
    await rm(labFolder(name), { recursive: true, force: true });
    await removeGroups(name);
  }
  const known = new Set(await readdir(labsFolder));
  for (const name of await labsWithGroups()) if (!known.has(name)) await removeGroups(name);
}

/** Far more than it takes to write one line. */
const claimMs = 10_000;

async function isAlive(name: string): Promise<boolean> {
  if (await readState(name)) return true;
  const opener = await readFile(join(labFolder(name), "opener"), "utf8").catch(() => "");
  const [pid = "", start = ""] = opener.trim().split(" ");
  if (pid !== "") return (await processStart(Number(pid))) === start;
  // Without this line the folder was made a moment ago, or something wrote into it after its lab had ended.
  const { mtimeMs } = await stat(labFolder(name));
  return Date.now() - mtimeMs < claimMs;
}
