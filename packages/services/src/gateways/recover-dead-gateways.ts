import { gateways, servers, type Transaction } from "@mailstead/db";
import { eq, lt, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { loseContact } from "../jobs/index.ts";

export interface RecoveredGateway {
  readonly gatewayId: string;
  readonly serverIds: readonly string[];
  readonly changedJobIds: readonly string[];
}

/**
 * Gives up the gateways whose heart has been silent for longer than `silenceMaxMs`: their servers are offline, what was
 * not accepted waits again, and what was accepted is unknown until its agent connects elsewhere and shows its journal.
 * Gateways and workers stand on different machines, so beats and this are timed by the one clock of Postgres.
 */
export function recoverDeadGateways(
  ctx: SystemContext,
  { silenceMaxMs }: { silenceMaxMs: number },
): Promise<RecoveredGateway[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const dead = await tx
      .select({ id: gateways.id })
      .from(gateways)
      .where(lt(gateways.heartbeatAt, sql`now() - ${silenceMaxMs} * interval '1 millisecond'`))
      .for("update", { skipLocked: true });
    const recovered: RecoveredGateway[] = [];
    for (const { id } of dead) {
      recovered.push(await releaseAllServers(tx, id));
      await tx.delete(gateways).where(eq(gateways.id, id));
    }
    return recovered;
  });
}

/** Takes the servers of a gateway offline. */
export async function releaseAllServers(tx: Transaction, gatewayId: string): Promise<RecoveredGateway> {
  const released = await tx
    .update(servers)
    .set({ gatewayId: null })
    .where(eq(servers.gatewayId, gatewayId))
    .returning({ id: servers.id });
  const serverIds = released.map(({ id }) => id);
  return { gatewayId, serverIds, changedJobIds: await loseContact(tx, { serverIds }) };
}
