import { endingSteps, type RotationStep } from "@mailstead/core/dkim";
import { dkimRotations, type Transaction } from "@mailstead/db";
import { and, eq, notInArray } from "drizzle-orm";

/**
 * Whether a rotation of a domain still counts on the keys of every server that it began with: until its new ones were
 * watched, or, with other steps for the last ones, until it has come to those.
 */
export async function hasOpenRotation(
  tx: Transaction,
  domain: { id: string },
  lastSteps: readonly RotationStep[] = endingSteps,
): Promise<boolean> {
  const [open] = await tx
    .select({ id: dkimRotations.id })
    .from(dkimRotations)
    .where(and(eq(dkimRotations.domainId, domain.id), notInArray(dkimRotations.step, [...lastSteps])))
    .limit(1);
  return open !== undefined;
}
