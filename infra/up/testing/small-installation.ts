import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { findFreePort } from "../../postgres/index.ts";
import { parseOptions } from "../options.ts";

/** Each program writes a line with its name, pid and environment, so that a test sees what was started, and how. */
const report = (name: string) =>
  `require("node:fs").appendFileSync(process.env.HOME + "/started.log", JSON.stringify({ name: ${JSON.stringify(name)}, pid: process.pid, environment: process.env }) + "\\n");`;
const serve = (name: string, port = "PORT") =>
  `require("node:http").createServer((q, s) => s.end(${JSON.stringify(name)})).listen(process.env.${port}, "127.0.0.1");`;
/** What a worker does besides its work. */
export const serveHealth = serve("worker", "HEALTH_PORT");

interface Started {
  readonly name: string;
  readonly pid: number;
  readonly environment: Readonly<Record<string, string>>;
}

interface InstallationChange {
  /** What stands in the environment of `up`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Programs in place of the apps. */
  readonly gateway?: string;
  readonly worker?: string;
  /** What Next does in place of building. */
  readonly build?: string;
}

/** A project of a few lines with the shape of ours: three apps, migrations, a build and the scripts that `up` calls. */
export async function makeInstallation({ environment = {}, ...replaced }: InstallationChange = {}) {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-small-"));
  const root = join(folder, "project");
  const home = join(folder, "home");
  mkdirSync(home);
  const dataDir = join(folder, "data");
  writeProject(root, replaced);
  const homeBefore = process.env["HOME"];
  process.env["HOME"] = home;
  const port = await findFreePort();
  const options = parseOptions(["--port", `${port}`, "--data-dir", dataDir], environment, root);
  onTestFinished(() => {
    process.env["HOME"] = homeBefore;
    rmSync(folder, { recursive: true, force: true });
  });
  const started = () => readStarted(join(home, "started.log"));
  const last = (name: string) => started().findLast((entry) => entry.name === name);
  return {
    root,
    options,
    dataDir,
    publicUrl: options.publicUrl,
    countOf: (name: string) => started().filter((entry) => entry.name === name).length,
    pidOf: (name: string) => last(name)?.pid ?? 0,
    environmentOf: (name: string) => last(name)?.environment ?? {},
    postmasterPid: () =>
      Number.parseInt(readFileSync(join(dataDir, "postgres", "cluster", "postmaster.pid"), "utf8"), 10),
    /** Processes that work below the folder, as apps and database do. */
    livingProcesses: () => readdirSync("/proc").filter((pid) => worksBelow(folder, pid)),
  };
}

function writeProject(
  root: string,
  { gateway, worker, build }: Pick<InstallationChange, "gateway" | "worker" | "build">,
): void {
  const server = `${report("web")} ${serve("web")}`;
  const wholeBuild = `
    const fs = require("node:fs");
    fs.mkdirSync(".next/standalone/apps/web", { recursive: true });
    fs.mkdirSync(".next/static", { recursive: true });
    fs.writeFileSync(".next/standalone/apps/web/server.js", ${JSON.stringify(server)});`;
  const firstOwner = `${report("first owner")}
    const mark = process.env.HOME + "/asked";
    if (!require("node:fs").existsSync(mark)) console.log(process.env.PUBLIC_URL + "/welcome/once");
    require("node:fs").writeFileSync(mark, "");`;
  const files: Record<string, string> = {
    "apps/web/page.ts": "",
    "docs/runbooks/a.md": "",
    "packages/core/a.ts": "",
    "packages/services/a.ts": "",
    "package-lock.json": "{}",
    "tsconfig.base.json": "{}",
    "node_modules/next/dist/bin/next": `${report("next build")} ${build ?? wholeBuild}`,
    "packages/db/src/migrate.ts": report("migrate"),
    "apps/gateway/src/main.ts": gateway ?? `${report("gateway")} ${serve("gateway")}`,
    "apps/worker/src/main.ts": `${report("worker")} ${worker ?? serveHealth}`,
    "apps/worker/src/first-owner-link.ts": firstOwner,
    "infra/release/build-agent.ts": report("agent release"),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function readStarted(path: string): readonly Started[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Started);
}

function worksBelow(folder: string, pid: string): boolean {
  try {
    return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false; // Gone meanwhile.
  }
}
