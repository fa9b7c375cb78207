import { smarthostFinding, smarthostFindingPrefix } from "@mailstead/core/checks";
import { checkFindings, servers, smarthostChanges, type Transaction } from "@mailstead/db";
import { and, asc, eq, exists, isNotNull, isNull, like, or } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { recordFindings } from "./record-findings.ts";

/**
 * Keeps smarthosts among the findings that were saved and wait for a person, since their test did not succeed and is not
 * made again by itself; closes them once somebody has answered. Gives the servers of which that failed.
 */
export async function recordSmarthostFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ serverId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) => {
    const waiting = tx
      .select({ id: smarthostChanges.serverId })
      .from(smarthostChanges)
      .where(and(eq(smarthostChanges.serverId, servers.id), waitsForPerson));
    const open = tx
      .select({ id: checkFindings.serverId })
      .from(checkFindings)
      .where(
        and(
          eq(checkFindings.serverId, servers.id),
          isNull(checkFindings.closedAt),
          like(checkFindings.key, `${smarthostFindingPrefix}%`),
        ),
      );
    return tx
      .select({ serverId: servers.id, organisationId: servers.organisationId })
      .from(servers)
      .where(or(exists(waiting), exists(open)))
      .orderBy(asc(servers.id));
  });
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { serverId }) => {
    await withTransaction(own, (tx) => recordOf(tx, { serverId, at: own.now() }));
    return undefined;
  });
  return failed.map(({ row: { serverId }, cause }) => ({ serverId, cause }));
}

const waitsForPerson = and(isNotNull(smarthostChanges.problem), isNull(smarthostChanges.retryAt));

async function recordOf(tx: Transaction, { serverId, at }: { serverId: string; at: Date }): Promise<void> {
  const { organisationId, tenantId, name: serverName } = await getServerForChange(tx, serverId);
  const changes = await tx.select().from(smarthostChanges).where(eq(smarthostChanges.serverId, serverId));
  const found = changes.flatMap(({ concerns, problem, retryAt, requestedBy, requestedAt }) =>
    problem === null || retryAt !== null
      ? []
      : [smarthostFinding({ serverName, concerns, problem, requestedBy, requestedAt })],
  );
  // One that is tried once more is neither over nor new.
  const tried = changes
    .filter(({ problem, retryAt }) => problem === null || retryAt !== null)
    .map(({ concerns }) => concerns as string);
  await recordFindings(
    tx,
    { organisationId, tenantId, serverId },
    { found, unseen: (key) => tried.includes(key.split(" ")[1] ?? ""), at, by: "smarthosts" },
  );
}
