import { measureFindings } from "@mailstead/core/measures";
import { measures, type Transaction } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { recordFindings } from "../checks/index.ts";
import type { ServiceContext } from "../context/index.ts";
import type { ServerForChange } from "../servers/index.ts";

/** Keeps among the findings of a locked server what its measures tell, so that it is mailed as all others are. */
export async function keepMeasureFindings(
  tx: Transaction,
  ctx: ServiceContext,
  server: ServerForChange,
): Promise<void> {
  const inForce = await tx
    .select()
    .from(measures)
    .where(and(eq(measures.serverId, server.id), isNull(measures.endedAt)));
  const { organisationId, tenantId, id: serverId } = server;
  await recordFindings(
    tx,
    { organisationId, tenantId, serverId },
    { found: [...measureFindings(inForce)], unseen: () => false, at: ctx.now(), by: "measures" },
  );
}
