import { openSources } from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readCursor } from "./read-cursor.ts";
import { fixStates, type OpenCvePage, openCvePosition, readOpenCves } from "./read-open-cves.ts";

const openInput = z.object({
  /** A CVE, or a part of one or of a source's name. */
  search: z.string().max(200).optional(),
  tenantId: z.uuid().optional(),
  fix: z.enum(fixStates).optional(),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(1000).optional(),
  limit: z.int().min(1).max(500).default(50),
});

/** To which CVEs the fleet is open by Debian's lists, and what can be done: as of the last count, minutes ago. */
export async function listOpenCves(
  ctx: ServiceContext,
  input: z.input<typeof openInput> = {},
): Promise<OpenCvePage> {
  const { tenantId, cursor, ...asked } = parseInput(openInput, input);
  const ended = readCursor(openCvePosition, cursor);
  const counted = sql`select suite, source_name, source_version, to_version, sum(servers) as servers from ${openSources}
    where ${tenantId === undefined ? sql`true` : eq(openSources.tenantId, tenantId)} group by 1, 2, 3, 4`;
  return withTransaction(ctx, (tx) => readOpenCves(tx, counted, { ...asked, ended }));
}
