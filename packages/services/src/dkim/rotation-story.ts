import type { RotationStep } from "@mailstead/core/dkim";
import { dkimRotationEvents, type Transaction } from "@mailstead/db";
import { eq, max } from "drizzle-orm";
import type { Actor } from "../context/index.ts";

/**
 * started, step, back and ended move the rotation; published, looked, told and tested are what it did and what it was
 * answered; alarm and calm are when a person's eye was wanted and when no longer.
 */
export type RotationEventKind =
  | "started"
  | "step"
  | "back"
  | "ended"
  | "published"
  | "looked"
  | "told"
  | "tested"
  | "alarm"
  | "calm";

export interface RotationEvent {
  kind: RotationEventKind;
  sentence: string;
  /** Who was asked, what they answered, and what was checked against what. */
  evidence?: unknown;
}

/** Adds to the proof of a rotation, whose row the caller has locked, so that numbers follow each other. */
export async function tell(
  tx: Transaction,
  ctx: { actor: Actor; now(): Date },
  {
    rotation,
    ...event
  }: {
    rotation: { id: string; organisationId: string; tenantId: string; step: RotationStep };
  } & RotationEvent,
): Promise<void> {
  const [last] = await tx
    .select({ number: max(dkimRotationEvents.number) })
    .from(dkimRotationEvents)
    .where(eq(dkimRotationEvents.rotationId, rotation.id));
  await tx.insert(dkimRotationEvents).values({
    rotationId: rotation.id,
    number: (last?.number ?? 0) + 1,
    organisationId: rotation.organisationId,
    tenantId: rotation.tenantId,
    at: ctx.now(),
    step: rotation.step,
    kind: event.kind,
    actorName: ctx.actor.name,
    sentence: event.sentence,
    evidence: event.evidence ?? null,
  });
}
