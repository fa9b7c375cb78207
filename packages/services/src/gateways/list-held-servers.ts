import { servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/** The servers whose agents this gateway holds as far as Postgres knows; a connection of any other is to be closed. */
export async function listHeldServers(
  ctx: SystemContext,
  { gatewayId }: { gatewayId: string },
): Promise<ReadonlySet<string>> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx.select({ id: servers.id }).from(servers).where(eq(servers.gatewayId, gatewayId)),
  );
  return new Set(rows.map(({ id }) => id));
}
