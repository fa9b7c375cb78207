import { chmod, copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { ExactPackage } from "@mailstead/core/updates";
import { type AptContext, runApt } from "../apply/apt.ts";
import { isMissing, pathExists, temporaryName } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { type InstalledPackages, keyOf, namesOf } from "./installed-packages.ts";
import { rebuildDeb } from "./rebuild-deb.ts";
import { aptArgument } from "./simulate.ts";

const folder = agentPaths.keptPackages;
const aptArchives = "/var/cache/apt/archives";
/** Nobody goes back to what was replaced longer ago. */
const keptWithinMs = 60 * 86_400_000;
const keptMaxBytes = 1024 ** 3;

/** The name that apt itself gives to a package's file; a colon would begin a port in an address. */
export function debName({ name, version, architecture }: ExactPackage): string {
  return `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`;
}

/** Where the package's .deb is kept, when it is there and holds what its name says; else null. */
export async function findKept(host: Host, wanted: ExactPackage): Promise<string | null> {
  const path = join(folder, debName(wanted));
  return (await holds(host, path, wanted)) ? path : null;
}

/**
 * Keeps the .debs of these packages, from wherever the host has them or can get them: what was kept already, what apt has
 * in its archives, and what the mirror still has. What is installed, is rebuilt where none of them has it.
 * Returns those that are nowhere.
 */
export async function keepPackages(
  context: AptContext,
  packages: readonly ExactPackage[],
  { areInstalled }: { areInstalled: boolean },
): Promise<ExactPackage[]> {
  await makeFolder(context.host);
  let missing = [...packages];
  for (const keep of [keepFromArchives, keepFromMirror, ...(areInstalled ? [keepRebuilt] : [])])
    if (missing.length > 0) missing = await keep(context, missing);
  await context.host.sync(context.host.path(folder));
  return missing;
}

/** Keeps what apt has just fetched, since mirrors forget the versions that others go back to. */
export async function keepFetched(context: AptContext, packages: readonly ExactPackage[]): Promise<void> {
  await makeFolder(context.host);
  await keepFromArchives(context, packages);
}

async function makeFolder(host: Host): Promise<void> {
  await mkdir(host.path(folder), { recursive: true, mode: 0o700 });
}

type Keep = (context: AptContext, packages: readonly ExactPackage[]) => Promise<ExactPackage[]>;

const keepFromArchives: Keep = async ({ host }, packages) => {
  const missing: ExactPackage[] = [];
  for (const wanted of packages) {
    if ((await findKept(host, wanted)) !== null) await touch(host, wanted);
    else if (!(await takeIn(host, join(aptArchives, debName(wanted)), wanted))) missing.push(wanted);
  }
  return missing;
};

/** One call for all: apt goes on with the others where one cannot be had any more, and what has come is looked at. */
const keepFromMirror: Keep = async (context, packages) => {
  const { host } = context;
  const listed = await host.run(["apt-cache", "show", "--no-all-versions", ...packages.map(aptArgument)]);
  const onMirror = packages.filter((wanted) => isOnMirror(listed.stdout, wanted));
  if (onMirror.length === 0) return [...packages];
  await inOwnFolder(host, async (workingDirectory) => {
    const options = ["--quiet", "--option=APT::Sandbox::User=root"];
    await runApt(context, ["apt-get", ...options, "download", ...onMirror.map(aptArgument)], {
      workingDirectory,
    });
    for (const wanted of onMirror) await takeIn(host, join(workingDirectory, debName(wanted)), wanted);
  });
  return await keepFromArchives(context, packages);
};

/** The record of dpkg's own list names no file. */
function isOnMirror(records: string, { name, version, architecture }: ExactPackage): boolean {
  const says = (record: string, field: string, value: string) => record.includes(`\n${field}: ${value}\n`);
  return `\n${records}`
    .split("\n\n")
    .map((record) => `\n${record}\n`)
    .some(
      (record) =>
        says(record, "Package", name) &&
        says(record, "Version", version) &&
        says(record, "Architecture", architecture) &&
        /\nFilename: /.test(record),
    );
}

/** Nothing of this is asked of anybody: a host that came with its packages has no .deb of them, and no mirror goes back. */
const keepRebuilt: Keep = async (context, packages) => {
  const { host, job } = context;
  const missing: ExactPackage[] = [];
  for (const wanted of packages) {
    job.requireGoOn();
    await inOwnFolder(host, async (ownFolder) => {
      const made = await rebuildDeb(context, wanted, ownFolder);
      if (made === null || !(await takeIn(host, made, wanted))) missing.push(wanted);
    });
  }
  const made = packages.filter((wanted) => !missing.includes(wanted));
  if (made.length > 0)
    job.logLine("info", `No mirror has ${namesOf(made)} any more; rebuilt from what is installed here.`);
  return missing;
};

async function inOwnFolder(host: Host, work: (folder: string) => Promise<void>): Promise<void> {
  const path = join(folder, "incoming");
  await rm(host.path(path), { recursive: true, force: true });
  await mkdir(host.path(path), { mode: 0o700 });
  try {
    await work(path);
  } finally {
    await rm(host.path(path), { recursive: true, force: true });
  }
}

/** Takes a .deb in under its own name, when it holds what it should. A link costs no room, and lasts when apt cleans up. */
async function takeIn(host: Host, path: string, wanted: ExactPackage): Promise<boolean> {
  if (!(await holds(host, path, wanted))) return false;
  const [from, to] = [host.path(path), host.path(join(folder, debName(wanted)))];
  const temporaryPath = temporaryName(to);
  await link(from, temporaryPath).catch(() => copyFile(from, temporaryPath));
  await chmod(temporaryPath, 0o644);
  await host.sync(temporaryPath);
  await rename(temporaryPath, to);
  await touch(host, wanted);
  return true;
}

async function touch(host: Host, wanted: ExactPackage): Promise<void> {
  const now = host.nowUnixMs() / 1000;
  await utimes(host.path(join(folder, debName(wanted))), now, now);
}

/** True when the .deb's own fields say that it is this package (deb-control(5)). */
async function holds(host: Host, path: string, wanted: ExactPackage): Promise<boolean> {
  if (!(await pathExists(host.path(path)))) return false;
  const result = await host.run(["dpkg-deb", "--field", path, "Package", "Version", "Architecture"]);
  if (result.exitCode !== 0) return false;
  const values = new Map(result.stdout.split("\n").map((line) => line.split(": ", 2) as [string, string]));
  return (
    values.get("Package") === wanted.name &&
    values.get("Version") === wanted.version &&
    values.get("Architecture") === wanted.architecture
  );
}

/**
 * Forgets what no way back needs any more: of each package the version that is installed stays, and the one before it for
 * some weeks. Where that is more than the bound, the oldest go first.
 */
export async function forgetKept(host: Host, installed: InstalledPackages): Promise<void> {
  const kept = await readKept(host);
  const needed: KeptFile[] = [];
  const seen = new Map<string, number>();
  for (const file of kept) {
    const isInstalled = installed.get(file.key)?.version === file.version;
    const isRecent = host.nowUnixMs() - file.keptAtMs < keptWithinMs;
    const others = seen.get(file.key) ?? 0;
    if (!isInstalled) seen.set(file.key, others + 1);
    if (isInstalled || (isRecent && others === 0)) needed.push(file);
    else await rm(host.path(join(folder, file.fileName)), { force: true });
  }
  let room = keptMaxBytes;
  for (const file of needed) {
    room -= file.sizeBytes;
    if (room < 0) await rm(host.path(join(folder, file.fileName)), { force: true });
  }
}

interface KeptFile {
  fileName: string;
  key: string;
  version: string;
  sizeBytes: number;
  keptAtMs: number;
}

/** What is kept, the newest first. */
async function readKept(host: Host): Promise<KeptFile[]> {
  const names = await readdir(host.path(folder)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const files = await Promise.all(
    names
      .flatMap((fileName) => {
        const [, name = "", version = "", architecture = ""] =
          /^([^_.][^_]*)_([^_]+)_([^_]+)\.deb$/.exec(fileName) ?? [];
        return name === "" ? [] : [{ fileName, key: keyOf({ name, architecture }), version }];
      })
      .map(async (file) => {
        const { size, mtimeMs } = await stat(host.path(join(folder, file.fileName)));
        const version = file.version.replaceAll("%3a", ":");
        return { ...file, version, sizeBytes: size, keptAtMs: mtimeMs };
      }),
  );
  return files.toSorted((left, right) => right.keptAtMs - left.keptAtMs);
}
