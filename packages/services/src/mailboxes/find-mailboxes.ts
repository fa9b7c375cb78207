import { domains, mailboxes, type Transaction } from "@mailstead/db";
import { and, asc, count, eq, ilike, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findDomain } from "./find-domain.ts";

const page = {
  /** Part of an address, in any capitals. */
  search: z.string().max(254).optional(),
  /** Address of the last row of the page before. */
  cursor: z.string().max(320).optional(),
  limit: z.int().min(1).max(500).default(100),
};
const findMailboxesInput = z.object({
  ...page,
  domainId: z.uuid().optional(),
  tenantId: z.uuid().optional(),
});
const listMailboxesInput = z.object({ ...page, domainId: z.uuid() });

export type MailboxPage = Awaited<ReturnType<typeof findMailboxes>>;

/** Mailboxes over all domains that the context sees, by domain and name, without their password hashes. */
export async function findMailboxes(ctx: ServiceContext, input: z.input<typeof findMailboxesInput> = {}) {
  const wanted = parseInput(findMailboxesInput, input);
  return withTransaction(ctx, (tx) => readPage(tx, wanted));
}

/** The mailboxes of one domain by name. Throws `not-found`. */
export async function listMailboxes(ctx: ServiceContext, input: z.input<typeof listMailboxesInput>) {
  const wanted = parseInput(listMailboxesInput, input);
  return withTransaction(ctx, async (tx) => {
    await findDomain(tx, wanted.domainId);
    return readPage(tx, wanted);
  });
}

async function readPage(tx: Transaction, wanted: z.output<typeof findMailboxesInput>) {
  const { domainId, tenantId, search, cursor, limit } = wanted;
  const matches = and(
    domainId === undefined ? undefined : eq(mailboxes.domainId, domainId),
    tenantId === undefined ? undefined : eq(mailboxes.tenantId, tenantId),
    searchCondition(search),
  );
  const [total] = await tx
    .select({ count: count() })
    .from(mailboxes)
    .innerJoin(domains, eq(domains.id, mailboxes.domainId))
    .where(matches);
  const rows = await tx
    .select({
      id: mailboxes.id,
      tenantId: mailboxes.tenantId,
      domainId: mailboxes.domainId,
      domainName: domains.name,
      localPart: mailboxes.localPart,
      quotaBytes: mailboxes.quotaBytes,
      isEnabled: mailboxes.isEnabled,
      createdAt: mailboxes.createdAt,
    })
    .from(mailboxes)
    .innerJoin(domains, eq(domains.id, mailboxes.domainId))
    .where(and(matches, afterCursor(cursor)))
    .orderBy(asc(domains.name), asc(mailboxes.localPart))
    .limit(limit + 1);
  const found = rows
    .slice(0, limit)
    .map((row) => ({ ...row, address: `${row.localPart}@${row.domainName}` }));
  return {
    mailboxes: found,
    total: total?.count ?? 0,
    nextCursor: rows.length > limit ? (found.at(-1)?.address ?? null) : null,
  };
}

function searchCondition(search: string | undefined): SQL | undefined {
  const text = (search ?? "").trim().toLowerCase();
  if (text === "") return undefined;
  return ilike(sql`${mailboxes.localPart} || '@' || ${domains.name}`, `%${escapeLike(text)}%`);
}

function afterCursor(cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined;
  const at = cursor.lastIndexOf("@");
  return sql`(${domains.name}, ${mailboxes.localPart}) > (${cursor.slice(at + 1)}, ${cursor.slice(0, Math.max(at, 0))})`;
}

/** A text in which LIKE finds nothing special. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
