import type { ProviderId } from "@mailstead/core/delivery";
import { measureHours, needsFallback } from "@mailstead/core/measures";
import { standbyRelay } from "@mailstead/core/servers";
import { measures, servers, type Transaction, targetStates } from "@mailstead/db";
import { and, asc, eq, gte, max, sql } from "drizzle-orm";
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
import { readSent } from "./read-signs.ts";
import { startOn } from "./start-measure.ts";

const lookBackMs = 2 * 3_600_000;

/**
 * Relays a provider through the standby smarthost of every server that was told to do so by itself, where the provider
 * takes nothing from the server's address. The relay ends by itself or by a person, and then direct delivery is tried
 * again: what was refused before says nothing of that.
 */
export async function startFallbacks(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{
  started: { serverId: string; provider: ProviderId }[];
  failed: { serverId: string; cause: unknown }[];
}> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ serverId: servers.id, organisationId: servers.organisationId })
      .from(servers)
      .innerJoin(
        targetStates,
        and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
      )
      .where(
        sql`jsonb_path_exists(${targetStates.document}::jsonb,
          '$.destinationRelays[*] ? (@.to == $standby && @.isAutomatic == true)',
          jsonb_build_object('standby', ${standbyRelay}::text))`,
      )
      .orderBy(asc(servers.id)),
  );
  const started: { serverId: string; provider: ProviderId }[] = [];
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { serverId }) => {
    for (const provider of await startOfServer(own, serverId)) started.push({ serverId, provider });
    return undefined;
  });
  return { started, failed: failed.map(({ row, cause }) => ({ serverId: row.serverId, cause })) };
}

function startOfServer(ctx: ServiceContext, serverId: string): Promise<ProviderId[]> {
  return withTransaction(ctx, async (tx) => {
    const now = ctx.now();
    const from = new Date(now.getTime() - lookBackMs);
    const sent = Map.groupBy(await readSent(tx, { serverId, from }, now), ({ provider }) => provider);
    const endedAt = await readRelayEnds(tx, { serverId, from });
    const started: ProviderId[] = [];
    for (const [provider, counts] of sent) {
      if (provider === null) continue;
      const triedSince = endedAt.get(provider)?.getTime() ?? 0;
      if (!needsFallback(counts.filter(({ startsAt }) => startsAt >= triedSince))) continue;
      const server = await getServerForChange(tx, serverId);
      const { jobId } = await startOn(tx, ctx, {
        server,
        kind: "relay",
        provider,
        reason: "The provider refuses every message from this server's address now.",
        limits: null,
        hours: measureHours["back-off"],
        isAutomatic: true,
      });
      // Null where it was relayed already.
      if (jobId !== null) started.push(provider);
    }
    return started;
  });
}

/** When the newest relay of each provider ended. */
async function readRelayEnds(
  tx: Transaction,
  { serverId, from }: { serverId: string; from: Date },
): Promise<ReadonlyMap<ProviderId, Date | null>> {
  const rows = await tx
    .select({ provider: measures.provider, endedAt: max(measures.endedAt) })
    .from(measures)
    .where(and(eq(measures.serverId, serverId), eq(measures.kind, "relay"), gte(measures.endedAt, from)))
    .groupBy(measures.provider);
  return new Map(rows.map(({ provider, endedAt }) => [provider, endedAt]));
}
