import { serverPackages, serverUpdates } from "@mailstead/db";
import { and, asc, count, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { requireServer } from "./require-server.ts";

const packagesInput = z.object({
  serverId: z.uuid(),
  /** A part of the name or of the source's. */
  search: z.string().max(100).optional(),
  /** Name and architecture of the last row of the page before, with a space between. */
  cursor: z.string().max(200).optional(),
  limit: z.int().min(1).max(500).default(100),
});

export interface ServerPackagePage {
  readonly packages: readonly {
    readonly id: string;
    readonly name: string;
    readonly architecture: string;
    readonly version: string;
    readonly sourceName: string;
    /** The version that waits; null where none does. */
    readonly to: string | null;
  }[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** The packages of a server, by name. Throws `not-found`. */
export async function listServerPackages(
  ctx: ServiceContext,
  input: z.input<typeof packagesInput>,
): Promise<ServerPackagePage> {
  const { serverId, search = "", cursor, limit } = parseInput(packagesInput, input);
  const [afterName = "", afterArchitecture = ""] = (cursor ?? "").split(" ");
  const word = search.trim().toLowerCase();
  return withTransaction(ctx, async (tx) => {
    await requireServer(tx, serverId);
    const matches = and(
      eq(serverPackages.serverId, serverId),
      word === ""
        ? undefined
        : sql`(strpos(${serverPackages.name}, ${word}) > 0 or strpos(${serverPackages.sourceName}, ${word}) > 0)`,
    );
    const [total] = await tx.select({ count: count() }).from(serverPackages).where(matches);
    const rows = await tx
      .select({
        name: serverPackages.name,
        architecture: serverPackages.architecture,
        version: serverPackages.version,
        sourceName: serverPackages.sourceName,
        to: serverUpdates.toVersion,
      })
      .from(serverPackages)
      .leftJoin(
        serverUpdates,
        and(
          eq(serverUpdates.serverId, serverPackages.serverId),
          eq(serverUpdates.name, serverPackages.name),
          eq(serverUpdates.architecture, serverPackages.architecture),
        ),
      )
      .where(
        and(
          matches,
          sql`(${serverPackages.name}, ${serverPackages.architecture}) > (${afterName}, ${afterArchitecture})`,
        ),
      )
      .orderBy(asc(serverPackages.name), asc(serverPackages.architecture))
      .limit(limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      packages: page.map((row) => ({ id: `${row.name} ${row.architecture}`, ...row })),
      total: total?.count ?? 0,
      nextCursor: last !== undefined && rows.length > limit ? `${last.name} ${last.architecture}` : null,
    };
  });
}
