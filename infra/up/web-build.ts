import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** Builds the dashboard unless the last build came from the same sources. Throws StartError when the build fails. */
export async function buildWeb(
  root: string,
  { output, notice, signal }: { output: LineWriter; notice(sentence: string): void; signal: AbortSignal },
): Promise<WebBuild> {
  const web = join(root, "apps", "web");
  const serverFile = join(web, ".next", "standalone", "apps", "web", "server.js");
  const stampFile = join(web, ".next", "mailstead-sources");
  const stamp = hashSources(root, sources);
  if (existsSync(serverFile) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp)
    return { serverFile, wasBuilt: false };

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
