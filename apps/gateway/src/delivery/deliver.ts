import type { Delivery } from "@mailstead/core/jobs";
import { jobChannel, serverChannel } from "@mailstead/services/bus";
import { takeJobForDelivery } from "@mailstead/services/jobs";
import type { GatewayContext } from "../gateway-context.ts";
import type { SessionRegistry } from "../session/registry.ts";

/**
 * Carries one delivery: takes the row when it is this job's turn and its agent is here, sends the order and waits for
 * the answer. Whatever is in the way, the row waits and is looked at again; a delivery itself is worth nothing.
 */
export async function deliver(
  context: GatewayContext,
  registry: SessionRegistry,
  delivery: Delivery,
): Promise<void> {
  const { jobId, serverId } = delivery;
  if (!registry.get(serverId)?.isLive) return;
  const taken = await takeJobForDelivery(context.system(), { ...delivery, gatewayId: context.gatewayId });
  if (taken.kind !== "taken") return;
  // The agent may have connected anew meanwhile; one that has not shown its journal settles the row by that.
  const session = registry.get(serverId);
  const answered = session?.isLive ? session.sendJob(delivery, taken.job) : undefined;
  await context.bus.publish(jobChannel(jobId), "");
  await context.bus.publish(serverChannel(serverId), "");
  await answered;
}
