import { rolloutExclusions, servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { lineOfText } from "./line-of-text.ts";
import { lockServer } from "./lock-server.ts";
import { readStandIns, type StandInsView } from "./stand-ins.ts";

const serverInput = z.object({ serverId: z.uuid() });
const excludeInput = serverInput.extend({
  reason: lineOfText("a reason", 300),
  /** When it is included again by itself; null until somebody does that. */
  endsAt: z.date().nullable(),
});

/** Leaves a server out of rollouts that start from now on. Throws `not-found`, and `invalid` for an end that is past. */
export function excludeServer(ctx: ServiceContext, input: z.input<typeof excludeInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { serverId, reason, endsAt } = parseInput(excludeInput, input);
  if (endsAt !== null && endsAt <= ctx.now())
    throw new ServiceError("invalid", "This end is past. Choose one to come, or none.", { field: "endsAt" });
  return withTransaction(ctx, async (tx) => {
    const server = await lockServer(tx, serverId);
    const made = { reason, endsAt, madeBy: ctx.actor.name, madeAt: ctx.now() };
    const { organisationId, tenantId, name } = server;
    await tx
      .insert(rolloutExclusions)
      .values({ serverId, organisationId, tenantId, ...made })
      .onConflictDoUpdate({ target: rolloutExclusions.serverId, set: made });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "exclude-server",
      subject: { kind: "server", id: serverId, name },
      after: { reason, endsAt },
    });
  });
}

/** Has rollouts change a server again. Throws `not-found`; does nothing where it was not left out. */
export function includeServer(ctx: ServiceContext, input: z.input<typeof serverInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId, name } = await lockServer(tx, serverId);
    const [gone] = await tx
      .delete(rolloutExclusions)
      .where(eq(rolloutExclusions.serverId, serverId))
      .returning({ reason: rolloutExclusions.reason });
    if (gone === undefined) return;
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "include-server",
      subject: { kind: "server", id: serverId, name },
      before: gone,
    });
  });
}

const firstInput = serverInput.extend({ goesFirst: z.boolean() });

/** Names a server as one that proves changes before others, or takes that back. Throws `not-found`. */
export function setGoesFirst(ctx: ServiceContext, input: z.input<typeof firstInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { serverId, goesFirst } = parseInput(firstInput, input);
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId, name, goesFirst: before } = await lockServer(tx, serverId);
    if (before === goesFirst) return;
    await tx.update(servers).set({ goesFirst }).where(eq(servers.id, serverId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "set-goes-first",
      subject: { kind: "server", id: serverId, name },
      before: { goesFirst: before },
      after: { goesFirst },
    });
  });
}

/** How rollouts treat a server. */
export interface RolloutPlace {
  readonly goesFirst: boolean;
  readonly exclusion: {
    readonly reason: string;
    readonly endsAt: Date | null;
    readonly madeBy: string;
  } | null;
  readonly standIns: StandInsView;
}

/** Whether a server goes first, what stands in for it, or why it is left out. Throws `not-found`. */
export function getRolloutPlace(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<RolloutPlace> {
  const { serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({
        tenantId: servers.tenantId,
        goesFirst: servers.goesFirst,
        reason: rolloutExclusions.reason,
        endsAt: rolloutExclusions.endsAt,
        madeBy: rolloutExclusions.madeBy,
      })
      .from(servers)
      .leftJoin(rolloutExclusions, eq(rolloutExclusions.serverId, servers.id))
      .where(eq(servers.id, serverId));
    if (row === undefined) throw new ServiceError("not-found", "There is no such server.");
    const { tenantId, goesFirst, reason, endsAt, madeBy } = row;
    const isOver = endsAt !== null && endsAt <= ctx.now();
    return {
      goesFirst,
      exclusion: reason === null || madeBy === null || isOver ? null : { reason, endsAt, madeBy },
      standIns: await readStandIns(tx, { serverId, tenantId }),
    };
  });
}
