import { type TargetMeasure, warmUpLimits } from "@mailstead/core/measures";
import { measures, type Transaction, warmUps } from "@mailstead/db";
import { and, asc, eq, isNull } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { changeTargetState, type ServerForChange } from "../servers/index.ts";

/**
 * Writes all that is in force into the target state of a locked server. Rows and target state are one transaction's, so a
 * host never goes on with a measure that no row tells of. Gives the converge that carries it there.
 */
export async function tellHost(
  tx: Transaction,
  ctx: ServiceContext,
  { server, summary }: { server: ServerForChange; summary: string },
): Promise<{ jobId: string | null }> {
  const inForce = await readInForce(tx, server.id);
  const { jobId } = await changeTargetState(tx, ctx, {
    server,
    summary,
    change: (state) => ({ ...state, measures: inForce }),
  });
  return { jobId };
}

async function readInForce(tx: Transaction, serverId: string): Promise<TargetMeasure[]> {
  const started = await tx
    .select({ id: measures.id, kind: measures.kind, provider: measures.provider, limits: measures.limits })
    .from(measures)
    .where(and(eq(measures.serverId, serverId), isNull(measures.endedAt)))
    .orderBy(asc(measures.id));
  const warming = await tx
    .select({ id: warmUps.id, tracks: warmUps.tracks })
    .from(warmUps)
    .where(and(eq(warmUps.serverId, serverId), isNull(warmUps.endedAt)))
    .orderBy(asc(warmUps.id));
  return [
    ...started,
    ...warming.flatMap(({ id, tracks }) =>
      tracks.flatMap((track): TargetMeasure[] => {
        const limits = warmUpLimits(track);
        return limits === null ? [] : [{ id, kind: "warm-up", provider: track.provider, limits }];
      }),
    ),
  ];
}
