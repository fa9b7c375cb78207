import { tagSchema } from "@mailstead/core/tags";
import { serverTags, type Transaction } from "@mailstead/db";
import { count, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireOrganisationScope,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";

const renameInput = z.object({ name: tagSchema, newName: tagSchema });

/** Calls a tag something else on all servers that bear it. Throws `not-found`, and `conflict` where the new name is another tag. */
export async function renameTag(
  ctx: ServiceContext,
  input: z.input<typeof renameInput>,
): Promise<{ servers: number }> {
  requireRole(ctx, "technician");
  requireOrganisationScope(ctx);
  const { name, newName } = parseInput(renameInput, input);
  return withTransaction(ctx, async (tx) => {
    const servers = await countBearers(tx, name);
    if (servers === 0) throw noSuchTag(name);
    if (name === newName) return { servers };
    if ((await countBearers(tx, newName)) > 0)
      throw new ServiceError(
        "conflict",
        `There is a tag ${newName} already. To put the two together, give ${newName} to the servers that have ${name}, and remove ${name}.`,
        { field: "newName" },
      );
    await tx.update(serverTags).set({ tag: newName }).where(eq(serverTags.tag, name));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "rename-tag",
      subject: { kind: "tag", id: null, name: newName },
      before: { name },
      after: { name: newName, servers },
    });
    return { servers };
  });
}

const removeInput = z.object({ name: tagSchema });

/** Takes a tag from all servers that bear it. Throws `not-found`. */
export async function removeTag(
  ctx: ServiceContext,
  input: z.input<typeof removeInput>,
): Promise<{ servers: number }> {
  requireRole(ctx, "technician");
  requireOrganisationScope(ctx);
  const { name } = parseInput(removeInput, input);
  return withTransaction(ctx, async (tx) => {
    const { rowCount } = await tx.delete(serverTags).where(eq(serverTags.tag, name));
    const servers = rowCount ?? 0;
    if (servers === 0) throw noSuchTag(name);
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "remove-tag",
      subject: { kind: "tag", id: null, name },
      before: { name, servers },
    });
    return { servers };
  });
}

async function countBearers(tx: Transaction, name: string): Promise<number> {
  const [row] = await tx.select({ servers: count() }).from(serverTags).where(eq(serverTags.tag, name));
  return row?.servers ?? 0;
}

function noSuchTag(name: string): ServiceError {
  return new ServiceError("not-found", `No server has the tag ${name}.`);
}
