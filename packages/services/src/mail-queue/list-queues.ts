import { servers, tenants } from "@mailstead/db";
import { eq, isNotNull, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";

/** How much waits on a server, as its agent last told. */
export interface ServerQueue {
  readonly serverId: string;
  readonly serverName: string;
  readonly tenantName: string;
  readonly isConnected: boolean;
  readonly toldAt: Date | null;
  /** Null where nobody knows. */
  readonly waiting: number | null;
  /** Of them, those that have waited for hours. */
  readonly late: number | null;
  readonly oldestAt: Date | null;
}

/** The queues of all servers, the one with the most late mail first, and what nobody knows last. */
export async function listQueues(
  ctx: ServiceContext,
  _input: Record<string, never> = {},
): Promise<ServerQueue[]> {
  const number = (name: string) => sql<number | null>`(${servers.facts} ->> ${name})::double precision`;
  const rows = await withTransaction(ctx, (tx) =>
    tx
      .select({
        serverId: servers.id,
        serverName: servers.name,
        tenantName: tenants.name,
        isConnected: sql<boolean>`${servers.gatewayId} is not null`,
        toldAt: servers.factsAt,
        waiting: number("queueSizeMessages"),
        late: number("queueLateMessages"),
        oldestAtUnixMs: number("queueOldestAtUnixMs"),
      })
      .from(servers)
      .innerJoin(tenants, eq(tenants.id, servers.tenantId))
      .where(isNotNull(servers.installRequestedAt)),
  );
  return rows
    .map(({ oldestAtUnixMs, ...row }) => ({
      ...row,
      oldestAt: oldestAtUnixMs === null ? null : new Date(oldestAtUnixMs),
    }))
    .sort(
      (a, b) =>
        (b.late ?? -1) - (a.late ?? -1) ||
        (b.waiting ?? -1) - (a.waiting ?? -1) ||
        a.serverName.localeCompare(b.serverName),
    );
}
