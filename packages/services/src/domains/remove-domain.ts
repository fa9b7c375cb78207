import { aliases, dkimKeys, domains, mailboxes } from "@mailstead/db";
import { count, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { removeDomainAction } from "../dkim/index.ts";
import { type DirectoryEdit, getDomainForChange } from "../mailboxes/index.ts";
import { beginDomainWithdrawal } from "../withdrawals/index.ts";
import { leaveAllServers } from "./leave-all-servers.ts";

const removeDomainInput = z.object({
  domainId: z.uuid(),
  /** Without it a domain with mailboxes stays. */
  removesMailboxes: z.boolean().default(false),
  /** Takes away the DNS records that Mailstead wrote for it through DNS connections. */
  withdrawsRecords: z.boolean().default(true),
});

/**
 * Takes a domain off its servers; mail to it is refused from then on. Throws `precondition-failed` while it has
 * mailboxes, unless they are to go too, and while its MTA-STS policy is enforced. The mail already on the servers stays on their disks.
 */
export async function removeDomain(
  ctx: ServiceContext,
  input: z.input<typeof removeDomainInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { domainId, removesMailboxes, withdrawsRecords } = parseInput(removeDomainInput, input);
  await withTransaction(ctx, async (tx) => {
    const { name, organisationId, tenantId } = await getDomainForChange(tx, domainId);
    const [held] = await tx
      .select({ count: count() })
      .from(mailboxes)
      .where(eq(mailboxes.domainId, domainId));
    const mailboxCount = held?.count ?? 0;
    if (mailboxCount > 0 && !removesMailboxes)
      throw new ServiceError(
        "precondition-failed",
        `${name} still has ${mailboxCount} mailbox${mailboxCount === 1 ? "" : "es"}; remove those first.`,
      );
    const selectors = await tx
      .select({ selector: dkimKeys.selector })
      .from(dkimKeys)
      .where(eq(dkimKeys.domainId, domainId));
    const removedMailboxes = await tx
      .delete(mailboxes)
      .where(eq(mailboxes.domainId, domainId))
      .returning({ localPart: mailboxes.localPart });
    const removedAliases = await tx
      .delete(aliases)
      .where(eq(aliases.domainId, domainId))
      .returning({ localPart: aliases.localPart });
    const edits: DirectoryEdit[] = [
      ...removedAliases.map((row) => ({
        op: "delete" as const,
        entryKind: "alias" as const,
        key: `${row.localPart}@${name}`,
      })),
      ...removedMailboxes.map((row) => ({
        op: "delete" as const,
        entryKind: "mailbox" as const,
        key: `${row.localPart}@${name}`,
      })),
      { op: "delete", entryKind: "domain", key: name },
    ];
    await leaveAllServers(tx, ctx, {
      domain: { id: domainId, name },
      edits,
      summary: `Domain ${name} removed`,
    });
    const withdrawn = await beginDomainWithdrawal(tx, ctx, {
      domain: { id: domainId, name, organisationId, tenantId },
      isWanted: withdrawsRecords,
    });
    await tx.delete(domains).where(eq(domains.id, domainId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: removeDomainAction,
      subject: { kind: "domain", id: domainId, name },
      before: {
        mailboxes: mailboxCount,
        aliases: removedAliases.length,
        selectors: selectors.map((key) => key.selector),
      },
      ...(withdrawn > 0 ? { after: { recordsToTakeAway: withdrawn } } : {}),
    });
  });
}
