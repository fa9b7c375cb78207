import { sessions, users } from "@mailstead/db";
import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";

/** The sessions of the person who asks that could be used now, newest first. */
export async function listSessions(ctx: ServiceContext) {
  const { userId } = person(ctx);
  return withTransaction({ ...ctx, tenantId: null }, (tx) =>
    tx
      .select({
        id: sessions.id,
        createdAt: sessions.createdAt,
        lastUsedAt: sessions.lastUsedAt,
        ipAddress: sessions.ipAddress,
        userAgent: sessions.userAgent,
      })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(
        and(
          eq(sessions.userId, userId),
          isNull(sessions.revokedAt),
          gt(sessions.expiresAt, ctx.now()),
          eq(sessions.sessionVersion, users.sessionVersion),
        ),
      )
      .orderBy(desc(sessions.id)),
  );
}

const sessionInput = z.object({ sessionId: z.uuid() });

/** Ends one session of the person who asks; ending an ended one changes nothing. */
export async function signOut(ctx: ServiceContext, input: z.input<typeof sessionInput>): Promise<void> {
  const { sessionId } = parseInput(sessionInput, input);
  const { userId, name } = person(ctx);
  await withTransaction({ ...ctx, tenantId: null }, async (tx) => {
    await tx
      .update(sessions)
      .set({ revokedAt: ctx.now() })
      .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isNull(sessions.revokedAt)));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "sign-out",
      subject: { kind: "user", id: userId, name },
      after: { sessionId },
    });
  });
}

/** Ends every session of the person who asks, this one included. */
export async function revokeSessions(ctx: ServiceContext): Promise<void> {
  const { userId, name } = person(ctx);
  await withTransaction({ ...ctx, tenantId: null }, async (tx) => {
    await tx
      .update(users)
      .set({ sessionVersion: sql`${users.sessionVersion} + 1` })
      .where(eq(users.id, userId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "revoke-sessions",
      subject: { kind: "user", id: userId, name },
    });
  });
}

/** The person of a context; throws `forbidden` for the system and agents, which have no sessions. */
export function person(ctx: ServiceContext): { userId: string; name: string } {
  if (ctx.actor.kind !== "user") throw new ServiceError("forbidden", "Only a person has sessions.");
  return ctx.actor;
}
