import { defaultFilters, newId, savedFilters, type Transaction } from "@mailstead/db";
import { and, count, eq, isNull, ne, or, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { personOf } from "./person-of.ts";

const nameMax = 60;
const queryMax = 2000;
/** Of one person, and of what is shared: a menu is read through, not searched. */
const filtersMax = 50;

/** What a list's address says of its rows; whatever else is in it belongs to the moment. */
const parameters = { servers: ["q", "state", "customer", "tags", "sort"] } as const;

const filterName = z
  .string()
  .trim()
  .min(1, "a name is missing")
  .max(nameMax, `a name has at most ${nameMax} characters`)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, "a name is one line of text");

const filterInput = z.object({ filterId: z.uuid() });
const saveInput = z.object({
  list: z.enum(["servers"]),
  name: filterName,
  query: z.string().max(queryMax, "this filter is too long to be saved"),
});

/** Keeps what an address asks of a list under a name, for the person alone. Throws `conflict` and `limit-reached`. */
export async function saveFilter(
  ctx: ServiceContext,
  input: z.input<typeof saveInput>,
): Promise<{ filterId: string }> {
  const { list, name, query } = parseInput(saveInput, input);
  const userId = personOf(ctx);
  const { organisationId, tenantId } = ctx;
  const kept = keptOf(list, query);
  if (kept === "")
    throw new ServiceError("invalid", "There is no filter to save. Choose one in the list first.", {
      field: "query",
    });
  return withTransaction(ctx, async (tx) => {
    await refuseName(tx, { name, userId, filterId: null });
    await refuseMany(tx, userId);
    const filterId = newId(ctx.now());
    await tx.insert(savedFilters).values({
      id: filterId,
      organisationId,
      tenantId,
      userId,
      list,
      name,
      query: kept,
      madeBy: ctx.actor.name,
      madeAt: ctx.now(),
    });
    await audit(tx, ctx, { action: "save-filter", id: filterId, name, after: { query: kept } });
    return { filterId };
  });
}

const renameInput = filterInput.extend({ name: filterName });

/** Gives a filter another name. Throws `not-found`, `conflict`, and `forbidden` where it is shared and the role is too small. */
export async function renameFilter(ctx: ServiceContext, input: z.input<typeof renameInput>): Promise<void> {
  const { filterId, name } = parseInput(renameInput, input);
  return withTransaction(ctx, async (tx) => {
    const filter = await findForChange(tx, ctx, filterId);
    await refuseName(tx, { name, userId: filter.userId, filterId });
    await tx.update(savedFilters).set({ name }).where(eq(savedFilters.id, filterId));
    await audit(tx, ctx, {
      action: "rename-filter",
      id: filterId,
      name,
      before: { name: filter.name },
      after: { name },
    });
  });
}

/** Forgets a filter. Throws `not-found`, and `forbidden` where it is shared and the role is too small. */
export async function removeFilter(ctx: ServiceContext, input: z.input<typeof filterInput>): Promise<void> {
  const { filterId } = parseInput(filterInput, input);
  return withTransaction(ctx, async (tx) => {
    const filter = await findForChange(tx, ctx, filterId);
    await tx.delete(savedFilters).where(eq(savedFilters.id, filterId));
    await audit(tx, ctx, {
      action: "remove-filter",
      id: filterId,
      name: filter.name,
      before: { query: filter.query },
    });
  });
}

const shareInput = filterInput.extend({ isShared: z.boolean() });

/** Shows a filter to all who see what its maker sees, or to the person alone again. Throws `not-found` and `conflict`. */
export async function shareFilter(ctx: ServiceContext, input: z.input<typeof shareInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { filterId, isShared } = parseInput(shareInput, input);
  return withTransaction(ctx, async (tx) => {
    const filter = await findForChange(tx, ctx, filterId);
    if ((filter.userId === null) === isShared) return;
    const userId = isShared ? null : personOf(ctx);
    await refuseName(tx, { name: filter.name, userId, filterId });
    await refuseMany(tx, userId);
    if (!isShared)
      await tx
        .delete(defaultFilters)
        .where(and(eq(defaultFilters.filterId, filterId), ne(defaultFilters.userId, personOf(ctx))));
    await tx.update(savedFilters).set({ userId }).where(eq(savedFilters.id, filterId));
    await audit(tx, ctx, {
      action: isShared ? "share-filter" : "unshare-filter",
      id: filterId,
      name: filter.name,
      after: { query: filter.query },
    });
  });
}

const defaultInput = z.object({ list: z.enum(["servers"]), filterId: z.uuid().nullable() });

/** Has a list open with a filter for this person, or with all rows again. Throws `not-found`. */
export async function setDefaultFilter(
  ctx: ServiceContext,
  input: z.input<typeof defaultInput>,
): Promise<void> {
  const { list, filterId } = parseInput(defaultInput, input);
  const userId = personOf(ctx);
  const { organisationId, tenantId } = ctx;
  return withTransaction(ctx, async (tx) => {
    if (filterId !== null) await findVisible(tx, { filterId, userId });
    await tx
      .delete(defaultFilters)
      .where(and(eq(defaultFilters.userId, userId), eq(defaultFilters.list, list)));
    if (filterId !== null)
      await tx.insert(defaultFilters).values({ userId, list, organisationId, tenantId, filterId });
  });
}

function keptOf(list: keyof typeof parameters, query: string): string {
  const asked = new URLSearchParams(query);
  const kept = new URLSearchParams();
  for (const name of parameters[list]) {
    const value = asked.get(name);
    if (value !== null && value !== "") kept.set(name, value);
  }
  return kept.toString();
}

async function findVisible(
  tx: Transaction,
  { filterId, userId }: { filterId: string; userId: string },
): Promise<{ name: string; query: string; userId: string | null }> {
  const [filter] = await tx
    .select({ name: savedFilters.name, query: savedFilters.query, userId: savedFilters.userId })
    .from(savedFilters)
    .where(
      and(eq(savedFilters.id, filterId), or(isNull(savedFilters.userId), eq(savedFilters.userId, userId))),
    )
    .for("update");
  if (filter === undefined) throw new ServiceError("not-found", "There is no such filter.");
  return filter;
}

async function findForChange(tx: Transaction, ctx: ServiceContext, filterId: string) {
  const filter = await findVisible(tx, { filterId, userId: personOf(ctx) });
  if (filter.userId === null) requireRole(ctx, "technician");
  return filter;
}

function isOf(userId: string | null) {
  return userId === null ? isNull(savedFilters.userId) : eq(savedFilters.userId, userId);
}

async function refuseName(
  tx: Transaction,
  { name, userId, filterId }: { name: string; userId: string | null; filterId: string | null },
): Promise<void> {
  const [other] = await tx
    .select({ name: savedFilters.name })
    .from(savedFilters)
    .where(
      and(
        isOf(userId),
        sql`lower(${savedFilters.name}) = lower(${name})`,
        filterId === null ? undefined : ne(savedFilters.id, filterId),
      ),
    );
  if (other !== undefined)
    throw new ServiceError("conflict", `There is a filter “${other.name}” already. Choose another name.`, {
      field: "name",
    });
}

async function refuseMany(tx: Transaction, userId: string | null): Promise<void> {
  const [row] = await tx.select({ filters: count() }).from(savedFilters).where(isOf(userId));
  if ((row?.filters ?? 0) >= filtersMax)
    throw new ServiceError(
      "limit-reached",
      `${userId === null ? "Your organisation shares" : "You have"} ${filtersMax} filters, which is the most. Remove one first.`,
    );
}

function audit(
  tx: Transaction,
  ctx: ServiceContext,
  {
    action,
    id,
    name,
    ...facts
  }: { action: string; id: string; name: string; before?: unknown; after?: unknown },
): Promise<void> {
  const { organisationId, tenantId } = ctx;
  return recordAudit(tx, ctx, {
    organisationId,
    tenantId,
    action,
    subject: { kind: "filter", id, name },
    ...facts,
  });
}
