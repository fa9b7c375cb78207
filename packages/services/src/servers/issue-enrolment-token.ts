import { enrolmentTokenLifetimeMs } from "@mailstead/core/enrolment";
import { enrolmentTokens, newId, type Transaction } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { hashToken, makeToken } from "../access/index.ts";
import { type ServiceContext, signingKeyFingerprint } from "../context/index.ts";

export interface IssuedEnrolment {
  serverId: string;
  /** Shown once; only its hash is stored. */
  token: string;
  /** What the person pastes on the host. */
  command: string;
  expiresAt: Date;
}

/** Makes a new token for a server; an older unused one stops counting. */
export async function issueEnrolmentToken(
  tx: Transaction,
  ctx: ServiceContext,
  server: { id: string; organisationId: string; tenantId: string },
): Promise<IssuedEnrolment> {
  const now = ctx.now();
  await tx
    .delete(enrolmentTokens)
    .where(and(eq(enrolmentTokens.serverId, server.id), isNull(enrolmentTokens.usedAt)));
  const token = `ms1.${makeToken()}.${signingKeyFingerprint(ctx.installation)}`;
  const expiresAt = new Date(now.getTime() + enrolmentTokenLifetimeMs);
  await tx.insert(enrolmentTokens).values({
    id: newId(now),
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    serverId: server.id,
    tokenHash: hashToken(token),
    createdAt: now,
    expiresAt,
  });
  return {
    serverId: server.id,
    token,
    command: `curl -fsSL ${ctx.installation.publicUrl}/install.sh | sudo sh -s -- ${token}`,
    expiresAt,
  };
}
