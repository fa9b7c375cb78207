import { replySamples, type Transaction } from "@mailstead/db";
import { and, desc, eq, inArray } from "drizzle-orm";
import type { GroupedSight } from "./group-sights.ts";

/** The newest reply of the kind that the receiver gave, with nobody's address; null where none was kept. */
export async function readReply(
  tx: Transaction,
  { serverIds, owner, category, provider, scope, about }: GroupedSight,
): Promise<string | null> {
  const from = owner.kind === "server" ? [owner.id] : serverIds;
  const [row] = await tx
    .select({ reply: replySamples.reply })
    .from(replySamples)
    .where(
      and(
        // A domain whose counts are older than what is looked at is found by its name alone.
        from.length === 0 ? undefined : inArray(replySamples.serverId, [...from]),
        eq(replySamples.tenantId, owner.tenantId),
        eq(replySamples.provider, provider ?? ""),
        eq(replySamples.category, category),
        scope === "domain" ? eq(replySamples.domain, about) : undefined,
      ),
    )
    .orderBy(desc(replySamples.saidAt))
    .limit(1);
  return row?.reply ?? null;
}
