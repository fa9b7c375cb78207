import { pingEveryMs } from "@mailstead/core/wire";
import { beatGateway, listHeldServers } from "@mailstead/services/gateways";
import type { GatewayContext } from "./gateway-context.ts";
import { pulseSlices, type SessionRegistry } from "./session/registry.ts";

const beatEveryMs = 5_000;
const compareEveryMs = 30_000;

/**
 * What a gateway does all by itself: says that it lives, asks its agents for signs of life, and lets go of agents
 * that Postgres says it does not hold. Returns how to stop it.
 */
export function startHeart(
  context: GatewayContext,
  registry: SessionRegistry,
  /** Called when the gateway was given up by the others: it must let everything go and start anew. */
  onGivenUp: () => void,
): () => void {
  let slice = 0;
  const timers = [
    every(context, { name: "beat", everyMs: beatEveryMs }, async () => {
      const heardServerIds = registry
        .all()
        .flatMap(([serverId, session]) => (session.isHeard ? [serverId] : []));
      const { gatewayId } = context;
      if (!(await beatGateway(context.system(), { gatewayId, heardServerIds }))) onGivenUp();
    }),
    every(context, { name: "pulse", everyMs: pingEveryMs / pulseSlices }, async () => {
      registry.checkPulse(slice);
      slice = (slice + 1) % pulseSlices;
    }),
    every(context, { name: "compare", everyMs: compareEveryMs }, () => letGoOfOthers(context, registry)),
  ];
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

/** Finds what a lost wake-up left behind: a connection whose server was locked out, removed or taken over. */
async function letGoOfOthers(context: GatewayContext, registry: SessionRegistry): Promise<void> {
  // Read before the rows: a connection that comes in between is not in the list and stays.
  const sessions = registry.all();
  const held = await listHeldServers(context.system(), { gatewayId: context.gatewayId });
  for (const [serverId, session] of sessions) if (!held.has(serverId)) await session.dismiss();
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
