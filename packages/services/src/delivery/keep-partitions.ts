import { replySamples } from "@mailstead/db";
import { lt, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { samplesKeptForMs } from "./periods.ts";

/** Samples of one kind that are kept of each host and domain: the newest. */
const samplesKeptMax = 20;

/**
 * Makes room for the counts of the days to come, and drops counts and samples that are older than what is kept.
 * Idempotent, and safe beside itself.
 */
export function keepDeliveryPartitions(ctx: SystemContext): Promise<void> {
  const now = ctx.now();
  return withSystemTransaction(ctx, async (tx) => {
    await tx.execute(sql`select keep_delivery_partitions(${now.toISOString()}::timestamptz)`);
    await tx.delete(replySamples).where(lt(replySamples.saidAt, new Date(now.getTime() - samplesKeptForMs)));
    await tx.execute(sql`delete from ${replySamples} where id in (
      select id from (
        select id, row_number() over (partition by server_id, domain, provider, category order by said_at desc, id) as place
        from ${replySamples}
      ) placed where place > ${samplesKeptMax})`);
  });
}
