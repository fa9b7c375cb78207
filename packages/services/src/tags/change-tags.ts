import { tagSchema, tagsMax, tagsPerServerMax } from "@mailstead/core/tags";
import { insertMany, servers, serverTags, type Transaction } from "@mailstead/db";
import { and, asc, countDistinct, eq, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { z } from "zod";
import { recordAudits } from "../audit/index.ts";
import {
  acrossCustomers,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { tagsOf } from "./tags-of.ts";

const serversMax = 20_000;
const someTags = z.array(tagSchema).max(tagsPerServerMax, `at most ${tagsPerServerMax} tags at once`);

const changeTagsInput = z
  .object({
    serverIds: z.array(z.uuid()).min(1).max(serversMax),
    add: someTags.default([]),
    remove: someTags.default([]),
  })
  .refine(({ add, remove }) => add.length + remove.length > 0, "choose a tag to give or to take")
  .refine(({ add, remove }) => !add.some((tag) => remove.includes(tag)), {
    error: "a tag is either given or taken, not both",
    path: ["remove"],
  });

/** What came of it, in servers. */
export interface TagsChanged {
  readonly changed: number;
  /** Had just these tags before. */
  readonly unchanged: number;
  /** Were removed since they were chosen. */
  readonly gone: number;
}

/**
 * Gives tags to servers and takes others from them, all or none. Throws `not-found` where none of the servers is there, and
 * `limit-reached` where one would have too many.
 */
export async function changeTags(
  ctx: ServiceContext,
  input: z.input<typeof changeTagsInput>,
): Promise<TagsChanged> {
  requireRole(ctx, "technician");
  const { serverIds, add, remove } = parseInput(changeTagsInput, input);
  return withTransaction(ctx, (tx) =>
    applyTags(tx, ctx, {
      serverIds,
      wanted: (tags) => [...new Set([...tags, ...add])].filter((tag) => !remove.includes(tag)),
    }),
  );
}

const setTagsInput = z.object({ serverId: z.uuid(), tags: z.array(tagSchema).max(tagsMax) });

/** Gives one server exactly these tags. Throws `not-found`, and `limit-reached` for too many. */
export async function setTags(
  ctx: ServiceContext,
  input: z.input<typeof setTagsInput>,
): Promise<TagsChanged> {
  requireRole(ctx, "technician");
  const { serverId, tags } = parseInput(setTagsInput, input);
  return withTransaction(ctx, (tx) =>
    applyTags(tx, ctx, { serverIds: [serverId], wanted: () => [...new Set(tags)] }),
  );
}

interface TaggedServer {
  readonly id: string;
  readonly name: string;
  readonly organisationId: string;
  readonly tenantId: string;
  readonly tags: string[];
}

async function applyTags(
  tx: Transaction,
  ctx: ServiceContext,
  {
    serverIds,
    wanted,
  }: { serverIds: readonly string[]; wanted: (tags: readonly string[]) => readonly string[] },
): Promise<TagsChanged> {
  const found = await lockServers(tx, serverIds);
  if (found.length === 0)
    throw new ServiceError(
      "not-found",
      serverIds.length === 1 ? "There is no such server." : "None of these servers is there any more.",
    );
  const changes = found
    .map((server) => ({ server, before: server.tags, after: wanted(server.tags).toSorted() }))
    .filter(({ before, after }) => before.toSorted().join() !== after.join());
  refuseTooMany(changes);
  const added = changes.flatMap(({ server, before, after }) =>
    after.filter((tag) => !before.includes(tag)).map((tag) => ({ ...rowOf(server), tag })),
  );
  const removed = changes.flatMap(({ server, before, after }) =>
    before.filter((tag) => !after.includes(tag)).map((tag) => ({ ...rowOf(server), tag })),
  );
  for (const [tag, rows] of Map.groupBy(removed, (row) => row.tag))
    await tx.delete(serverTags).where(
      and(
        eq(serverTags.tag, tag),
        isAnyOf(
          serverTags.serverId,
          rows.map(({ serverId }) => serverId),
        ),
      ),
    );
  await insertMany(tx, serverTags, added);
  if (added.length > 0) await refuseManyNames(tx, ctx);
  await recordAudits(
    tx,
    ctx,
    changes.map(({ server, before, after }) => ({
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: "change-tags",
      subject: { kind: "server", id: server.id, name: server.name },
      before: { tags: before },
      after: { tags: after },
    })),
  );
  return {
    changed: changes.length,
    unchanged: found.length - changes.length,
    gone: new Set(serverIds).size - found.length,
  };
}

function rowOf({ id, organisationId, tenantId }: TaggedServer) {
  return { serverId: id, organisationId, tenantId };
}

/** In one order, so that two who change tags of many servers wait for each other. */
async function lockServers(tx: Transaction, serverIds: readonly string[]): Promise<TaggedServer[]> {
  const { id, name, organisationId, tenantId } = servers;
  const isMeant = isAnyOf(id, serverIds);
  await tx.select({ id }).from(servers).where(isMeant).orderBy(asc(id)).for("no key update");
  return tx.select({ id, name, organisationId, tenantId, tags: tagsOf }).from(servers).where(isMeant);
}

/** One parameter however many they are. */
function isAnyOf(column: PgColumn, ids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...ids])}::uuid[])`;
}

function refuseTooMany(changes: readonly { server: TaggedServer; after: readonly string[] }[]): void {
  const full = changes.filter(({ after }) => after.length > tagsPerServerMax);
  const [first] = full;
  if (first === undefined) return;
  const others = full.length === 1 ? "" : `, and so would ${full.length - 1} others`;
  throw new ServiceError(
    "limit-reached",
    `${first.server.name} would have ${first.after.length} tags${others}; a server has ${tagsPerServerMax} at most. Take some from it first. Nothing was changed.`,
  );
}

async function refuseManyNames(tx: Transaction, ctx: ServiceContext): Promise<void> {
  const names = await acrossCustomers(tx, ctx, async () => {
    const [row] = await tx.select({ names: countDistinct(serverTags.tag) }).from(serverTags);
    return row?.names ?? 0;
  });
  if (names > tagsMax)
    throw new ServiceError(
      "limit-reached",
      `Your organisation would have ${names} tags; ${tagsMax} is the most. Remove some first. Nothing was changed.`,
    );
}
