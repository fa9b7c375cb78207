import { warmUps } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { tellHost } from "./tell-host.ts";

const changeWarmUpInput = z.object({ warmUpId: z.uuid(), to: z.enum(["paused", "running", "ended"]) });

/**
 * Pauses a warm-up at its stages, lets it go on, or ends it, so that mail leaves as it comes. Throws `not-found`, also for
 * one that has ended.
 */
export async function changeWarmUp(
  ctx: ServiceContext,
  input: z.input<typeof changeWarmUpInput>,
): Promise<{ jobId: string | null }> {
  requireRole(ctx, "technician");
  const { warmUpId, to } = parseInput(changeWarmUpInput, input);
  return withTransaction(ctx, async (tx) => {
    const isRunning = and(eq(warmUps.id, warmUpId), isNull(warmUps.endedAt));
    const [row] = await tx.select({ serverId: warmUps.serverId }).from(warmUps).where(isRunning);
    if (row === undefined) throw new ServiceError("not-found", "There is no such warm-up.");
    const server = await getServerForChange(tx, row.serverId);
    const now = ctx.now();
    const values =
      to === "ended"
        ? { endedAt: now, endBecause: "person" as const }
        : { isPaused: to === "paused", lookAt: now };
    const [warmUp] = await tx.update(warmUps).set(values).where(isRunning).returning();
    if (warmUp === undefined) throw new ServiceError("not-found", "There is no such warm-up.");
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: "change-warm-up",
      subject: { kind: "server", id: server.id, name: server.name },
      after: { address: warmUp.address, to },
    });
    return tellHost(tx, ctx, { server, summary: `Warm-up of ${warmUp.address}: ${to}` });
  });
}
