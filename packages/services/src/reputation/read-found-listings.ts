import { checkFindings, type Transaction } from "@mailstead/db";
import { and, gte, isNull, or, sql } from "drizzle-orm";
import type { Sighting } from "./outside-sights.ts";

/** Entries of block lists, from the findings that the looks from outside keep. */
export async function readFoundListings(
  tx: Transaction,
  { from }: { from: Date },
): Promise<readonly Sighting[]> {
  const rows = await tx
    .select({
      serverId: checkFindings.serverId,
      domainId: checkFindings.domainId,
      key: checkFindings.key,
      severity: checkFindings.severity,
      openedAt: checkFindings.openedAt,
      closedAt: checkFindings.closedAt,
    })
    .from(checkFindings)
    .where(
      and(
        or(
          sql`${checkFindings.key} like 'block-listed %'`,
          sql`${checkFindings.key} like 'domain-block-listed %'`,
        ),
        or(isNull(checkFindings.closedAt), gte(checkFindings.closedAt, from)),
      ),
    );
  return rows.flatMap(({ serverId, domainId, key, severity, openedAt, closedAt }): Sighting[] => {
    const [kind, subject, list] = key.split(" ");
    // An entry that next to nobody goes by says nothing of a reputation.
    if (subject === undefined || list === undefined || severity === "instruction") return [];
    const listing = {
      zone: list,
      sinceAt: openedAt.getTime(),
      untilAt: closedAt?.getTime() ?? null,
      isCritical: severity === "error",
    };
    const isNetwork = subject.includes("/");
    if (kind === "block-listed" && serverId !== null)
      return [{ serverId, ...(isNetwork ? {} : { address: subject }), listings: [listing] }];
    return domainId === null ? [] : [{ domainId, listings: [listing] }];
  });
}
