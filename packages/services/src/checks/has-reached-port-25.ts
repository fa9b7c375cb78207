import { serverChecks, type Transaction } from "@mailstead/db";
import { desc, sql } from "drizzle-orm";

// Checks of servers are made daily, so these are of the last days.
const checksMax = 20;

/** Whether port 25 of some server of the organisation was open to this machine lately: then silence elsewhere means something. */
export async function hasReachedPort25(tx: Transaction): Promise<boolean> {
  const latest = tx
    .select({ report: serverChecks.report })
    .from(serverChecks)
    .orderBy(desc(serverChecks.checkedAt))
    .limit(checksMax)
    .as("latest");
  const [row] = await tx
    .select({
      isOpen: sql<boolean>`coalesce(bool_or(jsonb_path_exists(${latest.report},
        '$.facts.addresses[*].ports[*] ? (@.port == 25 && @.kind == "open")')), false)`,
    })
    .from(latest);
  return row?.isOpen ?? false;
}
