import { clientSettings } from "@mailstead/core/mailboxes";
import { domainServers, domains, mailboxes, servers } from "@mailstead/db";
import { and, asc, count, eq, gt, ilike } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { findDomain } from "./find-domain.ts";

const listMailboxesInput = z.object({
  domainId: z.uuid(),
  search: z.string().max(100).optional(),
  /** Local part of the last row of the page before. */
  cursor: z.string().max(64).optional(),
  limit: z.int().min(1).max(500).default(100),
});

export type MailboxPage = Awaited<ReturnType<typeof listMailboxes>>;

/** The mailboxes of a domain by name, without their password hashes. */
export async function listMailboxes(ctx: ServiceContext, input: z.input<typeof listMailboxesInput>) {
  const { domainId, search, cursor, limit } = parseInput(listMailboxesInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    const matches = and(
      eq(mailboxes.domainId, domainId),
      search === undefined || search === ""
        ? undefined
        : ilike(mailboxes.localPart, `%${escapeLike(search.split("@")[0] ?? "")}%`),
    );
    const [total] = await tx.select({ count: count() }).from(mailboxes).where(matches);
    const rows = await tx
      .select({
        id: mailboxes.id,
        localPart: mailboxes.localPart,
        quotaBytes: mailboxes.quotaBytes,
        isEnabled: mailboxes.isEnabled,
        createdAt: mailboxes.createdAt,
      })
      .from(mailboxes)
      .where(and(matches, cursor === undefined ? undefined : gt(mailboxes.localPart, cursor)))
      .orderBy(asc(mailboxes.localPart))
      .limit(limit + 1);
    const page = rows.slice(0, limit);
    return {
      mailboxes: page.map((row) => ({ ...row, address: `${row.localPart}@${domain.name}` })),
      total: total?.count ?? 0,
      nextCursor: rows.length > limit ? (page.at(-1)?.localPart ?? null) : null,
    };
  });
}

const clientSettingsInput = z.object({ mailboxId: z.uuid() });

/** What a person types into a mail program for a mailbox. Throws `not-found`. */
export async function getClientSettings(ctx: ServiceContext, input: z.input<typeof clientSettingsInput>) {
  const { mailboxId } = parseInput(clientSettingsInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ localPart: mailboxes.localPart, domain: domains.name, hostname: servers.hostname })
      .from(mailboxes)
      .innerJoin(domains, eq(domains.id, mailboxes.domainId))
      .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
      .innerJoin(servers, eq(servers.id, domainServers.serverId))
      .where(eq(mailboxes.id, mailboxId))
      .orderBy(asc(domainServers.createdAt))
      .limit(1);
    if (row === undefined) throw new ServiceError("not-found", "There is no such mailbox.");
    return clientSettings(`${row.localPart}@${row.domain}`, row.hostname);
  });
}

export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
