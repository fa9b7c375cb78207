import {
  judgeEntries,
  listingForgottenAfterMs,
  listingOldAfterMs,
  oldListingWords,
  seenBlockListPrefix,
} from "@mailstead/core/block-lists";
import { seenFindingOf } from "@mailstead/core/checks";
import { blockListEntries, blockListHosts } from "@mailstead/db";
import { and, eq, isNotNull, lt, or, type SQL, sql } from "drizzle-orm";
import { recordFindings } from "../checks/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { readHostEntries } from "./get-block-lists.ts";

/**
 * Keeps as findings what hosts have told of lists since they were last looked at, and lets grow old what no list has
 * confirmed for long, whether the host asked in vain or is away.
 * Gives the organisations in which that failed.
 */
export async function recordBlockListFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ organisationId: blockListHosts.organisationId, serverId: blockListHosts.serverId })
      .from(blockListHosts)
      .where(
        and(
          isNotNull(blockListHosts.roundAt),
          or(
            sql`${blockListHosts.judgedAt} is distinct from ${blockListHosts.roundAt}`,
            hasOutlived(ctx.now()),
          ),
        ),
      ),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { serverId }) => {
    await recordOf(own, serverId);
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

/** Whether a finding of the host says more than its entry still does: as if it had just been confirmed, or anything that is forgotten. */
function hasOutlived(now: Date): SQL {
  const before = (ms: number) => sql`${new Date(now.getTime() - ms)}::timestamptz`;
  return sql`exists (
    select 1 from block_list_entries e
    join check_findings f on f.server_id = e.server_id and f.closed_at is null
      and f.key like ${`${seenBlockListPrefix}%`} and f.key like '% ' || lower(e.subject || ' ' || e.list)
    where e.server_id = ${blockListHosts.serverId} and e.state = 'listed'
      and (coalesce(e.seen_at, e.since) <= ${before(listingForgottenAfterMs)}
        or (f.sentence not like ${`%${oldListingWords}%`} and coalesce(e.seen_at, e.since) <= ${before(listingOldAfterMs)})))`;
}

function recordOf(ctx: ServiceContext, serverId: string): Promise<void> {
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId } = await getServerForChange(tx, serverId);
    const { roundAt, entries } = await readHostEntries(tx, serverId);
    if (roundAt === null) return;
    const found = judgeEntries(entries, ctx.now().getTime()).map(seenFindingOf);
    await recordFindings(
      tx,
      { organisationId, tenantId, serverId },
      { found, unseen: () => false, at: ctx.now(), by: "blockLists" },
    );
    await tx
      .delete(blockListEntries)
      .where(and(eq(blockListEntries.serverId, serverId), lt(blockListEntries.askedAt, roundAt)));
    await tx.update(blockListHosts).set({ judgedAt: roundAt }).where(eq(blockListHosts.serverId, serverId));
  });
}
