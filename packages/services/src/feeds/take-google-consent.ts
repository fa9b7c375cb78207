import { feedConnections, googleConsents, newId, type Transaction } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { sealForWorker } from "../secrets/index.ts";
import { consentPurpose, hashOfState } from "./begin-google-consent.ts";
import { labelTaken } from "./connect-feed.ts";

const takeInput = z.object({
  state: z.string().min(1).max(500),
  code: z.string().min(1).max(4000).optional(),
  /** As RFC 6749 §4.1.2.1 names it. */
  error: z.string().min(1).max(200).optional(),
});

type Consent = Pick<
  typeof googleConsents.$inferSelect,
  "id" | "tenantId" | "clientId" | "connectionId" | "label" | "verifiesDomains" | "expiresAt"
>;

/**
 * Takes what Google sent a person back with. The code is sealed for the worker, which trades it for tokens at once; until
 * then a renewed feed keeps what it had. Throws `invalid` in a sentence for whatever else Google or the time brought:
 * each consent ends with the first answer to it.
 */
export async function takeGoogleConsent(
  ctx: ServiceContext,
  input: z.input<typeof takeInput>,
): Promise<{ connectionId: string }> {
  requireRole(ctx, "admin");
  const { state, code, error } = parseInput(takeInput, input);
  const outcome = await withTransaction(ctx, async (tx) => {
    const consent = await findConsent(tx, ctx, state);
    if (consent === null)
      return "This answer of Google's belongs to nothing that you began here, or was used before. Begin again with Connect Google.";
    const problem = problemOf(consent, { code, error, now: ctx.now() });
    if (problem !== null) {
      await tx.delete(googleConsents).where(eq(googleConsents.id, consent.id));
      return problem;
    }
    const connectionId = consent.connectionId ?? (await makeFeed(tx, ctx, consent));
    const codeBox = await sealForWorker(tx, { purpose: consentPurpose(consent.id), text: code ?? "" });
    await tx
      .update(googleConsents)
      // Nothing hashes to an id, so the state is used up.
      .set({ connectionId, codeBox, stateHash: consent.id })
      .where(eq(googleConsents.id, consent.id));
    await tx
      .update(feedConnections)
      .set({ state: "testing", problem: null, problemKind: null, problemSince: null })
      .where(eq(feedConnections.id, connectionId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: consent.tenantId,
      action: consent.connectionId === null ? "connect-feed" : "renew-feed",
      subject: { kind: "feed", id: connectionId, name: consent.label },
      after: { feed: "Google Postmaster Tools", consentTo: consent.clientId },
    });
    return { connectionId };
  });
  // Thrown only now, so that what ended the consent is kept.
  if (typeof outcome === "string") throw new ServiceError("invalid", outcome);
  return outcome;
}

async function findConsent(tx: Transaction, ctx: ServiceContext, state: string): Promise<Consent | null> {
  if (ctx.actor.kind !== "user") return null;
  const [consent] = await tx
    .select({
      id: googleConsents.id,
      tenantId: googleConsents.tenantId,
      clientId: googleConsents.clientId,
      connectionId: googleConsents.connectionId,
      label: googleConsents.label,
      verifiesDomains: googleConsents.verifiesDomains,
      expiresAt: googleConsents.expiresAt,
    })
    .from(googleConsents)
    // Somebody else's link would connect this organisation to the account of whoever made it.
    .where(and(eq(googleConsents.stateHash, hashOfState(state)), eq(googleConsents.userId, ctx.actor.userId)))
    .for("update");
  return consent ?? null;
}

function problemOf(
  { expiresAt, label }: Consent,
  { code, error, now }: { code: string | undefined; error: string | undefined; now: Date },
): string | null {
  if (error === "access_denied")
    return `The consent for ${label} was refused on Google's page, so nothing was connected. Begin again when the account's owner agrees.`;
  if (error === "admin_policy_enforced" || error === "org_internal")
    return `The Google Workspace of this account does not let its people consent to this app (${error}). Its administrator can allow it, or take another account.`;
  if (error !== undefined)
    return `Google ended the consent for ${label} (${error.replace(/[^\w .-]/g, "")}). Begin again.`;
  if (code === undefined) return "Google sent no code with this answer. Begin again with Connect Google.";
  if (expiresAt <= now)
    return `The consent for ${label} took longer than a quarter of an hour, so it counts no more. Begin again with Connect Google.`;
  return null;
}

/** The feed stands at once, and is read once the worker has its tokens. */
async function makeFeed(tx: Transaction, ctx: ServiceContext, consent: Consent): Promise<string> {
  const now = ctx.now();
  const id = newId(now);
  const { tenantId, label, clientId, verifiesDomains } = consent;
  try {
    await tx.insert(feedConnections).values({
      id,
      organisationId: ctx.organisationId,
      tenantId,
      kind: "google-postmaster",
      label,
      account: clientId,
      verifiesDomains,
      createdAt: now,
    });
  } catch (error) {
    throw labelTaken(error, label);
  }
  return id;
}
