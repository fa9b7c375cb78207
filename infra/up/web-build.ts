import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isLockHeld, withFileLock } from "../processes/file-lock.ts";
import { hashSources } from "../release/source-hash.ts";
import { inheritedEnvironment } from "./apps.ts";
import type { LineWriter } from "./log-lines.ts";
import { runToEnd } from "./run-to-end.ts";
import { StartError } from "./start-error.ts";

/** What the dashboard is built from. */
const sources = [
  "apps/web",
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

/** Builds the dashboard unless the last build came from the same sources. Throws StartError when the build fails. */
export async function buildWeb(root: string, progress: Progress): Promise<WebBuild> {
  const lockFolder = join(root, ".mailstead");
  mkdirSync(lockFolder, { recursive: true, mode: 0o711 });
  const lockFile = join(lockFolder, "web-build.lock");
  // Two installations may share one checkout, and Next refuses to build beside itself.
  if (isLockHeld(lockFile)) progress.notice("waiting for another build of the dashboard");
  return await withFileLock(lockFile, () => buildAlone(root, progress));
}

async function buildAlone(root: string, { output, notice, signal }: Progress): Promise<WebBuild> {
  const web = join(root, "apps", "web");
  const serverFile = join(web, ".next", "standalone", "apps", "web", "server.js");
  const stampFile = join(web, ".next", "mailstead-sources");
  const stamp = hashSources(root, sources);
  const isUpToDate =
    existsSync(serverFile) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;
  if (isUpToDate) return { serverFile, wasBuilt: false };

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
  if (code !== 0)
    throw new StartError("The dashboard could not be built; the compiler's message stands above.");
  copyStaticFiles(web);
  writeFileSync(stampFile, stamp);
  return { serverFile, wasBuilt: true };
}

/** Next leaves these out of the standalone folder, in case a CDN serves them; here the server does. */
function copyStaticFiles(web: string): void {
  const standalone = join(web, ".next", "standalone", "apps", "web");
  cpSync(join(web, ".next", "static"), join(standalone, ".next", "static"), { recursive: true });
  if (existsSync(join(web, "public")))
    cpSync(join(web, "public"), join(standalone, "public"), { recursive: true });
}
