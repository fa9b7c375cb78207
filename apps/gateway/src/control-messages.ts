import { gatewayChannel } from "@mailstead/services/bus";
import { z } from "zod";
import type { GatewayContext } from "./gateway-context.ts";
import type { SessionRegistry } from "./session/registry.ts";

/** What others ask of the gateway that holds an agent. Losing one is harmless: sweeps and comparisons ask again. */
const controlMessageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("cancel-job"), serverId: z.uuid(), jobId: z.uuid() }),
  z.object({ kind: z.literal("dismiss"), serverId: z.uuid() }),
]);

/** Has the gateway that holds a connection end it. */
export function askToDismiss(
  { bus }: Pick<GatewayContext, "bus">,
  { serverId, gatewayId }: { serverId: string; gatewayId: string },
): Promise<void> {
  const message: z.input<typeof controlMessageSchema> = { kind: "dismiss", serverId };
  return bus.publish(gatewayChannel(gatewayId), JSON.stringify(message));
}

/** Listens to what is asked of this gateway. */
export async function listenToControlMessages(
  context: GatewayContext,
  registry: SessionRegistry,
): Promise<void> {
  await context.bus.subscribe(gatewayChannel(context.gatewayId), (payload) => {
    if (payload === "") return;
    const parsed = controlMessageSchema.safeParse(parseJson(payload));
    if (!parsed.success) {
      context.log.warn("ignored a message on the gateway's channel that it does not understand");
      return;
    }
    const session = registry.get(parsed.data.serverId);
    if (parsed.data.kind === "cancel-job") session?.cancelJob(parsed.data.jobId);
    else void session?.dismiss();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
