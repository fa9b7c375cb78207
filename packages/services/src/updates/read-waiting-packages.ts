import { serverUpdates, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const packagesInput = z.object({
  /** Only these updates; without it, all that wait. */
  updates: z
    .array(z.object({ sourceName: z.string().max(100), to: z.string().max(120) }))
    .max(500)
    .optional(),
  serverIds: z.array(z.uuid()).max(20_000).optional(),
  tenantId: z.uuid().optional(),
  onlySecurity: z.boolean().default(false),
  /** The last row of the page before. */
  after: z.object({ serverId: z.uuid(), name: z.string(), architecture: z.string() }).optional(),
  limit: z.int().min(1).max(10_000).default(5_000),
});
export type WaitingPackagesInput = z.input<typeof packagesInput>;

/** What a rollout would do to one package of one server. */
export interface WaitingPackage {
  readonly serverId: string;
  readonly name: string;
  readonly architecture: string;
  /** Null where the package comes anew. */
  readonly from: string | null;
  readonly to: string;
  readonly sourceName: string;
  readonly isSecurity: boolean;
}

/**
 * What waits, package by package and server by server, in the order of server, name and architecture: the rows that a
 * rollout is planned from. A page that is shorter than `limit` is the last.
 */
export async function listWaitingPackages(
  ctx: ServiceContext,
  input: WaitingPackagesInput = {},
): Promise<readonly WaitingPackage[]> {
  return withTransaction(ctx, (tx) => readWaitingPackages(tx, input));
}

/** The same within a transaction that sees the rows of somebody. */
export async function readWaitingPackages(
  tx: Transaction,
  input: WaitingPackagesInput,
): Promise<readonly WaitingPackage[]> {
  const { updates, serverIds, tenantId, onlySecurity, after, limit } = parseInput(packagesInput, input);
  if (updates?.length === 0 || serverIds?.length === 0) return [];
  const { serverId, name, architecture } = serverUpdates;
  return tx
    .select({
      serverId,
      name,
      architecture,
      from: serverUpdates.fromVersion,
      to: serverUpdates.toVersion,
      sourceName: serverUpdates.sourceName,
      isSecurity: serverUpdates.isSecurity,
    })
    .from(serverUpdates)
    .where(
      and(
        updates === undefined
          ? undefined
          : sql`(${serverUpdates.sourceName}, ${serverUpdates.toVersion}) in (
              select "sourceName", "to" from jsonb_to_recordset(${JSON.stringify(updates)}::jsonb)
                as meant ("sourceName" text, "to" text))`,
        serverIds === undefined ? undefined : inArray(serverId, serverIds),
        tenantId === undefined ? undefined : eq(serverUpdates.tenantId, tenantId),
        onlySecurity ? eq(serverUpdates.isSecurity, true) : undefined,
        after === undefined
          ? undefined
          : sql`(${serverId}, ${name}, ${architecture}) > (${after.serverId}::uuid, ${after.name}, ${after.architecture})`,
      ),
    )
    .orderBy(asc(serverId), asc(name), asc(architecture))
    .limit(limit);
}
