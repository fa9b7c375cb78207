import { type ProviderId, providers } from "@mailstead/core/delivery";
import type { RouteLimits, StartableKind } from "@mailstead/core/measures";
import { standbyRelay } from "@mailstead/core/servers";
import { measures, servers, type Transaction } from "@mailstead/db";
import { and, desc, eq, gt, isNull, or } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { readTargetState } from "../servers/index.ts";

const listMeasuresInput = z.object({ serverId: z.uuid() });

/** For how long a measure that has ended is still shown. */
const endedShownMs = 7 * 86_400_000;
const shownMax = 50;

export interface MeasureView {
  id: string;
  kind: StartableKind;
  provider: ProviderId;
  title: string;
  limits: RouteLimits | null;
  reason: string;
  startedBy: string;
  isAutomatic: boolean;
  isProlonged: boolean;
  startedAt: Date;
  endsAt: Date;
  endedAt: Date | null;
  endBecause: "accepted" | "expired" | "person" | null;
}

/** The measures of a server, those in force first. Throws `not-found`. */
export function listMeasures(
  ctx: ServiceContext,
  input: z.input<typeof listMeasuresInput>,
): Promise<{ measures: MeasureView[]; hasStandby: boolean }> {
  const { serverId } = parseInput(listMeasuresInput, input);
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx
      .select({ id: servers.id, targetRevision: servers.targetRevision })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    const { state } = await readTargetState(tx, server);
    return {
      measures: await readMeasures(tx, serverId, ctx.now()),
      hasStandby: state.destinationRelays.some(({ to }) => to === standbyRelay),
    };
  });
}

async function readMeasures(tx: Transaction, serverId: string, now: Date): Promise<MeasureView[]> {
  const rows = await tx
    .select({
      id: measures.id,
      kind: measures.kind,
      provider: measures.provider,
      limits: measures.limits,
      reason: measures.reason,
      startedBy: measures.startedBy,
      isAutomatic: measures.isAutomatic,
      isProlonged: measures.isProlonged,
      startedAt: measures.startedAt,
      endsAt: measures.endsAt,
      endedAt: measures.endedAt,
      endBecause: measures.endBecause,
    })
    .from(measures)
    .where(
      and(
        eq(measures.serverId, serverId),
        or(isNull(measures.endedAt), gt(measures.endedAt, new Date(now.getTime() - endedShownMs))),
      ),
    )
    .orderBy(desc(isNull(measures.endedAt)), desc(measures.startedAt))
    .limit(shownMax);
  return rows.map((row) => ({ ...row, title: providers[row.provider].title }));
}
