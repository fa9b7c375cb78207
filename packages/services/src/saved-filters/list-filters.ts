import { defaultFilters, savedFilters, type Transaction } from "@mailstead/db";
import { and, asc, eq, isNull, or, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { personOf } from "./person-of.ts";

const listInput = z.object({ list: z.enum(["servers"]) });

export interface SavedFilter {
  readonly id: string;
  readonly name: string;
  /** The parameters of the list's address. */
  readonly query: string;
  /** Whether others see it too. */
  readonly isShared: boolean;
  readonly madeBy: string;
  /** Whether the list opens with it for this person. */
  readonly isDefault: boolean;
}

/** The filters that a person has saved and those that others share, by name. */
export async function listFilters(
  ctx: ServiceContext,
  input: z.input<typeof listInput>,
): Promise<readonly SavedFilter[]> {
  const { list } = parseInput(listInput, input);
  const userId = personOf(ctx);
  return withTransaction(ctx, (tx) => readFilters(tx, { list, userId }));
}

function readFilters(
  tx: Transaction,
  { list, userId }: { list: "servers"; userId: string },
): Promise<SavedFilter[]> {
  return tx
    .select({
      id: savedFilters.id,
      name: savedFilters.name,
      query: savedFilters.query,
      isShared: sql<boolean>`${savedFilters.userId} is null`,
      madeBy: savedFilters.madeBy,
      isDefault: sql<boolean>`${defaultFilters.filterId} is not null`,
    })
    .from(savedFilters)
    .leftJoin(
      defaultFilters,
      and(
        eq(defaultFilters.filterId, savedFilters.id),
        eq(defaultFilters.userId, userId),
        eq(defaultFilters.list, list),
      ),
    )
    .where(and(eq(savedFilters.list, list), or(isNull(savedFilters.userId), eq(savedFilters.userId, userId))))
    .orderBy(asc(sql`lower(${savedFilters.name})`), asc(savedFilters.id));
}
