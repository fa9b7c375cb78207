import type { Delivery } from "@mailstead/core/jobs";
import { jobChannel, serverChannel } from "@mailstead/services/bus";
import type { GatewayContext } from "../gateway-context.ts";
import type { SessionRegistry } from "../session/registry.ts";

/** An order on its way, or none where something stood in the way. */
export interface Sent {
  /** Resolves when its agent has answered, is gone, or takes too long. */
  readonly answered: Promise<void>;
}

/**
 * Carries one delivery: takes the row when it is this job's turn and its agent is here, and sends the order. Whatever is in the
 * way, the row waits and is looked at again; a delivery itself is worth nothing.
 */
export async function deliver(
  context: GatewayContext,
  registry: SessionRegistry,
  delivery: Delivery,
): Promise<Sent> {
  const { jobId, serverId } = delivery;
  if (!registry.get(serverId)?.isLive) return { answered: Promise.resolve() };
  const { gatewayId, groups, system } = context;
  const taken = await groups.takeJob(system(), { ...delivery, gatewayId });
  if (taken.kind !== "taken") return { answered: Promise.resolve() };
  // The agent may have connected anew meanwhile; one that has not shown its journal settles the row by that.
  const session = registry.get(serverId);
  const answered = session?.isLive ? session.sendJob(delivery, taken.job) : Promise.resolve();
  await context.bus.publish(jobChannel(jobId), "");
  await context.bus.publish(serverChannel(serverId), "");
  return { answered };
}
