import { aliases, domains, type Transaction } from "@mailstead/db";
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
import { destinationsInput } from "./alias-input.ts";
import { refuseLoop } from "./create-alias.ts";
import { upsertAlias } from "./directory-entries.ts";
import { editDirectories } from "./directory-log.ts";

const changeAliasInput = z.object({ aliasId: z.uuid(), destinations: destinationsInput });

/** Gives an alias other destinations. */
export async function changeAlias(
  ctx: ServiceContext,
  input: z.input<typeof changeAliasInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { aliasId, destinations } = parseInput(changeAliasInput, input);
  await withTransaction(ctx, async (tx) => {
    const alias = await findAlias(tx, aliasId);
    await refuseLoop(tx, { ...alias, destinations });
    await tx.update(aliases).set({ destinations }).where(eq(aliases.id, aliasId));
    await editDirectories(tx, ctx, {
      domainId: alias.domainId,
      edits: [await upsertAlias(tx, { ...alias, destinations })],
    });
    await recordAudit(tx, ctx, {
      organisationId: alias.organisationId,
      tenantId: alias.tenantId,
      action: "change-alias",
      subject: { kind: "alias", id: aliasId, name: alias.address },
      before: { destinations: alias.destinations },
      after: { destinations },
    });
  });
}

const removeAliasInput = z.object({ aliasId: z.uuid() });

/** Removes an alias; mail to it is refused from then on, unless a mailbox or the catch-all takes it. */
export async function removeAlias(
  ctx: ServiceContext,
  input: z.input<typeof removeAliasInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { aliasId } = parseInput(removeAliasInput, input);
  await withTransaction(ctx, async (tx) => {
    const alias = await findAlias(tx, aliasId);
    await tx.delete(aliases).where(eq(aliases.id, aliasId));
    await editDirectories(tx, ctx, {
      domainId: alias.domainId,
      edits: [{ op: "delete", entryKind: "alias", key: alias.address }],
    });
    await recordAudit(tx, ctx, {
      organisationId: alias.organisationId,
      tenantId: alias.tenantId,
      action: "remove-alias",
      subject: { kind: "alias", id: aliasId, name: alias.address },
      before: { destinations: alias.destinations },
    });
  });
}

async function findAlias(tx: Transaction, aliasId: string) {
  const [row] = await tx
    .select({ alias: aliases, domainName: domains.name })
    .from(aliases)
    .innerJoin(domains, eq(domains.id, aliases.domainId))
    .where(eq(aliases.id, aliasId))
    .for("update", { of: aliases });
  if (row === undefined) throw new ServiceError("not-found", "There is no such alias.");
  const { alias, domainName } = row;
  return { ...alias, domainName, address: `${alias.localPart}@${domainName}` };
}
