import { gateways } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import { z } from "zod";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/** Of the gateways that a queue is held for, those that Postgres does not know any more. */
export async function findGoneGateways(
  ctx: SystemContext,
  { gatewayIds }: { gatewayIds: readonly string[] },
): Promise<readonly string[]> {
  const ids = gatewayIds.filter((id) => z.uuid().safeParse(id).success);
  if (ids.length === 0) return [];
  const known = await withSystemTransaction(ctx, (tx) =>
    tx.select({ id: gateways.id }).from(gateways).where(inArray(gateways.id, ids)),
  );
  const knownIds = new Set(known.map(({ id }) => id));
  return ids.filter((id) => !knownIds.has(id));
}
