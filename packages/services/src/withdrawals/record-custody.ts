import { isInZone } from "@mailstead/core/zones";
import { dnsConnections, type Transaction, zones } from "@mailstead/db";
import { and, eq, isNull, or } from "drizzle-orm";

/** Who brings a change of a domain's records into the zone that they lie in: we by ourselves, we at a word, or a person. */
export type RecordCustody = "hosted" | "connected" | "by-hand";

/** Says who changes the records of a domain. */
export async function readRecordCustody(
  tx: Transaction,
  domain: { name: string; tenantId: string },
): Promise<RecordCustody> {
  const hosted = await tx.select({ name: zones.name }).from(zones).where(eq(zones.tenantId, domain.tenantId));
  if (hosted.some(({ name }) => isInZone(domain.name, name))) return "hosted";
  const reached = await readReachedZones(tx, domain.tenantId);
  return [...reached].some((zone) => isInZone(domain.name, zone)) ? "connected" : "by-hand";
}

/** The zones that a customer's domains may be published in through connections. */
export async function readReachedZones(tx: Transaction, tenantId: string): Promise<Set<string>> {
  const rows = await tx
    .select({ zones: dnsConnections.zones })
    .from(dnsConnections)
    .where(
      and(
        or(isNull(dnsConnections.tenantId), eq(dnsConnections.tenantId, tenantId)),
        isNull(dnsConnections.leavingSince),
      ),
    );
  return new Set(rows.flatMap((row) => row.zones.map(({ name }) => name)));
}
