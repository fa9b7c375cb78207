import type { Role } from "@mailstead/core/access";
import { memberships, sessions } from "@mailstead/db";
import { and, eq, lt, sql } from "drizzle-orm";
import { z } from "zod";
import {
  type AnonymousContext,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";

const touchEveryMs = 5 * 60_000;

export interface Session {
  sessionId: string;
  sessionVersion: number;
  userId: string;
  email: string;
  name: string;
  organisationId: string;
  organisationName: string;
  /** Role in the whole organisation; null for a person of single tenants. */
  role: Role | null;
  tenantRoles: { tenantId: string; role: Role }[];
  expiresAt: Date;
}

/** The living session of this id, or null when it was revoked, has expired or never was. */
export async function getSession(ctx: AnonymousContext, sessionId: string): Promise<Session | null> {
  if (!z.uuid().safeParse(sessionId).success) return null;
  const now = ctx.now();
  const { rows } = await ctx.database.query.execute<{
    user_id: string;
    organisation_id: string;
    organisation_name: string;
    email: string;
    name: string;
    session_version: number;
    // The driver parses timestamps of plain statements to text under drizzle.
    expires_at: string;
  }>(sql`select * from find_session(${sessionId}, ${now})`);
  const row = rows[0];
  if (row === undefined) return null;
  const own = { ...ctx, organisationId: row.organisation_id, tenantId: null, actor: systemActor };
  const held = await withTransaction(own, async (tx) => {
    await tx
      .update(sessions)
      .set({ lastUsedAt: now })
      .where(
        and(eq(sessions.id, sessionId), lt(sessions.lastUsedAt, new Date(now.getTime() - touchEveryMs))),
      );
    return tx
      .select({ tenantId: memberships.tenantId, role: memberships.role })
      .from(memberships)
      .where(eq(memberships.userId, row.user_id));
  });
  return {
    sessionId,
    sessionVersion: row.session_version,
    userId: row.user_id,
    email: row.email,
    name: row.name,
    organisationId: row.organisation_id,
    organisationName: row.organisation_name,
    role: held.find((membership) => membership.tenantId === null)?.role ?? null,
    tenantRoles: held.flatMap(({ tenantId, role }) => (tenantId === null ? [] : [{ tenantId, role }])),
    expiresAt: new Date(row.expires_at),
  };
}

/**
 * The context in which a signed-in person acts: the whole organisation, or one tenant. Throws `forbidden` when the
 * person has no role there.
 */
export function contextOfSession(
  ctx: AnonymousContext,
  session: Session,
  tenantId: string | null = session.role === null ? (session.tenantRoles[0]?.tenantId ?? null) : null,
): ServiceContext {
  const role = session.role ?? session.tenantRoles.find((held) => held.tenantId === tenantId)?.role;
  if (role === undefined) throw new ServiceError("forbidden", "You have no role here.");
  return {
    ...ctx,
    organisationId: session.organisationId,
    tenantId,
    actor: { kind: "user", userId: session.userId, name: session.name, role },
  };
}

const systemActor = { kind: "system", name: "session check" } as const;
