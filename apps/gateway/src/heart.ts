import { pingEveryMs } from "@mailstead/core/wire";
import { jobChannel, serverChannel } from "@mailstead/services/bus";
import { beatGateway, listHeldServers, releaseServers } from "@mailstead/services/gateways";
import type { GatewayContext } from "./gateway-context.ts";
import { pulseSlices, type SessionRegistry } from "./session/registry.ts";

const beatEveryMs = 5_000;
const compareEveryMs = 30_000;
/** Each server is told of once in so many beats: when it was heard last is shown once it is offline, and then to the minute. */
const beatsPerRound = 12;

/**
 * What a gateway does all by itself: says that it lives, asks its agents for signs of life, and compares the agents
 * it holds with those that Postgres says it holds. Returns how to stop it.
 */
export function startHeart(
  context: GatewayContext,
  registry: SessionRegistry,
  /** Called when the gateway was given up by the others: it must let everything go and start anew. */
  onGivenUp: () => void,
): () => void {
  let slice = 0;
  let beats = 0;
  const timers = [
    every(context, { name: "beat", everyMs: beatEveryMs }, async () => {
      const heardServerIds = registry
        .all()
        .flatMap(([serverId, session]) => (isInBeat(serverId, beats) && session.isHeard ? [serverId] : []));
      beats += 1;
      const { gatewayId } = context;
      if (!(await beatGateway(context.system(), { gatewayId, heardServerIds }))) onGivenUp();
    }),
    every(context, { name: "pulse", everyMs: pingEveryMs / pulseSlices }, async () => {
      registry.checkPulse(slice);
      slice = (slice + 1) % pulseSlices;
    }),
    every(context, { name: "compare", everyMs: compareEveryMs }, () => compareWithRows(context, registry)),
  ];
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

/** The end of an id is by chance, so that each beat tells of about as many. */
function isInBeat(serverId: string, beats: number): boolean {
  return Number.parseInt(serverId.slice(-4), 16) % beatsPerRound === beats % beatsPerRound;
}

/**
 * Compares what Postgres says with what is really held. A connection of a server that was locked out, removed or taken
 * over ends; a server whose connection ended without Postgres hearing so is given up.
 */
async function compareWithRows(context: GatewayContext, registry: SessionRegistry): Promise<void> {
  const { gatewayId, bus, system } = context;
  // Read before the rows: a connection that comes in between is not in the list and stays.
  const sessions = registry.all();
  const comparedAt = system().now();
  const held = await listHeldServers(system(), { gatewayId });
  for (const [serverId, session] of sessions) if (!held.has(serverId)) await session.dismiss();
  const lost = [...held].filter((serverId) => registry.get(serverId) === undefined);
  if (lost.length === 0) return;
  // The row of a new connection is written just before the registry knows it.
  const connectedBefore = new Date(comparedAt.getTime() - compareEveryMs);
  const changedJobIds = await releaseServers(system(), { gatewayId, serverIds: lost, connectedBefore });
  for (const jobId of changedJobIds) await bus.publish(jobChannel(jobId), "");
  for (const serverId of lost) await bus.publish(serverChannel(serverId), "");
}

/** A timer whose work never overlaps itself and never ends the process. */
function every(
  context: GatewayContext,
  { name, everyMs }: { name: string; everyMs: number },
  work: () => Promise<void>,
): NodeJS.Timeout {
  let isBusy = false;
  return setInterval(async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await work();
    } catch (problem) {
      context.log.error({ err: problem }, `the gateway's ${name} failed; it is tried again`);
    } finally {
      isBusy = false;
    }
  }, everyMs);
}
