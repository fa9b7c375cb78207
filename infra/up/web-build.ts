import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { isLockHeld, withFileLock } from "../processes/file-lock.ts";
import { hashSources } from "../release/source-hash.ts";
import { inheritedEnvironment } from "./apps.ts";
import { requireRoom } from "./full-disk.ts";
import type { LineWriter } from "./log-lines.ts";
import { runToEnd } from "./run-to-end.ts";
import { StartError } from "./start-error.ts";

/** What the dashboard is built from. */
const sources = [
  "apps/web",
  "docs/runbooks",
  "packages/core",
  "packages/db",
  "packages/services",
  "package-lock.json",
  "tsconfig.base.json",
];

export interface WebBuild {
  readonly serverFile: string;
  readonly wasBuilt: boolean;
}

interface Progress {
  readonly output: LineWriter;
  notice(sentence: string): void;
  readonly signal: AbortSignal;
}

const standalone = "apps/web/.next/standalone";
const serverFile = "apps/web/server.js";
const copiesKeptMax = 3;

/**
 * Builds the dashboard into apps/web/.next unless the last build came from the same sources. Throws StartError when
 * the build fails.
 */
export async function buildWeb(root: string, progress: Progress): Promise<WebBuild> {
  return await alone(root, progress, async () => {
    const wasBuilt = await buildInPlace(root, hashSources(root, sources), progress);
    return { serverFile: join(root, standalone, serverFile), wasBuilt };
  });
}

/**
 * Provides a build of the dashboard that stays as it is while it is served, whatever is built later: a copy for each
 * state of the sources. Throws StartError when the build fails.
 */
export async function provideWeb(root: string, progress: Progress): Promise<WebBuild> {
  return await alone(root, progress, async () => {
    const stamp = hashSources(root, sources);
    const copies = join(root, ".mailstead", "web-builds");
    const copy = join(copies, stamp.slice(0, 16));
    if (existsSync(copy)) return { serverFile: join(copy, serverFile), wasBuilt: false };
    const wasBuilt = await buildInPlace(root, stamp, progress);
    await copyWhole(join(root, standalone), copy);
    removeOldCopies(copies);
    return { serverFile: join(copy, serverFile), wasBuilt };
  });
}

/** Two installations may share one checkout, and Next refuses to build beside itself. */
async function alone<T>(root: string, { notice, signal }: Progress, work: () => Promise<T>): Promise<T> {
  const folder = join(root, ".mailstead");
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const lockFile = join(folder, "web-build.lock");
  if (isLockHeld(lockFile)) notice("waiting for another build of the dashboard");
  return await withFileLock(lockFile, work, signal);
}

/** Copies a folder so that the copy is there whole or not at all. */
async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.new`;
  rmSync(part, { recursive: true, force: true });
  try {
    // Not cpSync, which calls a full disk an input/output error.
    await cp(from, part, { recursive: true, verbatimSymlinks: true });
    renameSync(part, to);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
}

/** False when there was nothing to build. */
async function buildInPlace(
  root: string,
  stamp: string,
  { output, notice, signal }: Progress,
): Promise<boolean> {
  const web = join(root, "apps", "web");
  const stampFile = join(web, ".next", "mailstead-sources");
  const hasServer = existsSync(join(root, standalone, serverFile));
  if (hasServer && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return false;

  notice("building the dashboard");
  rmSync(stampFile, { force: true });
  const code = await runToEnd({
    command: process.execPath,
    args: [join(root, "node_modules", "next", "dist", "bin", "next"), "build"],
    cwd: web,
    environment: { ...inheritedEnvironment(), NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    output,
    signal,
  });
  if (code !== 0) {
    requireRoom(web);
    throw new StartError("The dashboard could not be built; the compiler's message stands above.");
  }
  await copyStaticFiles(root);
  writeFileSync(stampFile, stamp);
  return true;
}

/** Next leaves these out of the standalone folder, in case a CDN serves them; here the server does. */
async function copyStaticFiles(root: string): Promise<void> {
  const web = join(root, "apps", "web");
  const served = join(root, standalone, "apps", "web");
  await cp(join(web, ".next", "static"), join(served, ".next", "static"), { recursive: true });
  if (existsSync(join(web, "public")))
    await cp(join(web, "public"), join(served, "public"), { recursive: true });
}

function removeOldCopies(copies: string): void {
  readdirSync(copies)
    .map((name) => ({ path: join(copies, name), builtAt: statSync(join(copies, name)).mtimeMs }))
    .sort((one, other) => other.builtAt - one.builtAt)
    .slice(copiesKeptMax)
    .forEach(({ path }) => {
      rmSync(path, { recursive: true, force: true });
    });
}
