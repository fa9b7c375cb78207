// Runs inside namespaces of its own (see throwaway-host.ts): makes a host that may be changed, serves a control plane
// to it, runs the install script and prints what happened as JSON.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { dirname, join } from "node:path";
import type { Outcome, Scenario } from "./throwaway-host.ts";

const [folder = ""] = process.argv.slice(2);
const scenario = JSON.parse(readFileSync(join(folder, "scenario.json"), "utf8")) as Scenario;
const changeable = ["etc", "usr", "var"];

mountThrowawayCopies();
writeFileSync("/etc/os-release", scenario.osRelease);
const programs = join(folder, "programs");
writePrograms();
writePresentFiles();
const before = listChanged();
execFileSync("ip", ["link", "set", "lo", "up"]);
await serveControlPlane();
if (scenario.port25Taken)
  await new Promise<void>((resolve) => createTcpServer().listen(25, "127.0.0.1", () => resolve()));
process.stdout.write(JSON.stringify(await runScript()));
process.exit(0);

function mountThrowawayCopies(): void {
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", join(folder, "layers")]);
  for (const name of changeable) {
    const upper = join(folder, "layers", name);
    const work = `${upper}.work`;
    for (const path of [upper, work]) mkdirSync(path);
    const options = `lowerdir=/${name},upperdir=${upper},workdir=${work}`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, `/${name}`]);
  }
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", "/run"]);
  if (!scenario.withoutSystemd) mkdirSync("/run/systemd/system", { recursive: true });
}

/** Programs that stand in for those of a host: systemd is not there to be asked, and dpkg tells another architecture. */
function writePrograms(): void {
  const systemctl = `#!/bin/sh\necho "$*" >>${join(folder, "systemctl.log")}\n`;
  const all: Record<string, string> = {
    systemctl,
    dpkg: `#!/bin/sh\necho ${scenario.architecture}\n`,
    ...scenario.programs,
  };
  mkdirSync(programs);
  for (const [name, text] of Object.entries(all)) {
    writeFileSync(join(programs, name), text);
    chmodSync(join(programs, name), 0o755);
  }
}

function writePresentFiles(): void {
  for (const [path, content] of Object.entries(scenario.present)) {
    mkdirSync(dirname(path), { recursive: true });
    if (content.startsWith("-> ")) symlinkSync(content.slice(3), path);
    else writeFileSync(path, content);
  }
}

function serveControlPlane(): Promise<void> {
  const server = createHttpServer((request, response) => {
    const file = join(folder, "served", request.url ?? "/");
    const aheadMs = scenario.controlClockAheadMs;
    if (aheadMs === null) response.sendDate = false;
    else response.setHeader("date", new Date(Date.now() + aheadMs).toUTCString());
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(scenario.absentStatus ?? 404).end();
  });
  return new Promise((resolve) => server.listen(8080, "127.0.0.1", () => resolve()));
}

function runScript(): Promise<Outcome> {
  const script = readFileSync(join(import.meta.dirname, "..", "install.sh"), "utf8").replaceAll(
    "@PUBLIC_URL@",
    "http://127.0.0.1:8080",
  );
  const child = spawn("sh", ["-s", "--", ...scenario.scriptArguments], {
    env: { PATH: `${programs}:/usr/sbin:/usr/bin:/sbin:/bin`, LC_ALL: "C" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      output += chunk;
    });
  child.stdin.end(script.slice(0, scenario.scriptLengthMax ?? script.length));
  return new Promise((resolve) =>
    child.once("close", (exitCode) => {
      const systemctl = readIfExists(join(folder, "systemctl.log"));
      resolve({
        exitCode,
        output,
        changedFiles: listChanged().filter((path) => !before.includes(path)),
        systemctl,
        agentCalls: readIfExists("/var/agent-calls"),
        agentFolder: listAgentFolder(),
        settings: readIfExists("/etc/mailstead/updater"),
        seen: readIfExists("/var/lib/mailstead/updater/seen"),
      });
    }),
  );
}

function listChanged(): string[] {
  return changeable.flatMap((name) => listFiles(join(folder, "layers", name), `/${name}`));
}

function listFiles(path: string, shown: string): string[] {
  if (!lstatSync(path).isDirectory()) return [shown];
  return readdirSync(path).flatMap((name) => listFiles(join(path, name), `${shown}/${name}`));
}

function listAgentFolder(): string[] {
  const path = "/usr/lib/mailstead";
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .toSorted()
    .map((name) => {
      const isLink = lstatSync(join(path, name)).isSymbolicLink();
      return isLink ? `${name} -> ${readlinkSync(join(path, name))}` : name;
    });
}

function readIfExists(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
