import { servers } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const findVisibleServersInput = z.object({ serverIds: z.array(z.uuid()) });

/** Those of these servers that the person may see, asked in one question however many they are. */
export async function findVisibleServers(
  ctx: ServiceContext,
  input: z.input<typeof findVisibleServersInput>,
): Promise<ReadonlySet<string>> {
  const { serverIds } = parseInput(findVisibleServersInput, input);
  if (serverIds.length === 0) return new Set();
  const rows = await withTransaction(ctx, (tx) =>
    tx.select({ id: servers.id }).from(servers).where(inArray(servers.id, serverIds)),
  );
  return new Set(rows.map(({ id }) => id));
}
