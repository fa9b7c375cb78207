import { servers, stalledRollUps } from "@mailstead/db";
import { asc, eq, lte, sql } from "drizzle-orm";
import { z } from "zod";
import { type ServiceContext, withTransaction } from "../context/index.ts";

/** What hosts told since then is not in hours and days, which most figures are made of. It waits, and nothing of it is lost. */
export interface CountsBehind {
  /** Since when nothing is added of any server; null while all is. */
  readonly allSince: Date | null;
  /** Servers of which nothing is added, by name. Empty when it is all of them. */
  readonly servers: readonly { readonly id: string; readonly name: string; readonly since: Date }[];
}

/** The worker adds every two seconds, and some hundred batches at once when it starts: within this nobody needs to know. */
const behindMs = 2 * 60_000;

/** Whether the figures of deliverability follow what hosts tell, for the servers that somebody may see. */
export function getCountsBehind(ctx: ServiceContext): Promise<CountsBehind> {
  const before = new Date(ctx.now().getTime() - behindMs);
  return withTransaction(ctx, async (tx) => {
    const { rows } = await tx.execute(sql`select counts_added_until()::text as at`);
    const [state] = z.tuple([z.object({ at: z.coerce.date() })]).parse(rows);
    if (state.at <= before) return { allSince: state.at, servers: [] };
    const stalled = await tx
      .select({ id: servers.id, name: servers.name, since: stalledRollUps.since })
      .from(stalledRollUps)
      .innerJoin(servers, eq(servers.id, stalledRollUps.serverId))
      .where(lte(stalledRollUps.since, before))
      .orderBy(asc(servers.name));
    return { allSince: null, servers: stalled };
  });
}
