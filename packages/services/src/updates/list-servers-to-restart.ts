import { judgeReboot, type OutdatedUnit, type RebootReason } from "@mailstead/core/updates";
import { serverInventories, servers, tenants } from "@mailstead/db";
import { and, asc, count, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readCursor } from "./read-cursor.ts";

const restartInput = z.object({
  tenantId: z.uuid().optional(),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(1000).optional(),
  limit: z.int().min(1).max(500).default(50),
});

/** A server that still runs what was replaced on its disk. */
export interface ServerToRestart {
  readonly id: string;
  readonly serverId: string;
  readonly serverName: string;
  readonly tenantName: string;
  /** Why the whole of it is to be restarted; empty where it need not be. */
  readonly rebootReasons: readonly RebootReason[];
  readonly outdatedUnits: readonly OutdatedUnit[];
}

export interface ServersToRestartPage {
  readonly servers: readonly ServerToRestart[];
  readonly total: number;
  readonly nextCursor: string | null;
}

const positionSchema = z.tuple([z.string(), z.uuid()]);

/** Servers that are to be restarted, or whose services are, by name. */
export async function listServersToRestart(
  ctx: ServiceContext,
  input: z.input<typeof restartInput> = {},
): Promise<ServersToRestartPage> {
  const { tenantId, cursor, limit } = parseInput(restartInput, input);
  const ended = readCursor(positionSchema, cursor);
  return withTransaction(ctx, async (tx) => {
    const isDue = and(
      sql`(${serverInventories.isRestartDue} or ${serverInventories.outdatedUnits} <> '[]')`,
      tenantId === undefined ? undefined : eq(serverInventories.tenantId, tenantId),
    );
    const [total] = await tx.select({ count: count() }).from(serverInventories).where(isDue);
    const rows = await tx
      .select({ told: serverInventories, serverName: servers.name, tenantName: tenants.name })
      .from(serverInventories)
      .innerJoin(servers, eq(servers.id, serverInventories.serverId))
      .innerJoin(tenants, eq(tenants.id, serverInventories.tenantId))
      .where(
        and(
          isDue,
          ended === null
            ? undefined
            : sql`(${servers.name}, ${servers.id}) > (${ended[0]}, ${ended[1]}::uuid)`,
        ),
      )
      .orderBy(asc(servers.name), asc(servers.id))
      .limit(limit + 1);
    const page = rows.slice(0, limit).map(({ told, ...names }) => ({
      id: told.serverId,
      serverId: told.serverId,
      ...names,
      rebootReasons: judgeReboot({ ...told, rebootPackages: [...told.rebootPackages] }),
      outdatedUnits: told.outdatedUnits,
    }));
    const last = page.at(-1);
    return {
      servers: page,
      total: total?.count ?? 0,
      nextCursor:
        last !== undefined && rows.length > limit ? JSON.stringify([last.serverName, last.serverId]) : null,
    };
  });
}
