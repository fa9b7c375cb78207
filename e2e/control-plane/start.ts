import { type ChildProcess, spawn } from "node:child_process";
import { chmod, chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findFreePort, readEmbeddedAddress } from "@mailstead/infra/postgres";
import { controlName, resolverAddress } from "../lab/addresses.ts";
import { type CommandResult, LabError, must, run } from "../lab/command.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";

export type Part = "web" | "gateway" | "worker";

export interface ControlPlaneOptions {
  /** Runs it inside this lab, where hosts reach it as https://control.lab; on this machine's loopback when left out. */
  readonly lab?: Lab;
  /** With a lab: this port of localhost instead of https://control.lab, on this machine and on each of its hosts. */
  readonly publishAt?: number;
  /** Fills it with the demo fleet. */
  readonly isDemo?: boolean;
  readonly redisUrl?: string;
  /** Settings of the installation, as whoever runs it sets them in its environment. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Runs the control plane of this checkout as the user and group of this number, who own it. */
  readonly ofUser?: { readonly uid: number; readonly checkout: string };
  readonly log?: (line: string) => void;
}

/** The processes of `npm run up` with a data folder of their own, which is thrown away when they stop. */
export interface ControlPlane {
  /** What people, agents and the browser call it. */
  readonly url: string;
  /** The one-time link that makes the first owner; null when there is an owner already. */
  readonly ownerLink: string | null;
  /** Administrator's connection that this process can use. */
  readonly adminDatabaseUrl: string;
  readonly dataDir: string;
  /** Everything that the processes printed, oldest first. */
  logs(): string;
  /** Kills one process as a crash would and waits until the supervisor has started it again. */
  crash(part: Part): Promise<void>;
  /** Has one process stand still, and gives what lets it go on. */
  freeze(part: Part): Promise<() => Promise<void>>;
  /** Stops all of it in order and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface ReadyNote {
  readonly publicUrl: string;
  readonly firstOwnerLink: string | null;
  readonly supervisorPid: number;
}

const repository = resolve(import.meta.dirname, "../..");
const startTimeoutMs = 480_000;
const stopTimeoutMs = 60_000;

/**
 * Starts the whole control plane and waits until it is ready. It ends with stop, and inside a lab at the latest
 * with the lab. Throws LabError with its last lines when it does not come up.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { lab } = options;
  const dataDir = await mkdtemp(join(lab ? lab.folder : tmpdir(), "mailstead-control-"));
  await chmod(dataDir, 0o711); // Postgres runs as nobody and must pass through.
  const { uid, checkout } = options.ofUser ?? { uid: undefined, checkout: repository };
  if (uid !== undefined) await chown(dataDir, uid, uid);
  const port = options.publishAt ?? (await findFreePort());
  const url = lab && options.publishAt === undefined ? `https://${controlName}` : `http://localhost:${port}`;
  const place = (argv: readonly string[]): string[] => {
    const asUser =
      uid === undefined ? argv : ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", ...argv];
    return lab ? lab.namespace.enter(asUser) : [...asUser];
  };
  const execute = (argv: readonly string[]): Promise<CommandResult> => (lab ? lab.run(argv) : run(argv));
  const lines: string[] = [];
  const logs = (): string => lines.join("");

  const launch = (): Launched => {
    const flags = ["--port", String(port), "--public-url", url, "--data-dir", dataDir];
    if (options.isDemo) flags.push("--demo");
    const argv = place([process.execPath, join(checkout, "infra/up/main.ts"), ...flags]);
    return spawnLogged(argv, {
      environment: {
        ...process.env,
        NO_COLOR: "1",
        ...(uid === undefined ? {} : { HOME: dataDir }),
        ...(lab ? { DNS_RESOLVER: resolverAddress.ipv4 } : {}),
        ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
        ...options.settings,
      },
      print: (text) => {
        lines.push(text);
        options.log?.(text);
      },
    });
  };
  const readNote = async (): Promise<ReadyNote> =>
    JSON.parse(await readFile(join(dataDir, "ready.json"), "utf8")) as ReadyNote;
  const untilReady = async (): Promise<ReadyNote> => {
    const note = await waitFor(
      "the control plane",
      async () => (launched.hasEnded() ? ("ended" as const) : await readNote().catch(() => undefined)),
      { timeoutMs: startTimeoutMs },
    );
    if (note !== "ended") return note;
    throw new LabError(`The control plane did not start:\n${lines.slice(-40).join("")}`);
  };
  const halt = async (): Promise<void> => {
    if (launched.hasEnded()) return;
    await execute(["kill", "-TERM", String((await readNote()).supervisorPid)]);
    await waitFor("the control plane to stop", () => launched.hasEnded(), { timeoutMs: stopTimeoutMs });
  };

  if (lab) await compileAgent(join(lab.folder, "agent-release"));
  let launched = launch();
  try {
    const note = await untilReady();
    if (lab && options.publishAt !== undefined) await lab.publish(options.publishAt);
    else if (lab) await lab.expose({ labPort: 443, hostPort: await lab.forwardLoopback(port), tls: true });
    const adminDatabaseUrl = await reachDatabase(dataDir, lab);
    return {
      url,
      ownerLink: note.firstOwnerLink,
      adminDatabaseUrl,
      dataDir,
      logs,
      crash: async (part) => {
        const pid = await findPart(part, { dataDir, execute });
        await execute(["kill", "-KILL", String(pid)]);
        await waitFor(
          `${part} to be started again`,
          async () => (await findPart(part, { dataDir, execute })) !== pid,
        );
      },
      freeze: async (part) => {
        const pid = String(await findPart(part, { dataDir, execute }));
        await execute(["kill", "-STOP", pid]);
        return async () => void (await execute(["kill", "-CONT", pid]));
      },
      restart: async () => {
        await halt();
        launched = launch();
        await untilReady();
      },
      stop: async () => {
        await halt();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  } catch (cause) {
    if (!launched.hasEnded()) launched.child.kill("SIGKILL");
    throw cause;
  }
}

/** A lab has no way to npm's registry, which the build for the other architecture needs once in a checkout. */
async function compileAgent(folder: string): Promise<void> {
  const build = [process.execPath, join(repository, "infra/release/build-agent.ts"), "--out", folder];
  // A compiler that outlived a killed test would write into the folder of a lab that has ended.
  await must(["setpriv", "--pdeathsig", "KILL", ...build], { timeoutMs: startTimeoutMs });
}

interface Launched {
  readonly child: ChildProcess;
  hasEnded(): boolean;
}

function spawnLogged(
  argv: readonly string[],
  { environment, print }: { environment: NodeJS.ProcessEnv; print: (text: string) => void },
): Launched {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { cwd: repository, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", print);
  child.once("error", (cause) => print(`${file} could not be started: ${cause.message}\n`));
  return { child, hasEnded: () => child.exitCode !== null || child.signalCode !== null };
}

/** The address of the embedded Postgres as this process reaches it, also when it listens inside a lab. */
async function reachDatabase(dataDir: string, lab: Lab | undefined): Promise<string> {
  const address = readEmbeddedAddress(join(dataDir, "postgres"));
  if (address === null) throw new LabError(`${dataDir} holds no Postgres.`);
  if (!lab) return address;
  const url = new URL(address);
  url.port = String(await lab.forwardLoopback(Number(url.port)));
  return url.href;
}

const partPatterns: Readonly<Record<Part, RegExp>> = {
  web: /\/server\.js|^next-server/,
  gateway: /apps\/gateway\/src\/main\.ts/,
  worker: /apps\/worker\/src\/main\.ts/,
};

/** Finds a running part among the children that the supervisor wrote down. Throws LabError while it is not there. */
async function findPart(
  part: Part,
  place: { dataDir: string; execute: (argv: readonly string[]) => Promise<CommandResult> },
): Promise<number> {
  const children = JSON.parse(await readFile(join(place.dataDir, "children.json"), "utf8")) as {
    pid: number;
  }[];
  for (const { pid } of children) {
    const { stdout } = await place.execute(["ps", "-o", "args=", "-p", String(pid)]);
    if (partPatterns[part].test(stdout.trim())) return pid;
  }
  throw new LabError(`The control plane runs no ${part}.`);
}
