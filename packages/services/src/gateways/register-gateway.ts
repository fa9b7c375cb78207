import { gateways, newId } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/** Makes a gateway known under a new id, which it keeps for its life: a restarted gateway is another one. */
export function registerGateway(ctx: SystemContext, { name }: { name: string }): Promise<string> {
  return withSystemTransaction(ctx, async (tx) => {
    const now = ctx.now();
    const id = newId(now);
    await tx.insert(gateways).values({ id, name, startedAt: now, heartbeatAt: sql`now()` });
    return id;
  });
}
