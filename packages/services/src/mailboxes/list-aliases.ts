import { aliases } from "@mailstead/db";
import { and, asc, count, eq, gt, ilike, or, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findDomain } from "./find-domain.ts";
import { escapeLike } from "./find-mailboxes.ts";

const listAliasesInput = z.object({
  domainId: z.uuid(),
  search: z.string().max(254).optional(),
  /** Local part of the last row of the page before; "" stands for the catch-all. */
  cursor: z.string().max(64).optional(),
  limit: z.int().min(1).max(500).default(100),
});

export type AliasPage = Awaited<ReturnType<typeof listAliases>>;

/** The aliases of a domain by name, the catch-all first. A search looks at destinations too. */
export async function listAliases(ctx: ServiceContext, input: z.input<typeof listAliasesInput>) {
  const { domainId, search, cursor, limit } = parseInput(listAliasesInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    const pattern = `%${escapeLike(search ?? "")}%`;
    const matches = and(
      eq(aliases.domainId, domainId),
      search === undefined || search === ""
        ? undefined
        : or(
            ilike(aliases.localPart, pattern),
            sql`array_to_string(${aliases.destinations}, ' ') ilike ${pattern}`,
          ),
    );
    const [total] = await tx.select({ count: count() }).from(aliases).where(matches);
    const rows = await tx
      .select({
        id: aliases.id,
        localPart: aliases.localPart,
        destinations: aliases.destinations,
        createdAt: aliases.createdAt,
      })
      .from(aliases)
      .where(and(matches, cursor === undefined ? undefined : gt(aliases.localPart, cursor)))
      .orderBy(asc(aliases.localPart))
      .limit(limit + 1);
    const page = rows.slice(0, limit);
    return {
      aliases: page.map((row) => ({
        ...row,
        address: `${row.localPart}@${domain.name}`,
        isCatchAll: row.localPart === "",
      })),
      total: total?.count ?? 0,
      nextCursor: rows.length > limit ? (page.at(-1)?.localPart ?? null) : null,
    };
  });
}
