import { defaultRolloutSettings, type RolloutSettings } from "@mailstead/core/rollouts";
import { patchPolicies, rolloutMembers, rollouts, serverUpdates, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  ServiceError,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { type PatchPolicy, readPolicies } from "./patch-policies.ts";
import { createRollout } from "./start-rollout.ts";

/** Customers of one organisation who want the same are updated together, so that few canaries prove it for all. */
interface PolicyGroup {
  readonly name: string;
  readonly updates: PatchPolicy["updates"];
  readonly canaryDays: number;
  readonly tenantIds: readonly string[];
}

/**
 * Starts a rollout for each policy under which something waits that no rollout of it brings already. Gives what was started,
 * and the organisations in which that failed.
 */
export async function runPatchPolicies(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ started: string[]; failed: { organisationId: string; cause: unknown }[] }> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx.selectDistinct({ organisationId: patchPolicies.organisationId }).from(patchPolicies),
  );
  const started: string[] = [];
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    for (const group of groupsOf(await withTransaction(own, readPolicies))) {
      const rolloutId = await startGroup(own, group);
      if (rolloutId !== null) started.push(rolloutId);
    }
    return undefined;
  });
  return { started, failed: failed.map(({ row, cause }) => ({ organisationId: row.organisationId, cause })) };
}

function groupsOf(policies: readonly PatchPolicy[]): readonly PolicyGroup[] {
  const nameOf = ({ updates, canaryDays }: PatchPolicy) => `${updates} after ${canaryDays} days`;
  return [...Map.groupBy(policies, nameOf)].flatMap(([name, [first, ...others]]) =>
    first === undefined
      ? []
      : {
          name,
          updates: first.updates,
          canaryDays: first.canaryDays,
          tenantIds: [first, ...others].map(({ tenantId }) => tenantId),
        },
  );
}

async function startGroup(ctx: ServiceContext, group: PolicyGroup): Promise<string | null> {
  try {
    return await withTransaction(ctx, async (tx) => {
      // Two workers that look at once start one rollout.
      await tx.execute(
        sql`select pg_advisory_xact_lock(hashtextextended(${ctx.organisationId + group.name}, 0))`,
      );
      const sourceNames = await readNewSources(tx, group);
      if (sourceNames.length === 0) return null;
      const { rolloutId } = await createRollout(tx, ctx, {
        title: `${group.updates === "security" ? "Security updates" : "Updates"} by policy, ${ctx.now().toISOString().slice(0, 10)}`,
        choice: { kind: "sources", sourceNames },
        agent: null,
        tenantIds: group.tenantIds,
        settings: settingsOf(group),
        policy: group.name,
        onlySecurity: group.updates === "security",
      });
      return rolloutId;
    });
  } catch (error) {
    // All that could get it is left out or within nobody's reach: there is nothing to start now.
    if (error instanceof ServiceError && error.kind === "precondition-failed") return null;
    throw error;
  }
}

const sourcesMax = 500;

/** Sources of which a version waits that no running rollout of this policy brings. */
async function readNewSources(tx: Transaction, { name, tenantIds, updates }: PolicyGroup): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ sourceName: serverUpdates.sourceName })
    .from(serverUpdates)
    .where(
      and(
        inArray(serverUpdates.tenantId, [...tenantIds]),
        updates === "security" ? eq(serverUpdates.isSecurity, true) : undefined,
        sql`not exists (select from ${rolloutMembers} member join ${rollouts} rollout on rollout.id = member.rollout_id
          where rollout.policy = ${name} and ${isNull(sql`rollout.ended_at`)} and member.server_id = ${serverUpdates.serverId}
            and member.packages @> jsonb_build_array(jsonb_build_object('name', ${serverUpdates.name}, 'version', ${serverUpdates.toVersion})))`,
        // What was tried and put back, or failed, is for a person to look at.
        sql`not exists (select from ${rolloutMembers} member
          where member.server_id = ${serverUpdates.serverId} and member.state in ('restored', 'failed', 'unknown')
            and member.packages @> jsonb_build_array(jsonb_build_object('name', ${serverUpdates.name}, 'version', ${serverUpdates.toVersion})))`,
      ),
    )
    .limit(sourcesMax);
  return rows.map(({ sourceName }) => sourceName).toSorted();
}

function settingsOf({ canaryDays }: PolicyGroup): RolloutSettings {
  const { canary, catchUpForMs, ...others } = defaultRolloutSettings;
  const bakeTimeMs = Math.max(canary.bakeTimeMs, canaryDays * 86_400_000);
  return { ...others, canary: { ...canary, bakeTimeMs }, catchUpForMs: catchUpForMs + bakeTimeMs };
}
