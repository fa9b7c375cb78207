import { isDeepStrictEqual } from "node:util";
import { conditionFindingPrefix, type HeldCondition, holdConditions } from "@mailstead/core/checks";
import { detailsOf } from "@mailstead/core/finding-kinds";
import { judgeHostConditions } from "@mailstead/core/servers";
import { checkFindings, hostConditions, insertMany, servers, type Transaction } from "@mailstead/db";
import { and, eq, isNotNull, isNull, like } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange, readConditionSigns, type ToldConditionSigns } from "../servers/index.ts";
import { recordFindings } from "./record-findings.ts";

/**
 * Keeps what hosts tell of themselves that needs somebody among the findings, so that it is mailed with the others: once it
 * has lasted, and over once it has been gone for as long. A host that is silent, or that has not told anything since it
 * came back, changes nothing. Gives the organisations in which that failed.
 */
export async function recordHostConditions(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .selectDistinct({ organisationId: servers.organisationId })
      .from(servers)
      .where(isNotNull(servers.factsAt)),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    for (const serverId of await findChanged(own)) await recordOf(own, serverId);
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

/** The servers of which something is to be kept; of most there is nothing. */
function findChanged(ctx: ServiceContext): Promise<string[]> {
  return withTransaction(ctx, async (tx) => {
    const before = Map.groupBy(await tx.select().from(hostConditions), ({ serverId }) => serverId);
    const kept = await readKeptDetails(tx);
    const told = await readConditionSigns(tx);
    return told
      .filter((one) => {
        const held = before.get(one.serverId) ?? [];
        const plan = planOf(held, one, ctx.now());
        // Figures go on while the condition holds.
        const tellsMore = plan.found.some(
          (found) => !isDeepStrictEqual(kept.get(`${one.serverId} ${found.key}`), detailsOf(found)),
        );
        return !areSame(held, plan.held) || tellsMore;
      })
      .map(({ serverId }) => serverId);
  });
}

/** What is open of all hosts says already, by the server and the key. */
async function readKeptDetails(tx: Transaction): Promise<ReadonlyMap<string, unknown>> {
  const rows = await tx
    .select({
      serverId: checkFindings.serverId,
      key: checkFindings.key,
      details: checkFindings.details,
    })
    .from(checkFindings)
    .where(and(isNull(checkFindings.closedAt), like(checkFindings.key, `${conditionFindingPrefix}%`)));
  return new Map(rows.map(({ serverId, key, details }) => [`${serverId} ${key}`, details]));
}

function recordOf(ctx: ServiceContext, serverId: string): Promise<void> {
  const at = ctx.now();
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId } = await getServerForChange(tx, serverId);
    const [told] = await readConditionSigns(tx, eq(servers.id, serverId));
    if (told === undefined) return;
    const before = await tx.select().from(hostConditions).where(eq(hostConditions.serverId, serverId));
    const { held, found, unseen } = planOf(before, told, at);
    await replaceHeld(tx, { organisationId, tenantId, serverId }, held);
    await recordFindings(tx, { organisationId, tenantId, serverId }, { found, unseen, at, by: "host" });
  });
}

function planOf(held: readonly HeldCondition[], { signs }: ToldConditionSigns, now: Date) {
  const conditions = signs === null ? [] : judgeHostConditions(signs);
  return holdConditions(held, { conditions, host: signs?.host ?? null }, now);
}

async function replaceHeld(
  tx: Transaction,
  subject: { organisationId: string; tenantId: string; serverId: string },
  held: readonly HeldCondition[],
): Promise<void> {
  await tx.delete(hostConditions).where(eq(hostConditions.serverId, subject.serverId));
  const rows = held.map(({ key, level, state, since }) => ({ ...subject, key, level, state, since }));
  if (rows.length > 0) await insertMany(tx, hostConditions, rows);
}

function areSame(before: readonly HeldCondition[], after: readonly HeldCondition[]): boolean {
  const textOf = (held: readonly HeldCondition[]) =>
    held
      .map(({ key, level, state, since }) => `${key} ${level} ${state} ${since.getTime()}`)
      .sort()
      .join("\n");
  return textOf(before) === textOf(after);
}
