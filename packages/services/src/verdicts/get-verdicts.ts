import { deliverySpanNames, deliverySpans } from "@mailstead/core/delivery";
import { type VerdictFigures, verdictFigures } from "@mailstead/core/verdicts";
import { servers, telemetryStreams } from "@mailstead/db";
import { and, eq, max } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { readServerVerdicts } from "./server-verdicts.ts";

const serverInput = z.object({
  serverId: z.uuid(),
  span: z.enum(deliverySpanNames).default("week"),
});

export interface VerdictOverview {
  /** When the host last told what Rspamd decided; null when it never has. */
  readonly toldAt: Date | null;
  readonly inbound: VerdictFigures;
  /** In the name of the server's own domains; what only passes through it is not theirs. */
  readonly outbound: VerdictFigures;
}

const hourMs = 60 * 60_000;

/** What Rspamd decided on a server about the mail that came and that left. Throws `not-found`. */
export function getServerVerdicts(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<VerdictOverview> {
  const { serverId, span } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    const now = ctx.now();
    const { inbound, outbound } = await readServerVerdicts(tx, {
      serverId,
      from: new Date(now.getTime() - deliverySpans[span]),
      // An hour of now may begin a little after now, where a host's clock is ahead.
      until: new Date(now.getTime() + hourMs),
      by: span === "day" ? "hours" : "days",
    });
    const [told] = await tx
      .select({ at: max(telemetryStreams.storedAt) })
      .from(telemetryStreams)
      .where(and(eq(telemetryStreams.serverId, serverId), eq(telemetryStreams.stream, "verdicts")));
    return {
      toldAt: told?.at ?? null,
      inbound: verdictFigures(inbound),
      outbound: verdictFigures(outbound),
    };
  });
}
