import { judgeEntries } from "@mailstead/core/block-lists";
import { findingKey } from "@mailstead/core/checks";
import { blockListEntries, blockListHosts } from "@mailstead/db";
import { and, eq, isNotNull, lt, sql } from "drizzle-orm";
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
 * Keeps as findings what hosts have told of lists since they were last looked at. A host that is silent changes nothing.
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
          sql`${blockListHosts.judgedAt} is distinct from ${blockListHosts.roundAt}`,
        ),
      ),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { serverId }) => {
    await recordOf(own, serverId);
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

function recordOf(ctx: ServiceContext, serverId: string): Promise<void> {
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId } = await getServerForChange(tx, serverId);
    const { roundAt, entries } = await readHostEntries(tx, serverId);
    if (roundAt === null) return;
    const found = judgeEntries(entries).map((finding) => ({ ...finding, key: findingKey(finding) }));
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
