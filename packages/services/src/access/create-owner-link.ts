import { newId, organisations, ownerLinks } from "@mailstead/db";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { hashToken, makeToken } from "./token-hash.ts";

const ownerLinkLifetimeMs = 24 * 3_600_000;

/** A one-time token with which the first owner is created, or null when there is an organisation already. */
export function createOwnerLink(ctx: SystemContext): Promise<{ token: string; expiresAt: Date } | null> {
  return withSystemTransaction(ctx, async (tx) => {
    const existing = await tx.select({ id: organisations.id }).from(organisations).limit(1);
    if (existing.length > 0) return null;
    const token = makeToken();
    const now = ctx.now();
    const expiresAt = new Date(now.getTime() + ownerLinkLifetimeMs);
    await tx
      .insert(ownerLinks)
      .values({ id: newId(now), tokenHash: hashToken(token), createdAt: now, expiresAt });
    return { token, expiresAt };
  });
}
