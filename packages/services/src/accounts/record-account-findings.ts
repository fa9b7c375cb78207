import { judgeAccounts } from "@mailstead/core/accounts";
import { seenFindingOf } from "@mailstead/core/checks";
import { accountAlerts } from "@mailstead/db";
import { and, eq, isNull, lte } from "drizzle-orm";
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
import { knownAccount } from "./known-accounts.ts";

/**
 * Keeps as findings what hosts have told of their accounts since they were last looked at. Gives the organisations in which
 * that failed.
 */
export async function recordAccountFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .selectDistinct({ organisationId: accountAlerts.organisationId, serverId: accountAlerts.serverId })
      .from(accountAlerts)
      .where(isNull(accountAlerts.judgedAt)),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { serverId }) => {
    await recordOf(own, serverId);
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

function recordOf(ctx: ServiceContext, serverId: string): Promise<void> {
  const at = ctx.now();
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId } = await getServerForChange(tx, serverId);
    const ofServer = eq(accountAlerts.serverId, serverId);
    // Locked, so that nothing that is told meanwhile is taken for judged.
    const rows = await tx.select().from(accountAlerts).where(ofServer).for("update");
    const found = judgeAccounts(rows.map(knownAccount)).map(seenFindingOf);
    await recordFindings(
      tx,
      { organisationId, tenantId, serverId },
      { found, unseen: () => false, at, by: "accounts" },
    );
    await tx.update(accountAlerts).set({ judgedAt: at }).where(ofServer);
    await tx
      .delete(accountAlerts)
      .where(
        and(
          ofServer,
          isNull(accountAlerts.certainty),
          isNull(accountAlerts.heldBy),
          lte(accountAlerts.toldAt, at),
        ),
      );
  });
}
