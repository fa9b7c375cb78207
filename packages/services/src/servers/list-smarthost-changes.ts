import { smarthostChanges } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const listInput = z.object({ serverId: z.uuid() });

/** The smarthosts that were saved and are not in effect yet, with what tries them, what kept them out, and when that is tried again. */
export function listSmarthostChanges(ctx: ServiceContext, input: z.input<typeof listInput>) {
  const { serverId } = parseInput(listInput, input);
  const { concerns, trials, problem, retryAt, requestedBy, requestedAt } = smarthostChanges;
  return withTransaction(ctx, (tx) =>
    tx
      .select({ concerns, trials, problem, retryAt, requestedBy, requestedAt })
      .from(smarthostChanges)
      .where(eq(smarthostChanges.serverId, serverId))
      .orderBy(asc(concerns)),
  );
}
