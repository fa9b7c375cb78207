import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeOrganisation, makeTenant, makeUser } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { openDeliveryQueue } from "@mailstead/queue";
import { installationFromEnvironment, type ServiceContext } from "@mailstead/services/context";
import { addServer } from "@mailstead/services/servers";
import { type AgentScript, SimulatedAgent } from "../fleet-sim/agent.ts";
import { enrolSimulated } from "../fleet-sim/identity.ts";
import { SimulatedJournal } from "../fleet-sim/simulated-journal.ts";

/**
 * The control plane without its dashboard: a real Postgres and real gateway and worker processes, which can be
 * killed, and simulated agents. People's clicks are calls of use cases as the owner.
 */
export interface Plant {
  readonly database: Omit<TestDatabase, "empty">;
  /** The owner, as the dashboard would call use cases. */
  readonly owner: ServiceContext;
  readonly tenantId: string;
  readonly gateways: readonly GatewayPart[];
  /** What a gateway of this plant is started with. */
  readonly gatewayEnvironment: Readonly<Record<string, string>>;
  startGateway(): Promise<GatewayPart>;
  /** With `hasOrganisations` it also does what is done for one organisation at a time, such as rollouts, and finds no name in the DNS. */
  startWorker(settings?: { redisUrl?: string; hasOrganisations?: boolean }): Promise<Part>;
  /** Adds a server and enrols a simulated agent for it at the first gateway; it is not started. */
  addAgent(script?: AgentScript): Promise<SimulatedAgent>;
  stop(): Promise<void>;
}

export interface Part {
  readonly pid: number;
  /** What it printed so far. */
  log(): string;
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Makes it stand still and go on, as a machine without time to give does. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
}

export interface GatewayPart extends Part {
  readonly gatewayId: string;
  readonly url: string;
  readonly linkUrl: string;
}

const repository = resolve(import.meta.dirname, "../..");
const startWithinMs = 30_000;
/** The discard port: nobody listens there. */
const nobodyUrl = "ws://127.0.0.1:9";
const nobodyResolver = "127.0.0.1#9";

/** Opens a plant with one organisation, one customer and one owner, and nothing running yet. */
export async function openPlant({
  redisUrl,
  database: given,
}: {
  redisUrl?: string;
  /** Closed with the plant; left out, a database of the tests' own Postgres, which gives up safety for speed. */
  database?: Plant["database"];
} = {}): Promise<Plant> {
  const database = given ?? (await openTestDatabase());
  const folder = mkdtempSync(join(tmpdir(), "mailstead-plant-"));
  const environment = { ...writeKeys(folder), PUBLIC_URL: "http://127.0.0.1:1" };
  const organisation = await makeOrganisation(database.admin);
  const tenant = await makeTenant(database.admin, { organisationId: organisation.id });
  const user = await makeUser(database.admin, { organisationId: organisation.id });
  const owner: ServiceContext = {
    organisationId: organisation.id,
    tenantId: null,
    actor: { kind: "user", userId: user.id, name: user.name, role: "owner" },
    database: database.app,
    now: () => new Date(),
    requestId: "plant",
    installation: installationFromEnvironment(environment),
  };
  const parts: Part[] = [];
  const gateways: GatewayPart[] = [];
  const agents: SimulatedAgent[] = [];
  const base = { ...environment, LOG_LEVEL: "info" };
  const redis = redisUrl === undefined ? {} : { REDIS_URL: redisUrl };
  const workerEnvironment = { ...base, SYSTEM_DATABASE_URL: database.systemUrl };
  const organisationsEnvironment = { APP_DATABASE_URL: database.appUrl, DNS_RESOLVER: nobodyResolver };
  const gatewayEnvironment = {
    ...base,
    ...redis,
    GATEWAY_DATABASE_URL: database.gatewayUrl,
    PORT: "0",
    HOST: "127.0.0.1",
  };
  // The tests start a gateway first, which would wait for a worker to make the queue's tables.
  await (await openDeliveryQueue({ databaseUrl: database.systemUrl }, () => undefined)).close();
  let servers = 0;
  return {
    database,
    owner,
    tenantId: tenant.id,
    gateways,
    gatewayEnvironment,
    async startGateway() {
      const part = startPart("apps/gateway/src/main.ts", gatewayEnvironment);
      parts.push(part);
      const [, gatewayId = "", port] = await part.untilPrinted(/"gatewayId":"([^"]+)","port":(\d+)/);
      const url = `http://127.0.0.1:${port}`;
      const linkUrl = `ws://127.0.0.1:${port}/agent/link`;
      const kill = (signal: "SIGKILL" | "SIGTERM") => {
        const index = gateways.indexOf(gateway);
        if (index >= 0) gateways.splice(index, 1);
        return part.kill(signal);
      };
      const gateway: GatewayPart = { ...part, gatewayId, url, linkUrl, kill };
      gateways.push(gateway);
      return gateway;
    },
    async startWorker(settings = {}) {
      const other = settings.redisUrl === undefined ? redis : { REDIS_URL: settings.redisUrl };
      const own = settings.hasOrganisations === true ? organisationsEnvironment : {};
      const part = startPart("apps/worker/src/main.ts", { ...workerEnvironment, ...other, ...own });
      parts.push(part);
      await part.untilPrinted(/the worker is ready/);
      return part;
    },
    async addAgent(script) {
      servers += 1;
      const { token } = await addServer(owner, {
        tenantId: tenant.id,
        name: `mail${servers}`,
        hostname: `mail${servers}.plant.example`,
      });
      const controlUrl = gateways.at(-1)?.url ?? "";
      const identity = await enrolSimulated({ controlUrl, token });
      const agent = new SimulatedAgent({
        identity,
        journal: new SimulatedJournal(),
        // Agents know one address; behind it stands whichever gateway lives.
        gatewayUrl: () => gateways.at(-1)?.linkUrl ?? nobodyUrl,
        ...(script === undefined ? {} : { script }),
      });
      agents.push(agent);
      return agent;
    },
    async stop() {
      for (const agent of agents) agent.close();
      await Promise.all(parts.map((part) => part.kill("SIGKILL")));
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes a pair of keys that signs jobs, and names their files as the environment does. */
export function writeKeys(folder: string): Record<string, string> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const files = {
    MAILSTEAD_SIGNING_KEY_FILE: join(folder, "signing-key.pem"),
    MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: join(folder, "signing-key.pub.pem"),
  };
  const pem = privateKey.export({ format: "pem", type: "pkcs8" });
  writeFileSync(files.MAILSTEAD_SIGNING_KEY_FILE, pem, { mode: 0o600 });
  writeFileSync(files.MAILSTEAD_SIGNING_PUBLIC_KEY_FILE, publicKey.export({ format: "pem", type: "spki" }));
  return files;
}

/** A process of the control plane. */
export interface StartedPart extends Part {
  readonly ended: Promise<number | null>;
  untilPrinted(pattern: RegExp): Promise<RegExpMatchArray>;
}

/** Starts a program of this repository under Node. */
export function startPart(script: string, environment: Record<string, string>): StartedPart {
  const child = spawn(process.execPath, [join(repository, script)], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let isEnded = false;
  child.once("exit", (code) => {
    // Whatever fails afterwards fails because of this, so the report should hold it.
    if (!isEnded && code !== 0) process.stderr.write(`${script} ended by itself with ${code}:\n${output}\n`);
  });
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  return {
    // Zero where it could not be started at all, which `ended` tells.
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => child.once("close", resolve)),
    log: () => output,
    kill: (signal) => {
      isEnded = true;
      return end(child, signal);
    },
    signal: (signal) => void child.kill(signal),
    untilPrinted: (pattern) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          listeners.delete(look);
          clearTimeout(timer);
          finish();
        };
        const look = (): void => {
          const found = output.match(pattern);
          if (found) settle(() => resolve(found));
        };
        const fail = (why: string): void => settle(() => reject(new Error(`${script} ${why}:\n${output}`)));
        const timer = setTimeout(() => fail("did not start in time"), startWithinMs);
        child.once("exit", (code) => fail(`ended with ${code}`));
        listeners.add(look);
        look();
      }),
  };
}

/** Runs a part until it ends by itself. */
export async function runPart(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const part = startPart(script, environment);
  return { code: await part.ended, output: part.log() };
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
