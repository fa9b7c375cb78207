import { sql } from "drizzle-orm";
import { z } from "zod";
import { type ServiceContext, withTransaction } from "../context/index.ts";

const stateSchema = z.object({
  suite: z.string(),
  issueCount: z.int().nullable(),
  fetchedAt: z.coerce.date().nullable(),
  triedAt: z.coerce.date().nullable(),
  problem: z.string().nullable(),
});
/** How far Debian's list of one release is known here. */
export interface SecurityListState {
  readonly suite: string;
  /** How many CVEs of packages it has; null before there is one. */
  readonly issueCount: number | null;
  /** When it was last known to be the newest; null where it never was here. */
  readonly fetchedAt: Date | null;
  readonly triedAt: Date | null;
  /** Why the last try brought nothing; null when it did. */
  readonly problem: string | null;
}

/** Debian's lists of CVEs as they are known here, for each release that some server has. */
export async function getSecurityLists(ctx: ServiceContext): Promise<readonly SecurityListState[]> {
  return withTransaction(ctx, async (tx) => {
    const { rows } = await tx.execute(sql`
      select suite, issue_count as "issueCount", fetched_at as "fetchedAt", tried_at as "triedAt", problem
      from security_list_states() where tried_at is not null order by suite`);
    return z.array(stateSchema).parse(rows);
  });
}
