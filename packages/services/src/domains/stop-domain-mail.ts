import { checkSoon } from "@mailstead/core/domains";
import {
  aliases,
  certificates,
  domainServers,
  domains,
  mailboxes,
  servers,
  type Transaction,
} from "@mailstead/db";
import { count, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { recordFindings } from "../checks/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { stopDomainMailAction } from "../dkim/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { readDomainServers } from "./domain-servers.ts";
import { endKeys } from "./end-keys.ts";
import { hasOpenRotation } from "./has-open-rotation.ts";
import { leaveAllServers } from "./leave-all-servers.ts";

const stopDomainMailInput = z.object({ domainId: z.uuid() });

/**
 * Makes a domain one without mail: its servers forget it, and its records say that it neither sends nor receives. Its
 * settings stay for when it has mail again, and records of its keys for as long as mail may be on its way. Throws
 * `precondition-failed` while it has addresses, while its keys are rotated, while its MTA-STS policy is enforced, and for the name of a server.
 */
export async function stopDomainMail(
  ctx: ServiceContext,
  input: z.input<typeof stopDomainMailInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { domainId } = parseInput(stopDomainMailInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const { organisationId, tenantId, name } = domain;
    const problem = await stopProblem(tx, domain);
    if (problem !== null) throw new ServiceError("precondition-failed", problem);
    const hosts = await readDomainServers(tx, domainId);
    const selectors: string[] = [];
    for (const { id: serverId } of hosts) selectors.push(...(await endKeys(tx, ctx, { domainId, serverId })));
    await leaveAllServers(tx, ctx, {
      domain,
      edits: [{ op: "delete", entryKind: "domain", key: name }],
      summary: `${name} has no mail any more`,
    });
    await tx.delete(certificates).where(eq(certificates.domainId, domainId));
    await tx.delete(domainServers).where(eq(domainServers.domainId, domainId));
    await tx
      .update(domains)
      .set({ isWithoutMail: true, flattenedSpf: null, nextRotationAt: null, ...checkSoon(ctx.now()) })
      .where(eq(domains.id, domainId));
    // It has no keys any more that anything could be wrong with.
    const subject = { organisationId, tenantId, domainId };
    await recordFindings(tx, subject, { found: [], unseen: () => false, at: ctx.now(), by: "keys" });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: stopDomainMailAction,
      subject: { kind: "domain", id: domainId, name },
      before: { servers: hosts.map((host) => host.name), selectors: selectors.sort() },
    });
  });
}

/** Why a domain cannot be one without mail now, in a sentence that says what to do first; null when it can. */
export async function stopProblem(
  tx: Transaction,
  domain: { id: string; name: string; isWithoutMail: boolean },
): Promise<string | null> {
  const { id, name } = domain;
  if (domain.isWithoutMail) return `${name} has no mail already.`;
  const held = await countAddresses(tx, id);
  if (held !== null)
    return `${name} still has ${held}; remove those first, so that nobody's mail is refused unawares.`;
  const [server] = await tx.select({ name: servers.name }).from(servers).where(eq(servers.hostname, name));
  if (server !== undefined)
    return `${name} is the host name of ${server.name}, which sends and takes mail in that name. Give the server another name first.`;
  if (await hasOpenRotation(tx, domain, ["done"]))
    return `The DKIM keys of ${name} are being rotated; wait until that has ended.`;
  return null;
}

async function countAddresses(tx: Transaction, domainId: string): Promise<string | null> {
  const [ofMailboxes] = await tx
    .select({ count: count() })
    .from(mailboxes)
    .where(eq(mailboxes.domainId, domainId));
  const [ofAliases] = await tx.select({ count: count() }).from(aliases).where(eq(aliases.domainId, domainId));
  const parts = [
    counted(ofMailboxes?.count ?? 0, "mailbox", "mailboxes"),
    counted(ofAliases?.count ?? 0, "alias", "aliases"),
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" and ");
}

function counted(number: number, one: string, many: string): string | null {
  return number === 0 ? null : `${number} ${number === 1 ? one : many}`;
}
