import { isTrackDone, reviewWarmUp, type WarmUpTrack } from "@mailstead/core/measures";
import { type Transaction, warmUps } from "@mailstead/db";
import { and, asc, eq, isNull, lte } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange, type ServerForChange } from "../servers/index.ts";
import { readTrackSigns } from "./read-signs.ts";
import { warmUpLookEveryMs } from "./start-warm-up.ts";
import { tellHost } from "./tell-host.ts";

const atOnceMax = 200;

/** Brings every warm-up that is due forward or back, provider by provider, and ends those that are done. */
export async function runDueWarmUps(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ seen: number; failed: { warmUpId: string; cause: unknown }[] }> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ id: warmUps.id, serverId: warmUps.serverId, organisationId: warmUps.organisationId })
      .from(warmUps)
      .where(and(isNull(warmUps.endedAt), eq(warmUps.isPaused, false), lte(warmUps.lookAt, ctx.now())))
      .orderBy(asc(warmUps.lookAt))
      .limit(atOnceMax),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, row) => {
    await withTransaction(own, async (tx) => {
      const server = await getServerForChange(tx, row.serverId);
      await reviewOne(tx, own, { server, warmUpId: row.id });
    });
    return undefined;
  });
  return { seen: rows.length, failed: failed.map(({ row, cause }) => ({ warmUpId: row.id, cause })) };
}

async function reviewOne(
  tx: Transaction,
  ctx: ServiceContext,
  { server, warmUpId }: { server: ServerForChange; warmUpId: string },
): Promise<void> {
  const now = ctx.now();
  const [warmUp] = await tx
    .select()
    .from(warmUps)
    .where(
      and(
        eq(warmUps.id, warmUpId),
        isNull(warmUps.endedAt),
        eq(warmUps.isPaused, false),
        lte(warmUps.lookAt, now),
      ),
    );
  if (warmUp === undefined) return;
  const tracks: WarmUpTrack[] = [];
  for (const track of warmUp.tracks) {
    const asked = {
      serverId: server.id,
      provider: track.provider,
      since: new Date(track.stageSince),
      address: warmUp.address,
    };
    tracks.push(isTrackDone(track) ? track : reviewWarmUp(track, await readTrackSigns(tx, asked, now), now));
  }
  const isDone = tracks.every(isTrackDone);
  await tx
    .update(warmUps)
    .set({
      tracks,
      lookAt: new Date(now.getTime() + warmUpLookEveryMs),
      ...(isDone ? { endedAt: now, endBecause: "done" as const } : {}),
    })
    .where(eq(warmUps.id, warmUpId));
  const moved = tracks.filter((track, index) => track.stage !== warmUp.tracks[index]?.stage);
  if (moved.length === 0) return;
  await tellHost(tx, ctx, { server, summary: `Warm-up of ${warmUp.address} went on` });
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: "change-warm-up",
    subject: { kind: "server", id: server.id, name: server.name },
    before: { address: warmUp.address, tracks: warmUp.tracks },
    after: { tracks },
  });
}
