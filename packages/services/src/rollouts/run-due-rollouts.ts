import { rollouts } from "@mailstead/db";
import { and, asc, isNull, lte } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
} from "../context/index.ts";
import { tickRollout } from "./tick-rollout.ts";

const atOnceMax = 100;

/**
 * Looks at every rollout that is due, each in its own organisation, and gives those that failed, and the organisations in
 * which something has changed and is committed.
 */
export async function runDueRollouts(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{
  seen: number;
  failed: { rolloutId: string; cause: unknown }[];
  changedOrganisationIds: readonly string[];
}> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ id: rollouts.id, organisationId: rollouts.organisationId })
      .from(rollouts)
      .where(and(isNull(rollouts.endedAt), lte(rollouts.lookAt, ctx.now())))
      .orderBy(asc(rollouts.lookAt))
      .limit(atOnceMax),
  );
  const changed = new Set<string>();
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { id, organisationId }) => {
    const { hasChanged } = await tickRollout(own, id);
    if (hasChanged) changed.add(organisationId);
    return undefined;
  });
  return {
    seen: rows.length,
    failed: failed.map(({ row, cause }) => ({ rolloutId: row.id, cause })),
    changedOrganisationIds: [...changed],
  };
}
