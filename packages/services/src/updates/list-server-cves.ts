import { serverPackages, servers, serverUpdates } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readCursor } from "./read-cursor.ts";
import { fixStates, type OpenCvePage, openCvePosition, readOpenCves } from "./read-open-cves.ts";
import { requireServer } from "./require-server.ts";

const openInput = z.object({
  serverId: z.uuid(),
  search: z.string().max(200).optional(),
  fix: z.enum(fixStates).optional(),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(1000).optional(),
  limit: z.int().min(1).max(500).default(50),
});

/** To which CVEs one server is open by Debian's list of its release. Throws `not-found`. */
export async function listServerCves(
  ctx: ServiceContext,
  input: z.input<typeof openInput>,
): Promise<OpenCvePage> {
  const { serverId, cursor, ...asked } = parseInput(openInput, input);
  const ended = readCursor(openCvePosition, cursor);
  const counted = sql`
    select ${servers.facts} ->> 'suite' as suite, installed.source_name, installed.source_version,
      coalesce(max(waiting.to_version), '') as to_version, 1 as servers
    from ${serverPackages} as installed join ${servers} on ${servers.id} = installed.server_id
    left join ${serverUpdates} as waiting on waiting.server_id = installed.server_id
      and waiting.source_name = installed.source_name and waiting.is_lead
    where installed.server_id = ${serverId} and installed.is_lead group by 1, 2, 3`;
  return withTransaction(ctx, async (tx) => {
    await requireServer(tx, serverId);
    return readOpenCves(tx, counted, { ...asked, ended });
  });
}
