import { dnsPublications, newId, outbox, type Transaction } from "@mailstead/db";
import { and, desc, eq, inArray, notInArray } from "drizzle-orm";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import type { Publication, PublicationPlan } from "./publication.ts";

const domainInput = z.object({ domainId: z.uuid() });
const publishInput = z.object({
  publicationId: z.uuid(),
  /** Values of others that may be replaced, each named by itself. */
  allowed: z
    .array(z.object({ name: z.string().max(255), type: z.string().max(10), value: z.string().max(70_000) }))
    .max(500)
    .default([]),
});

/** How many publications of a domain are kept. */
const keptMax = 20;

/** Has the worker read the zones of a domain and plan what it would write; nothing is written yet. Throws `not-found`. */
export async function planPublication(
  ctx: ServiceContext,
  input: z.input<typeof domainInput>,
): Promise<{ publicationId: string }> {
  requireRole(ctx, "technician");
  const { domainId } = parseInput(domainInput, input);
  const now = ctx.now();
  const id = newId(now);
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId } = await findDomain(tx, domainId);
    await tx.insert(dnsPublications).values({
      id,
      organisationId,
      tenantId,
      domainId,
      requestedBy: ctx.actor.name,
      requestedById: ctx.actor.kind === "user" ? ctx.actor.userId : null,
      createdAt: now,
    });
    await wakeWorker(tx, { organisationId, tenantId, id, now });
    await forgetOld(tx, domainId);
    return { publicationId: id };
  });
}

/**
 * Has the worker write what was shown and nothing else. Throws `not-found`, and `conflict` when it was published already
 * or is not planned yet.
 */
export async function publishPlan(ctx: ServiceContext, input: z.input<typeof publishInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { publicationId, allowed } = parseInput(publishInput, input);
  const now = ctx.now();
  await withTransaction(ctx, async (tx) => {
    const confirmed = await tx
      .update(dnsPublications)
      .set({ state: "publishing", allowed, confirmedAt: now })
      .where(and(eq(dnsPublications.id, publicationId), eq(dnsPublications.state, "planned")))
      .returning({ organisationId: dnsPublications.organisationId, tenantId: dnsPublications.tenantId });
    const [row] = confirmed;
    if (row !== undefined) return wakeWorker(tx, { ...row, id: publicationId, now });
    const [other] = await tx
      .select({ state: dnsPublications.state })
      .from(dnsPublications)
      .where(eq(dnsPublications.id, publicationId));
    if (other === undefined) throw new ServiceError("not-found", "There is no such publication.");
    throw new ServiceError(
      "conflict",
      "This publication is no longer waiting for a word. Look at the zone again.",
    );
  });
}

/** The newest publication of a domain, or null before the first. */
export async function getPublication(
  ctx: ServiceContext,
  input: z.input<typeof domainInput>,
): Promise<Publication | null> {
  const { domainId } = parseInput(domainInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select()
      .from(dnsPublications)
      .where(eq(dnsPublications.domainId, domainId))
      .orderBy(desc(dnsPublications.createdAt), desc(dnsPublications.id))
      .limit(1);
    if (row === undefined) return null;
    const { id, state, problem, isProblemTemporary, hasChangedMeanwhile, requestedBy, createdAt, endedAt } =
      row;
    const plan = row.plan as PublicationPlan | null;
    return {
      id,
      state,
      plan,
      problem,
      isProblemTemporary,
      hasChangedMeanwhile,
      requestedBy,
      createdAt,
      endedAt,
    };
  });
}

async function wakeWorker(
  tx: Transaction,
  wanted: { organisationId: string; tenantId: string; id: string; now: Date },
): Promise<void> {
  const { organisationId, tenantId, id, now } = wanted;
  await tx.insert(outbox).values({ organisationId, tenantId, kind: "dns", subjectId: id, createdAt: now });
}

async function forgetOld(tx: Transaction, domainId: string): Promise<void> {
  const kept = tx
    .select({ id: dnsPublications.id })
    .from(dnsPublications)
    .where(eq(dnsPublications.domainId, domainId))
    .orderBy(desc(dnsPublications.createdAt), desc(dnsPublications.id))
    .limit(keptMax);
  await tx
    .delete(dnsPublications)
    .where(
      and(
        eq(dnsPublications.domainId, domainId),
        inArray(dnsPublications.state, ["planned", "published", "failed"]),
        notInArray(dnsPublications.id, kept),
      ),
    );
}
