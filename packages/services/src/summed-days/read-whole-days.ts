import { summedDays, type Transaction } from "@mailstead/db";
import { and, eq, gte, lt } from "drizzle-orm";

/** Beginnings of a server's days that may be taken from their sums, in milliseconds since 1970. */
export async function readWholeDays(
  tx: Transaction,
  {
    serverId,
    kind,
    from,
    until,
  }: { serverId: string; kind: (typeof summedDays.$inferSelect)["kind"]; from: Date; until: Date },
): Promise<ReadonlySet<number>> {
  const rows = await tx
    .select({ startsAt: summedDays.startsAt })
    .from(summedDays)
    .where(
      and(
        eq(summedDays.serverId, serverId),
        eq(summedDays.kind, kind),
        eq(summedDays.isWhole, true),
        gte(summedDays.startsAt, from),
        lt(summedDays.startsAt, until),
      ),
    );
  return new Set(rows.map(({ startsAt }) => startsAt.getTime()));
}
