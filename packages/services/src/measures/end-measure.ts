import { measures, type Transaction } from "@mailstead/db";
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
import { getServerForChange, type ServerForChange } from "../servers/index.ts";
import { keepMeasureFindings } from "./keep-findings.ts";
import { tellHost } from "./tell-host.ts";

const endMeasureInput = z.object({ measureId: z.uuid() });

/** Ends a measure before its time. One that has ended already stays ended. Throws `not-found`. */
export async function endMeasure(
  ctx: ServiceContext,
  input: z.input<typeof endMeasureInput>,
): Promise<{ jobId: string | null }> {
  requireRole(ctx, "technician");
  const { measureId } = parseInput(endMeasureInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ serverId: measures.serverId })
      .from(measures)
      .where(eq(measures.id, measureId));
    if (row === undefined) throw new ServiceError("not-found", "There is no such measure.");
    const server = await getServerForChange(tx, row.serverId);
    return endOn(tx, ctx, { server, measureId, because: "person" });
  });
}

/** Ends a measure of a locked server, in the caller's transaction. */
export async function endOn(
  tx: Transaction,
  ctx: ServiceContext,
  ended: { server: ServerForChange; measureId: string; because: "accepted" | "expired" | "person" },
): Promise<{ jobId: string | null }> {
  const { server, measureId, because } = ended;
  const [measure] = await tx
    .update(measures)
    .set({ endedAt: ctx.now(), endBecause: because })
    .where(and(eq(measures.id, measureId), isNull(measures.endedAt)))
    .returning({ kind: measures.kind, provider: measures.provider });
  if (measure === undefined) return { jobId: null };
  const { kind, provider } = measure;
  const { jobId } = await tellHost(tx, ctx, { server, summary: `Measure ended: ${kind} for ${provider}` });
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: "end-measure",
    subject: { kind: "server", id: server.id, name: server.name },
    before: { kind, provider },
    after: { because },
  });
  await keepMeasureFindings(tx, ctx, server);
  return { jobId };
}
