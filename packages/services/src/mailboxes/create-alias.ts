import { aliases, mailboxes, newId, type Transaction } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { aliasNameInput, catchAllLocalPart, destinationsInput } from "./alias-input.ts";
import { upsertAlias } from "./directory-entries.ts";
import { editDirectories } from "./directory-log.ts";
import { getHostedDomainForChange } from "./find-domain.ts";
import { addressOf } from "./mailbox-input.ts";

const createAliasInput = z.intersection(
  z.object({ domainId: z.uuid(), destinations: destinationsInput }),
  z.object({ localPart: z.string().optional(), isCatchAll: z.boolean().optional() }),
);

/**
 * Makes an alias, or the catch-all of a domain (`isCatchAll`). An alias beside a mailbox of the same address forwards
 * and, when the address is among its own destinations, keeps a copy. Throws `conflict` when the address has one.
 */
export async function createAlias(
  ctx: ServiceContext,
  input: z.input<typeof createAliasInput>,
): Promise<{ aliasId: string; address: string }> {
  requireRole(ctx, "technician");
  const { domainId, destinations, localPart: typed, isCatchAll } = parseInput(createAliasInput, input);
  const localPart = parseInput(
    aliasNameInput,
    isCatchAll === true ? { isCatchAll } : { localPart: typed ?? "" },
  );
  const id = newId(ctx.now());
  try {
    return await withTransaction(ctx, async (tx) => {
      const domain = await getHostedDomainForChange(tx, domainId);
      const address = localPart === catchAllLocalPart ? `@${domain.name}` : addressOf(localPart, domain.name);
      await refuseLoop(tx, { domainId, localPart, address, destinations });
      const { organisationId, tenantId } = domain;
      await tx
        .insert(aliases)
        .values({ id, organisationId, tenantId, domainId, localPart, destinations, createdAt: ctx.now() });
      await editDirectories(tx, ctx, {
        domainId,
        edits: [await upsertAlias(tx, { localPart, destinations, domainName: domain.name })],
      });
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "create-alias",
        subject: { kind: "alias", id, name: address },
        after: { destinations },
      });
      return { aliasId: id, address };
    });
  } catch (error) {
    const isSecondCatchAll = localPart === catchAllLocalPart;
    throw asConflict(error, {
      index: "aliases_address",
      sentence: isSecondCatchAll
        ? "This domain has a catch-all already."
        : `There is an alias "${localPart}" in this domain already.`,
      field: "localPart",
    });
  }
}

/** An alias may lead to its own address only when a mailbox there takes the copy; else mail would go round. */
export async function refuseLoop(
  tx: Transaction,
  alias: { domainId: string; localPart: string; address: string; destinations: readonly string[] },
): Promise<void> {
  if (!alias.destinations.includes(alias.address)) return;
  const mailbox = await tx
    .select({ id: mailboxes.id })
    .from(mailboxes)
    .where(and(eq(mailboxes.domainId, alias.domainId), eq(mailboxes.localPart, alias.localPart)));
  if (mailbox.length === 0)
    throw new ServiceError("invalid", `${alias.address} would lead to itself and has no mailbox.`, {
      field: "destinations",
    });
}
