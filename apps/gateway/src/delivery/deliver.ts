import type { Delivery } from "@mailstead/core/jobs";
import { jobChannel } from "@mailstead/services/bus";
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
  const session = registry.get(delivery.serverId);
  if (!session?.isLive) return;
  const taken = await takeJobForDelivery(context.system(), { ...delivery, gatewayId: context.gatewayId });
  if (taken.kind !== "taken") return;
  const answered = session.sendJob(delivery, taken.job);
  await context.bus.publish(jobChannel(delivery.jobId), "");
  await answered;
}
