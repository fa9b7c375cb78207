import { hostname } from "node:os";
import { openDeliveryConsumer } from "@mailstead/queue";
import { jobChannel, openBus, serverChannel } from "@mailstead/services/bus";
import { installationFromEnvironment, openDatabase } from "@mailstead/services/context";
import { registerGateway, retireGateway } from "@mailstead/services/gateways";
import { findDeliveriesOfServers } from "@mailstead/services/jobs";
import { openTelemetryIntake } from "@mailstead/services/telemetry";
import { listenToControlMessages } from "./control-messages.ts";
import { deliver } from "./delivery/deliver.ts";
import { openWorkLine } from "./delivery/work-line.ts";
import type { GatewayEnvironment } from "./env.ts";
import { createSystemContext, type GatewayContext } from "./gateway-context.ts";
import { openGroups } from "./groups.ts";
import { startHeart } from "./heart.ts";
import { AdmissionGate, defaultAdmissionLimits } from "./http/admission.ts";
import { createHttpServer, listen } from "./http/server.ts";
import { acceptAgents } from "./http/upgrade.ts";
import type { Log } from "./log.ts";
import { SessionRegistry } from "./session/registry.ts";

export interface Gateway {
  readonly gatewayId: string;
  readonly port: number;
  /** Sends its agents elsewhere, finishes what is in hand and lets go of everything. */
  drain(): Promise<void>;
}

const databaseConnectionsMax = 16;
/** Leaves connections to those that come through the queue, and to what agents tell. */
const looksMax = { atOnce: 2, servers: 64 };

/** Starts a gateway; resolves when agents can connect. Rejects with a sentence when something it needs is missing. */
export async function startGateway(
  { env, log }: { env: GatewayEnvironment; log: Log },
  /** Called when the others took this gateway for dead: the process ends and a new one takes its place. */
  onGivenUp: () => void,
): Promise<Gateway> {
  const address = { databaseUrl: env.GATEWAY_DATABASE_URL, redisUrl: env.REDIS_URL };
  const onProblem = (problem: Error) =>
    log.warn({ err: problem }, "a connection of the gateway has a problem");
  const { PUBLIC_URL, GATEWAY_URL, MAILSTEAD_SIGNING_PUBLIC_KEY_FILE } = env;
  const installation = installationFromEnvironment({
    PUBLIC_URL,
    GATEWAY_URL,
    MAILSTEAD_SIGNING_PUBLIC_KEY_FILE,
  });
  const database = openDatabase(address.databaseUrl, {
    connectionsMax: databaseConnectionsMax,
    onIdleError: onProblem,
  });
  const system = createSystemContext(database, installation);
  const gatewayId = await registerGateway(system(), { name: `${hostname()}:${env.PORT}` });
  const bus = await openBus({ ...address, onProblem });
  const context: GatewayContext = {
    ...{ gatewayId, bus, log, system },
    groups: openGroups(),
    telemetry: openTelemetryIntake(),
  };
  const registry = new SessionRegistry();
  const line = openWorkLine(async (serverIds) => {
    try {
      // These are for connections of ours, so they need no queue to find their way. Their answers are not waited for here.
      const deliveries = await findDeliveriesOfServers(system(), { serverIds });
      await Promise.all(deliveries.map((delivery) => deliver(context, registry, delivery)));
    } catch (problem) {
      log.warn({ serverIds, err: problem }, "left waiting jobs to the sweep");
    }
  }, looksMax);

  let isDraining = false;
  const health = () => ({
    status: isDraining ? ("draining" as const) : ("ok" as const),
    agents: registry.size,
  });
  const server = createHttpServer({ context, health });
  acceptAgents(server, {
    context,
    registry,
    lookForWork: (serverId) => line.add(serverId),
    gate: new AdmissionGate(defaultAdmissionLimits, { nowMs: performance.now(), chance: Math.random }),
    limits: defaultAdmissionLimits,
    isDraining: () => isDraining,
  });
  await listenToControlMessages(context, registry);
  const consumer = await openDeliveryConsumer(address, {
    gatewayId,
    deliver: async (delivery) => (await deliver(context, registry, delivery)).answered,
    onProblem,
  });
  const stopHeart = startHeart(context, registry, onGivenUp);
  const port = await listen(server, { host: env.HOST, port: env.PORT });
  log.info({ gatewayId, port }, "the gateway is ready");

  return {
    gatewayId,
    port,
    async drain() {
      isDraining = true;
      server.close();
      server.closeIdleConnections();
      // What is being delivered ends with the connection that it goes through.
      await Promise.all([drainSessions(registry), consumer.close()]);
      stopHeart();
      const { serverIds, changedJobIds } = await retireGateway(system(), { gatewayId });
      await Promise.all([
        ...changedJobIds.map((jobId) => bus.publish(jobChannel(jobId), "")),
        ...serverIds.map((serverId) => bus.publish(serverChannel(serverId), "")),
      ]);
      await bus.close();
      await database.close();
      log.info({ gatewayId }, "the gateway has drained");
    },
  };
}

/** So long a gateway takes to be there again, or a proxy to lead elsewhere: sooner, agents knock at a closed door, and wait ever longer. */
const returnAfterMs = 5_000;
const returnWithinMs = 5_000;
/** As many as a gateway lets in with some to spare, since all may come to one; the agents' own jitter comes on top. */
const returnsPerSecond = 500;

/** Has all agents go at once and come back one after the other: whoever is told when to come needs no line at the door. */
async function drainSessions(registry: SessionRegistry): Promise<void> {
  const sessions = registry.all();
  const spreadMs = Math.max(returnWithinMs, (1000 * sessions.length) / returnsPerSecond);
  await Promise.all(
    sessions.map(([, session]) => session.drain(Math.round(returnAfterMs + Math.random() * spreadMs))),
  );
}
