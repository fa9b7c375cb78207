import { dkimRotations } from "@mailstead/db";
import { and, desc, eq, ne } from "drizzle-orm";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { type LoadedRotation, loadRotation } from "./load-rotation.ts";
import { saveRotation, turnBack } from "./move-rotation.ts";

const goBackRotationInput = z.object({ domainId: z.uuid() });

/**
 * Turns the newest open rotation of a domain back: the old keys go on signing, or sign again while their records still stand.
 * Throws `precondition-failed` when there is no way back, and `not-found` when no rotation is open.
 */
export async function goBackRotation(
  ctx: ServiceContext,
  input: z.input<typeof goBackRotationInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId } = parseInput(goBackRotationInput, input);
  await withTransaction(ctx, async (tx) => {
    await getDomainForChange(tx, domainId);
    const [open] = await tx
      .select({ id: dkimRotations.id })
      .from(dkimRotations)
      .where(and(eq(dkimRotations.domainId, domainId), ne(dkimRotations.step, "done")))
      .orderBy(desc(dkimRotations.startedAt), desc(dkimRotations.id));
    if (open === undefined) throw new ServiceError("not-found", "No rotation of this domain is under way.");
    const loaded = await loadRotation(tx, open.id);
    const why = noWayBack(loaded.row);
    if (why !== null) throw new ServiceError("precondition-failed", why);
    await turnBack(tx, ctx, { loaded, reason: `${ctx.actor.name} turned the rotation back.` });
    loaded.row.lookAgainAt = ctx.now();
    await saveRotation(tx, loaded);
  });
}

/** Why a rotation cannot be turned back, as a sentence; null when it can. */
export function noWayBack({
  kind,
  course,
  step,
}: Pick<LoadedRotation["row"], "kind" | "course" | "step">): string | null {
  if (kind === "compromise") return "The old keys are revoked, because one was said to be stolen.";
  if (course !== "forward") return "This rotation has been turned back already.";
  if (step === "revoking" || step === "destroying" || step === "done")
    return "The old keys are revoked, so mail that they sign would not be believed.";
  return null;
}
