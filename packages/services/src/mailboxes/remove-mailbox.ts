import { aliases, mailboxes } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { findMailbox } from "./change-mailbox.ts";
import { findAliasesTo, upsertAlias } from "./directory-entries.ts";
import { editDirectories } from "./directory-log.ts";

const removeMailboxInput = z.object({ mailboxId: z.uuid() });

/** Removes a mailbox, and its address from every alias; an alias that led nowhere else goes too. */
export async function removeMailbox(
  ctx: ServiceContext,
  input: z.input<typeof removeMailboxInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { mailboxId } = parseInput(removeMailboxInput, input);
  await withTransaction(ctx, async (tx) => {
    const { address, domainId, organisationId, tenantId, quotaBytes } = await findMailbox(tx, mailboxId);
    await tx.delete(mailboxes).where(eq(mailboxes.id, mailboxId));
    await editDirectories(tx, ctx, {
      domainId,
      edits: [{ op: "delete", entryKind: "mailbox", key: address }],
    });
    const changedAliases: string[] = [];
    for (const alias of await findAliasesTo(tx, address)) {
      const destinations = alias.destinations.filter((destination) => destination !== address);
      const key = `${alias.localPart}@${alias.domainName}`;
      changedAliases.push(key);
      if (destinations.length === 0) await tx.delete(aliases).where(eq(aliases.id, alias.id));
      else await tx.update(aliases).set({ destinations }).where(eq(aliases.id, alias.id));
      await editDirectories(tx, ctx, {
        domainId: alias.domainId,
        edits: [
          destinations.length === 0
            ? { op: "delete", entryKind: "alias", key }
            : await upsertAlias(tx, { ...alias, destinations }),
        ],
      });
    }
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "remove-mailbox",
      subject: { kind: "mailbox", id: mailboxId, name: address },
      before: { address, quotaBytes, aliases: changedAliases },
    });
  });
}
