import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { openDeliveryConsumer } from "@mailstead/queue";
import { jobChannel, openBus, serverChannel } from "@mailstead/services/bus";
import { installationFromEnvironment, openDatabase } from "@mailstead/services/context";
import { registerGateway, retireGateway } from "@mailstead/services/gateways";
import { findDeliveriesOfServer } from "@mailstead/services/jobs";
import { openTelemetryIntake } from "@mailstead/services/telemetry";
import { listenToControlMessages } from "./control-messages.ts";
import { deliver } from "./delivery/deliver.ts";
import { openWorkLine } from "./delivery/work-line.ts";
import type { GatewayEnvironment } from "./env.ts";
import { createSystemContext, type GatewayContext } from "./gateway-context.ts";
import { startHeart } from "./heart.ts";
import { AdmissionGate, defaultAdmissionLimits } from "./http/admission.ts";
import { createHttpServer, listen } from "./http/server.ts";
import { acceptAgents } from "./http/upgrade.ts";
import type { Log } from "./log.ts";
import { SessionRegistry } from "./session/registry.ts";

export interface Gateway {
  readonly gatewayId: string;
  readonly port: number;
  /** Sends its agents elsewhere a slice at a time, finishes what is in hand and lets go of everything. */
  drain(): Promise<void>;
}

const databaseConnectionsMax = 16;
/** Leaves connections to those that come through the queue, and to what agents tell. */
const looksAtOnceMax = 8;

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
  const context: GatewayContext = { gatewayId, bus, log, system, telemetry: openTelemetryIntake() };
  const registry = new SessionRegistry();
  const line = openWorkLine(async (serverId) => {
    try {
      // These are for a connection of ours, so they need no queue to find their way. Their answers are not waited for here.
      const deliveries = await findDeliveriesOfServer(system(), { serverId });
      await Promise.all(deliveries.map((delivery) => deliver(context, registry, delivery)));
    } catch (problem) {
      log.warn({ serverId, err: problem }, "left waiting jobs to the sweep");
    }
  }, looksAtOnceMax);

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
      await drainSessions(registry);
      await consumer.close();
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

const drainSlices = 20;
const drainOverMs = 4_000;
// The agents of one slice come back spread over this time, so that the other gateways are not run down.
const returnWithinMs = 10_000;

async function drainSessions(registry: SessionRegistry): Promise<void> {
  const sessions = registry.all().map(([, session]) => session);
  const sliceSize = Math.ceil(sessions.length / drainSlices);
  while (sessions.length > 0) {
    const slice = sessions.splice(0, sliceSize);
    await Promise.all(slice.map((session) => session.drain(Math.round(Math.random() * returnWithinMs))));
    if (sessions.length > 0) await wait(drainOverMs / drainSlices);
  }
}
