import { domains, organisations, type Transaction, zones } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import { acrossCustomers, type ServiceContext, ServiceError } from "../context/index.ts";

/**
 * Throws `forbidden` when somebody who acts for one customer takes a name that lies in another's domain or zone, or where
 * the organisation's delegated DKIM names lie: through a connection of the organisation it would be published there, and
 * a signature as a name below a domain counts as one of that domain (RFC 9989, relaxed alignment).
 */
export async function refuseNeighboursName(
  tx: Transaction,
  ctx: ServiceContext,
  {
    name,
    field,
    isZone = false,
  }: {
    name: string;
    field: string;
    /** Delegated names that lie in a zone of ours are published there alone, so one above them counts too. */
    isZone?: boolean;
  },
): Promise<void> {
  const { organisationId, tenantId } = ctx;
  if (tenantId === null) return;
  const labels = name.split(".");
  const around = labels.map((_, at) => labels.slice(at).join("."));
  const isTheirs = await acrossCustomers(tx, ctx, async () => {
    const held = [
      ...(await tx
        .select({ name: domains.name, tenantId: domains.tenantId })
        .from(domains)
        .where(and(eq(domains.organisationId, organisationId), inArray(domains.name, around)))),
      ...(await tx
        .select({ name: zones.name, tenantId: zones.tenantId })
        .from(zones)
        .where(and(eq(zones.organisationId, organisationId), inArray(zones.name, around)))),
    ];
    const [organisation] = await tx
      .select({ dkimZone: organisations.dkimZone })
      .from(organisations)
      .where(eq(organisations.id, organisationId));
    const [closest] = held.toSorted((left, right) => right.name.length - left.name.length);
    const dkimZone = organisation?.dkimZone ?? "";
    return (
      around.includes(dkimZone) ||
      (isZone && `.${dkimZone}`.endsWith(`.${name}`)) ||
      (closest !== undefined && closest.tenantId !== tenantId)
    );
  });
  if (isTheirs)
    throw new ServiceError(
      "forbidden",
      `${name} touches a name of another customer or of the organisation; somebody who sees all customers can add it.`,
      { field },
    );
}
