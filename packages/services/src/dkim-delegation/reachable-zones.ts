import { dnsConnections, type Transaction, zones } from "@mailstead/db";
import { asc, isNull } from "drizzle-orm";

/** The zones that delegated names can lie in: those hosted here, and those of connections for every customer's domains. */
export async function readReachableZones(tx: Transaction): Promise<string[]> {
  const hosted = await tx.select({ name: zones.name }).from(zones).orderBy(asc(zones.name));
  const connected = await tx
    .select({ zones: dnsConnections.zones })
    .from(dnsConnections)
    .where(isNull(dnsConnections.tenantId))
    .orderBy(asc(dnsConnections.createdAt));
  const names = [...hosted, ...connected.flatMap((connection) => connection.zones)].map(({ name }) => name);
  return [...new Set(names)];
}
