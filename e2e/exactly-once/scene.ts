import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOrganisation, makeTenant, makeUser } from "@mailstead/db/factories";
import { findFreePort } from "@mailstead/infra/postgres";
import { openDeliveryQueue } from "@mailstead/queue";
import { installationFromEnvironment } from "@mailstead/services/context";
import { addServer } from "@mailstead/services/servers";
import { type StartedPart, startPart, writeKeys } from "../delivery/plant.ts";
import { type AgentCell, makeAgentCell } from "./agent-cell.ts";
import { type CutProxy, openCutProxy } from "./cut-proxy.ts";
import { type OwnDatabase, openOwnDatabase } from "./own-database.ts";
import { readSentText } from "./sent-text.ts";

/**
 * One host that tells of its mail: the compiled agent, a gateway, a worker and a Postgres of its own that keeps what it commits,
 * with lines in between that can be cut. All of them can be killed and come back.
 */
export interface TellingScene {
  readonly agent: AgentCell;
  /** Between agent and gateway. */
  readonly link: CutProxy;
  /** Everything that the agent has sent and that holds a text. */
  sentWith(mark: string): readonly string[];
  /** Between gateway and Postgres. */
  readonly databaseLine: CutProxy;
  /** Past the line that is cut. */
  readonly database: OwnDatabase;
  startGateway(): Promise<void>;
  endGateway(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Who adds up hours and days. */
  startWorker(): Promise<void>;
  endWorker(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  close(): Promise<void>;
}

/** Starts all of it, with the agent enrolled and its first reading over. */
export async function openTellingScene(agentPath: string): Promise<TellingScene> {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-telling-"));
  const database = await openOwnDatabase(folder);
  try {
    return await startScene({ folder, database, agentPath });
  } catch (error) {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startScene({
  folder,
  database,
  agentPath,
}: {
  folder: string;
  database: OwnDatabase;
  agentPath: string;
}): Promise<TellingScene> {
  // A gateway would wait for a worker to make the queue's tables.
  await (await openDeliveryQueue({ databaseUrl: database.systemUrl }, () => undefined)).close();
  const gatewayPort = await findFreePort();
  const sent: string[] = [];
  const link = await openCutProxy(gatewayPort, () => {
    const text = readSentText((words) => sent.push(words));
    return (chunk) => text.take(chunk);
  });
  const databaseLine = await openCutProxy(database.port);
  const keys = writeKeys(folder);
  const environment = {
    ...keys,
    PUBLIC_URL: `http://127.0.0.1:${link.port}`,
    LOG_LEVEL: "info",
    HOST: "127.0.0.1",
    PORT: String(gatewayPort),
    GATEWAY_DATABASE_URL: withPort(database.gatewayUrl, databaseLine.port),
  };
  const gateway = supervise(() => startPart("apps/gateway/src/main.ts", environment), /the gateway is ready/);
  const { HOST: _host, PORT: _port, GATEWAY_DATABASE_URL: _url, ...shared } = environment;
  const workerEnvironment = { ...shared, SYSTEM_DATABASE_URL: database.systemUrl };
  const worker = supervise(
    () => startPart("apps/worker/src/main.ts", workerEnvironment),
    /the worker is ready/,
  );
  await gateway.start();
  await worker.start();

  const owned = { organisationId: (await makeOrganisation(database.admin)).id };
  const tenant = await makeTenant(database.admin, owned);
  const user = await makeUser(database.admin, owned);
  const { token } = await addServer(
    {
      ...owned,
      tenantId: null,
      actor: { kind: "user", userId: user.id, name: user.name, role: "owner" },
      database: database.app,
      now: () => new Date(),
      requestId: "telling",
      installation: installationFromEnvironment(environment),
    },
    { tenantId: tenant.id, name: "mail", hostname: "mail.own.example" },
  );
  mkdirSync(join(folder, "cell"));
  const agent = makeAgentCell(join(folder, "cell"), agentPath);
  await agent.enrol(token, environment.PUBLIC_URL);

  return {
    agent,
    link,
    sentWith: (mark) => sent.filter((words) => words.includes(mark)),
    databaseLine,
    database,
    startGateway: gateway.start,
    endGateway: gateway.end,
    startWorker: worker.start,
    endWorker: worker.end,
    async close() {
      await agent.end("SIGKILL");
      await gateway.end("SIGKILL");
      await worker.end("SIGKILL");
      await Promise.all([link.close(), databaseLine.close()]);
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A process of ours. One that gives itself up is started anew, as whoever supervises it does. */
function supervise(
  open: () => StartedPart,
  isReady: RegExp,
): { start(): Promise<void>; end(signal: "SIGKILL" | "SIGTERM"): Promise<void> } {
  let part: StartedPart | null = null;
  const start = async (): Promise<void> => {
    const started = open();
    part = started;
    await started.untilPrinted(isReady);
    void started.ended.then(() => (part === started ? start() : undefined));
  };
  return {
    start,
    async end(signal) {
      const ending = part;
      part = null;
      await ending?.kill(signal);
    },
  };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
