import { passwordProblem } from "@mailstead/core/access";
import { mailboxes, newId, type Transaction } from "@mailstead/db";
import { z } from "zod";
import { hashPassword } from "../access/index.ts";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { findAliasesTo, mailboxEntry, upsertAlias } from "./directory-entries.ts";
import { editDirectories } from "./directory-log.ts";
import { getHostedDomainForChange } from "./find-domain.ts";
import { addressOf, localPartInput, quotaBytesInput } from "./mailbox-input.ts";

const createMailboxInput = z.object({
  domainId: z.uuid(),
  localPart: localPartInput,
  password: z.string().max(1000),
  quotaBytes: quotaBytesInput.default(0),
});

/** Makes a mailbox that can be used as soon as its servers know it. Throws `conflict` when the address has one, in any capitals. */
export async function createMailbox(
  ctx: ServiceContext,
  input: z.input<typeof createMailboxInput>,
): Promise<{ mailboxId: string; address: string }> {
  requireRole(ctx, "technician");
  const { domainId, localPart, password, quotaBytes } = parseInput(createMailboxInput, input);
  const passwordHash = await mailboxPasswordHash(password, localPart);
  const id = newId(ctx.now());
  try {
    return await withTransaction(ctx, async (tx) => {
      const domain = await getHostedDomainForChange(tx, domainId);
      const address = addressOf(localPart, domain.name);
      const { organisationId, tenantId } = domain;
      const owner = { organisationId, tenantId, domainId };
      const row = { ...owner, id, localPart, passwordHash, quotaBytes, isEnabled: true };
      await tx.insert(mailboxes).values({ ...row, createdAt: ctx.now() });
      await editDirectories(tx, ctx, {
        domainId,
        edits: [{ op: "upsert", entry: mailboxEntry(domain.name, row) }],
      });
      await refreshAliasesTo(tx, ctx, address);
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "create-mailbox",
        subject: { kind: "mailbox", id, name: address },
        after: { address, quotaBytes },
      });
      return { mailboxId: id, address };
    });
  } catch (error) {
    throw asConflict(error, {
      index: "mailboxes_address",
      sentence: `There is a mailbox "${localPart}" in this domain already.`,
      field: "localPart",
    });
  }
}

/** Who may send in an alias's name depends on which of its destinations are mailboxes, so those aliases are told anew. */
export async function refreshAliasesTo(tx: Transaction, ctx: ServiceContext, address: string): Promise<void> {
  for (const alias of await findAliasesTo(tx, address))
    await editDirectories(tx, ctx, { domainId: alias.domainId, edits: [await upsertAlias(tx, alias)] });
}

/** A hash as Dovecot reads it; throws `invalid` for a password that is not good enough. */
export async function mailboxPasswordHash(password: string, owner: string): Promise<string> {
  const problem = passwordProblem(password, owner);
  if (problem !== null)
    throw new ServiceError("invalid", `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`, {
      field: "password",
    });
  return `{ARGON2ID}${await hashPassword(password)}`;
}
