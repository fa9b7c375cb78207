import { smarthostChanges } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange } from "./server-for-change.ts";
import { applyChange } from "./take-tested-smarthosts.ts";
import { tryAgain } from "./try-again.ts";
import { forgetChange } from "./try-smarthosts.ts";

const answerInput = z.object({
  serverId: z.uuid(),
  concerns: z.enum(["senders", "receivers"]),
  answer: z.enum(["use-untested", "test-again", "discard"]),
});

/**
 * What a person says to smarthosts that wait for their test: use them untested, which is recorded, test them again, or
 * leave all as it is. Throws `not-found` when nothing waits.
 */
export async function answerSmarthostChange(
  ctx: ServiceContext,
  input: z.input<typeof answerInput>,
): Promise<{ jobId: string | null }> {
  requireRole(ctx, "technician");
  const { serverId, concerns, answer } = parseInput(answerInput, input);
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    const [row] = await tx
      .select()
      .from(smarthostChanges)
      .where(and(eq(smarthostChanges.serverId, serverId), eq(smarthostChanges.concerns, concerns)));
    if (row === undefined)
      throw new ServiceError("not-found", "No smarthost of this server waits for a test.");
    if (answer === "use-untested") return await applyChange(tx, ctx, { server, row, isUntested: true });
    if (answer === "discard") await forgetChange(tx, server, concerns);
    const trials = answer === "discard" ? row.trials : await tryAgain(tx, ctx, { server, row, tries: 1 });
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: answer === "discard" ? "discard-smarthosts" : "try-smarthosts",
      subject: { kind: "server", id: server.id, name: server.name },
      after: trials,
    });
    return { jobId: null };
  });
}
