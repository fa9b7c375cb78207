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
 * One host that tells of its mail: the compiled agent, a gateway and a Postgres of its own that keeps what it commits,
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
  close(): Promise<void>;
}

/** Starts all of it, with the agent enrolled and its first reading over. */
export async function openTellingScene(agentPath: string): Promise<TellingScene> {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-telling-"));
  const database = await openOwnDatabase(folder);
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
  let gateway: StartedPart | null = null;
  const startGateway = async (): Promise<void> => {
    const started = startPart("apps/gateway/src/main.ts", environment);
    gateway = started;
    await started.untilPrinted(/the gateway is ready/);
    // One that gives itself up is started anew, as whoever supervises it does.
    void started.ended.then(() => (gateway === started ? startGateway() : undefined));
  };
  const endGateway = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    const ending = gateway;
    gateway = null;
    await ending?.kill(signal);
  };
  await startGateway();

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
    startGateway,
    endGateway,
    async close() {
      await agent.end("SIGKILL");
      await endGateway("SIGKILL");
      await Promise.all([link.close(), databaseLine.close()]);
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
