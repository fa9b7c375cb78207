import { spawn } from "node:child_process";
import { closeSync, createWriteStream, openSync } from "node:fs";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startControlPlane } from "../control-plane/start.ts";
import { untilReleased } from "../control-plane/until-released.ts";
import { LabError } from "./command.ts";
import { allRecipes } from "./image-recipes.ts";
import { ensureImages } from "./images.ts";
import { attachLab, type HostOptions, openLab } from "./lab.ts";
import { labsFolder } from "./paths.ts";
import { changePolicy, printInbox, publishRecords, sendLetter } from "./person-tools.ts";
import type { ExposedPort } from "./relays.ts";
import { type LabState, labFolder, readState, runningLabs, writeState } from "./state.ts";
import { waitFor } from "./wait-for.ts";

const usage = `npm run lab -- up [--name lab] [--no-control-plane] [--port 3000] [--host NAME:SUITE[:IMAGE]]... [--zone ZONE]... [--expose LABPORT:HOSTPORT[:tls]]...
npm run lab -- down | status [--name lab]
npm run lab -- shell HOST [--name lab]
npm run lab -- exec HOST [--name lab] -- COMMAND...      on a host
npm run lab -- net [--name lab] -- COMMAND...            a program of this machine in the lab's network
npm run lab -- tool [--name lab] -- COMMAND...           dig, swaks, openssl, nft of the lab's own system
npm run lab -- copy HOST SOURCE PATH [MODE] [--name lab] | start HOST | stop HOST | kill9 HOST | reboot HOST
npm run lab -- dns-zone DOMAIN | dns-publish < RECORDS      plays the customer's DNS provider
npm run lab -- inbox | send FROM TO [SUBJECT]            what the simulated receivers got, or send from one of them
npm run lab -- policy [RECEIVER POLICY]                  what each receiver refuses, or has one refuse: policy outlook '{"block":["198.51.100.11"]}'
npm run lab -- images                                    builds what is missing
SUITE is bookworm or trixie, IMAGE clean or stack.`;

const hostDefaults = ["mail1:bookworm:clean", "mail2:trixie:clean"];

interface CliOptions {
  readonly name: string;
  readonly hosts: readonly HostOptions[];
  readonly zones: readonly string[];
  readonly expose: readonly ExposedPort[];
  readonly hasControlPlane: boolean;
  /** Where a person finds the dashboard, on this machine's loopback and on that of the hosts. */
  readonly port: number;
}

async function main(argv: readonly string[]): Promise<number> {
  const split = argv.indexOf("--");
  const own = split === -1 ? argv : argv.slice(0, split);
  const command = split === -1 ? [] : argv.slice(split + 1);
  const { values, positionals, tokens } = parseArgs({
    tokens: true,
    args: [...own],
    allowPositionals: true,
    options: {
      name: { type: "string", default: "lab" },
      host: { type: "string", multiple: true },
      zone: { type: "string", multiple: true, default: [] },
      expose: { type: "string", multiple: true, default: [] },
      port: { type: "string", default: "3000" },
      "no-control-plane": { type: "boolean", default: false },
    },
  });
  const options: CliOptions = {
    name: values.name,
    hosts: (values.host ?? hostDefaults).map(parseHost),
    zones: values.zone,
    expose: values.expose.map(parseExpose),
    hasControlPlane: !values["no-control-plane"],
    port: Number(values.port),
  };
  const [verb = "up", ...rest] = positionals;
  const [host = ""] = rest;
  const lab = (): ReturnType<typeof attachLab> => attachLab(options.name);
  switch (verb) {
    case "up":
      return up(
        options,
        own.filter(
          (_, index) => !tokens.some((token) => token.kind === "positional" && token.index === index),
        ),
      );
    case "keep":
      return keep(options);
    case "down":
      return down(options.name);
    case "status":
      return status();
    case "shell":
      return attached(await (await lab()).host(host).enter(["bash", "-l"]));
    case "exec":
      return attached(await (await lab()).host(host).enter(command));
    case "net":
      return attached((await lab()).namespace.enter(command));
    case "tool":
      return attached((await lab()).tool(command));
    case "images":
      await ensureImages(allRecipes, console.log);
      return 0;
    case "dns-zone":
      await (await lab()).dns.addZone(host);
      return 0;
    case "dns-publish":
      await publishRecords(await lab(), process.stdin);
      return 0;
    case "inbox":
      await printInbox(await lab());
      return 0;
    case "policy":
      await changePolicy(await lab(), rest);
      return 0;
    case "send":
      await sendLetter(await lab(), rest);
      return 0;
    case "copy":
      await (await lab()).host(host).copyIn(rest[1] ?? "", rest[2] ?? "", rest[3] ? { mode: rest[3] } : {});
      return 0;
    case "start":
    case "stop":
    case "kill9":
    case "reboot":
      await (await lab()).host(host)[verb]();
      return 0;
    default:
      console.error(usage);
      return 2;
  }
}

function parseHost(text: string): HostOptions {
  const [name = "", suite, image = "clean"] = text.split(":");
  if ((suite !== "bookworm" && suite !== "trixie") || (image !== "clean" && image !== "stack")) {
    throw new LabError(
      `--host takes NAME:SUITE[:IMAGE], for example mail1:bookworm:clean; "${text}" is not that.`,
    );
  }
  return { name, suite, image };
}

function parseExpose(text: string): ExposedPort {
  const [labPort, hostPort, tls] = text.split(":");
  const port = { labPort: Number(labPort), hostPort: Number(hostPort), tls: tls === "tls" };
  if (!Number.isInteger(port.labPort) || !Number.isInteger(port.hostPort)) {
    throw new LabError(
      `--expose takes LABPORT:HOSTPORT[:tls], for example 443:3000:tls; "${text}" is not that.`,
    );
  }
  return port;
}

/** Starts a process that holds the lab, and shows its words until the lab is up. */
async function up(options: CliOptions, argv: readonly string[]): Promise<number> {
  if (await readState(options.name)) throw new LabError(`A lab named ${options.name} is running already.`);
  if (options.hasControlPlane && !(await isFree(options.port))) {
    throw new LabError(`Port ${options.port} of this machine is taken; choose another with --port.`);
  }
  await mkdir(labsFolder, { recursive: true, mode: 0o755 });
  const { lab: logPath } = logPaths(options.name);
  const log = openSync(logPath, "w");
  const keeper = spawn(process.execPath, [import.meta.filename, "keep", ...argv], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  let ended: number | undefined;
  keeper.once("exit", (code) => {
    ended = code ?? 1;
  });
  keeper.unref();
  let shown = 0;
  const state = await waitFor(
    "the lab to come up",
    async () => {
      const text = await readFile(logPath, "utf8");
      process.stdout.write(text.slice(shown));
      shown = text.length;
      if (ended !== undefined) return "ended" as const;
      const now = await readState(options.name);
      return now?.controlPlane || !options.hasControlPlane ? now : undefined;
    },
    { timeoutMs: 20 * 60_000 },
  );
  if (state === "ended") return ended || 1;
  explain(state);
  return 0;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

function explain(state: LabState): void {
  const flag = state.name === "lab" ? "" : ` --name ${state.name}`;
  console.log("");
  if (state.controlPlane) {
    console.log(`  Dashboard    ${state.controlPlane.url}`);
    if (state.controlPlane.ownerLink) console.log(`  First owner  ${state.controlPlane.ownerLink}`);
  }
  for (const host of state.hosts) {
    const release = host.suite === "bookworm" ? "Debian 12" : "Debian 13";
    console.log(`  ${host.name.padEnd(11)}  ${release}, ${host.hostname}, ${host.ipv4}, ${host.ipv6}`);
    console.log(`               a root shell: npm run lab -- shell ${host.name}${flag}`);
    console.log(
      `               to paste the install command into: npm run lab -- exec ${host.name}${flag} -- sh`,
    );
  }
  console.log(`  End          npm run lab -- down${flag}`);
  console.log("");
}

/** Holds a lab until this process is told to end. */
async function keep(options: CliOptions): Promise<number> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  const lab = await openLab({
    name: options.name,
    hosts: options.hosts,
    zones: options.zones,
    expose: options.expose,
    log: console.log,
  });
  try {
    if (options.hasControlPlane) {
      console.log("starting the control plane");
      const log = followControlPlane(logPaths(options.name).controlPlane);
      const controlPlane = await startControlPlane({ lab, publishAt: options.port, log });
      console.log("building the agent");
      await untilReleased(controlPlane);
      const { url, ownerLink } = controlPlane;
      const state = await readState(options.name);
      if (state) await writeState({ ...state, controlPlane: { url, ownerLink } });
      await Promise.race([stopped, lab.ended]);
      await controlPlane.stop();
    } else await Promise.race([stopped, lab.ended]);
  } finally {
    await lab.close();
  }
  return 0;
}

/** Outside of the lab's folder, so that they can still be read when a lab did not come up. */
function logPaths(name: string): { readonly lab: string; readonly controlPlane: string } {
  const stem = join("/var/log", `mailstead-lab-${name}`);
  return { lab: `${stem}.log`, controlPlane: `${stem}-control-plane.log` };
}

/** Writes all that the control plane says to a file, and prints what a person waits for. */
function followControlPlane(path: string): (text: string) => void {
  const file = createWriteStream(path);
  console.log(`  its log is ${path}`);
  return (text) => {
    file.write(text);
    for (const line of text.split("\n")) if (line.startsWith("up ")) console.log(`  ${line}`);
  };
}

async function down(name: string): Promise<number> {
  const state = await readState(name);
  if (!state) {
    console.log(`No lab named ${name} is running.`);
    return 0;
  }
  process.kill(state.openerPid, "SIGTERM");
  const gone = async (): Promise<boolean> => !(await stat(labFolder(name)).catch(() => undefined));
  await waitFor(`the lab ${name} to end`, gone, { timeoutMs: 60_000 });
  for (const path of Object.values(logPaths(name))) await rm(path, { force: true });
  return 0;
}

async function status(): Promise<number> {
  const labs = await runningLabs();
  if (labs.length === 0) console.log("No lab is running.");
  for (const state of labs) {
    console.log(`${state.name}  held by process ${state.openerPid}`);
    const lab = await attachLab(state.name);
    for (const host of lab.hosts) {
      const { suite, image, hostname, ipv4, ipv6 } = host.description;
      const power = (await host.isRunning()) ? "on" : "off";
      console.log(`  ${host.name}  ${power}  ${suite}  ${image}  ${hostname}  ${ipv4}  ${ipv6}`);
    }
    for (const port of state.exposed)
      console.log(`  control.lab:${port.labPort} -> 127.0.0.1:${port.hostPort}`);
  }
  return 0;
}

/** Runs a command with this terminal and ends as it ended. */
function attached(argv: readonly string[]): Promise<number> {
  const [file = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  console.error(cause instanceof LabError ? cause.message : cause);
  process.exitCode = 1;
}
