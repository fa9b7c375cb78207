import { endingSteps } from "@mailstead/core/dkim";
import { dkimRotations, type Transaction } from "@mailstead/db";
import { and, eq, notInArray } from "drizzle-orm";

/**
 * Whether a rotation of a domain still counts on the keys of every server that it began with: until its new ones were
 * watched.
 */
export async function hasOpenRotation(tx: Transaction, domain: { id: string }): Promise<boolean> {
  const [open] = await tx
    .select({ id: dkimRotations.id })
    .from(dkimRotations)
    .where(and(eq(dkimRotations.domainId, domain.id), notInArray(dkimRotations.step, [...endingSteps])))
    .limit(1);
  return open !== undefined;
}
