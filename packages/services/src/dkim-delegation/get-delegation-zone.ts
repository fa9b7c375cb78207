import { organisations } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { readReachableZones } from "./reachable-zones.ts";

export interface DelegationZone {
  /** The name below which delegated names lie; null while domains cannot hand theirs over. */
  zone: string | null;
  /** Zones that could carry it. */
  reachable: string[];
}

/** Where the organisation keeps the DKIM names that domains hand over. */
export function getDelegationZone(ctx: ServiceContext): Promise<DelegationZone> {
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ zone: organisations.dkimZone })
      .from(organisations)
      .where(eq(organisations.id, ctx.organisationId));
    return { zone: row?.zone ?? null, reachable: await readReachableZones(tx) };
  });
}
