import { defaultRotationTiming, endOfKey } from "@mailstead/core/dkim";
import { dkimKeys, dkimRotations, type Transaction } from "@mailstead/db";
import { and, asc, eq, ne, sql } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { tell } from "./rotation-story.ts";

/**
 * Ends every open rotation of a locked domain whose mail stops, wherever it stands; whoever has it in hand finds it over.
 * What becomes of its keys is for `endDomainKeys` to see to.
 */
export async function cutRotationsShort(
  tx: Transaction,
  ctx: ServiceContext,
  { domainId, reason }: { domainId: string; reason: string },
): Promise<void> {
  const isOpen = and(eq(dkimRotations.domainId, domainId), ne(dkimRotations.step, "done"));
  const open = await tx
    .select()
    .from(dkimRotations)
    .where(isOpen)
    .orderBy(asc(dkimRotations.id))
    .for("update");
  for (const rotation of open) {
    const ended = {
      step: "done" as const,
      stepSince: ctx.now(),
      endedAt: ctx.now(),
      outcome: "superseded" as const,
      reason,
    };
    await tx
      .update(dkimRotations)
      .set({ ...ended, alarm: null, alarmSince: null })
      .where(eq(dkimRotations.id, rotation.id));
    await tell(tx, ctx, {
      rotation: { ...rotation, step: "done" },
      kind: "ended",
      sentence: reason,
      evidence: { from: rotation.step, to: "done" },
    });
  }
}

/** Ends all keys of a domain whose mail stops, and gives the selectors of those that signed or would have. */
export async function endDomainKeys(
  tx: Transaction,
  ctx: ServiceContext,
  { domainId }: { domainId: string },
): Promise<string[]> {
  const keys = await tx
    .select()
    .from(dkimKeys)
    .where(eq(dkimKeys.domainId, domainId))
    .orderBy(asc(dkimKeys.selector));
  const ended: string[] = [];
  for (const key of keys) {
    const end = endOfKey(key, { now: ctx.now(), timing: defaultRotationTiming });
    if (end.kind === "settled") continue;
    ended.push(key.selector);
    if (end.kind === "forget") {
      await tx.delete(dkimKeys).where(eq(dkimKeys.id, key.id));
      continue;
    }
    const { state, recordEndsAt } = end;
    await tx.update(dkimKeys).set({ state, recordEndsAt }).where(eq(dkimKeys.id, key.id));
  }
  return ended;
}

/**
 * Why a domain's mail and the domain itself must stay for now: stolen keys of it are to be revoked and nobody has taken
 * the revocations yet, and only the rotation sees to it that somebody does. Null when nothing keeps them.
 */
export async function untoldTheftProblem(
  tx: Transaction,
  domain: { id: string; name: string },
): Promise<string | null> {
  const [open] = await tx
    .select({ id: dkimRotations.id })
    .from(dkimRotations)
    .where(
      and(
        eq(dkimRotations.domainId, domain.id),
        eq(dkimRotations.kind, "compromise"),
        ne(dkimRotations.step, "done"),
        sql`coalesce(${dkimRotations.progress} #>> '{publication,kind}', '') not in ('published', 'by-hand')`,
      ),
    )
    .limit(1);
  return open === undefined
    ? null
    : `A DKIM key of ${domain.name} is said to be stolen, and its revocation is not published yet: wait for that, or publish it by hand.`;
}
