import { checkFindings, type Transaction } from "@mailstead/db";
import { and, isNull, like } from "drizzle-orm";
import type { CheckedSubject } from "./record-findings.ts";

/** Servers and domains with an open finding whose key begins so, once for each: what is not found again of them is over. */
export async function readOpenSubjects(tx: Transaction, keyPrefix: string): Promise<CheckedSubject[]> {
  const rows = await tx
    .selectDistinct({
      organisationId: checkFindings.organisationId,
      tenantId: checkFindings.tenantId,
      domainId: checkFindings.domainId,
      serverId: checkFindings.serverId,
    })
    .from(checkFindings)
    .where(and(isNull(checkFindings.closedAt), like(checkFindings.key, `${keyPrefix}%`)));
  return rows.map(({ organisationId, tenantId, domainId, serverId }) => ({
    organisationId,
    tenantId,
    ...(domainId === null ? { serverId: serverId ?? "" } : { domainId }),
  }));
}
