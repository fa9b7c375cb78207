import { signInEmailSchema } from "@mailstead/core/access";
import { newId, sessions } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { type AnonymousContext, parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";
import { beginSignInAttempt, endSignInAttempt } from "./sign-in-attempts.ts";

const signInInput = z.object({
  email: z.string().max(500),
  // Longer than any password can be, so it only bounds what is hashed.
  password: z.string().max(1000),
  ipAddress: z.string().max(100),
  userAgent: z.string().transform((text) => text.slice(0, 400)),
});

const sessionLifetimeMs = 30 * 86_400_000;

export interface SignedIn {
  userId: string;
  organisationId: string;
  sessionId: string;
  sessionVersion: number;
  name: string;
}

/**
 * Starts a session, or returns null when address and password do not fit; both take the same time and work, so that
 * an address cannot be probed. Throws `limit-reached` with the time to wait when the client's network has failed too
 * often.
 */
export async function signIn(
  ctx: AnonymousContext,
  input: z.input<typeof signInInput>,
): Promise<SignedIn | null> {
  const { password, ipAddress, userAgent, email: typed } = parseInput(signInInput, input);
  const attemptId = await beginSignInAttempt(ctx, { account: typed.trim().toLowerCase(), ipAddress });
  const found = await findCredentials(ctx, signInEmailSchema.safeParse(typed).data ?? "");
  const isRight = await verifyPassword(password, found?.passwordHash ?? (await hashOfNobody()));
  if (found === undefined) {
    await withTransaction({ ...ctx, ...nobody }, (tx) => endSignInAttempt(tx, attemptId, false));
    return null;
  }
  const userContext: ServiceContext = {
    ...ctx,
    organisationId: found.organisationId,
    tenantId: null,
    actor: { kind: "user", userId: found.userId, name: found.name, role: "auditor" },
  };
  const sessionId = newId(ctx.now());
  await withTransaction(userContext, async (tx) => {
    const now = ctx.now();
    await endSignInAttempt(tx, attemptId, isRight);
    if (isRight)
      await tx.insert(sessions).values({
        id: sessionId,
        organisationId: found.organisationId,
        userId: found.userId,
        sessionVersion: found.sessionVersion,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: new Date(now.getTime() + sessionLifetimeMs),
        ipAddress,
        userAgent,
      });
    await recordAudit(tx, userContext, {
      organisationId: found.organisationId,
      tenantId: null,
      action: isRight ? "sign-in" : "fail-sign-in",
      subject: { kind: "user", id: found.userId, name: found.name },
      after: { ipAddress, userAgent },
    });
  });
  if (!isRight) return null;
  const { userId, organisationId, sessionVersion, name } = found;
  return { userId, organisationId, sessionId, sessionVersion, name };
}

async function findCredentials(ctx: AnonymousContext, email: string) {
  const { rows } = await ctx.database.query.execute<{
    user_id: string;
    organisation_id: string;
    name: string;
    password_hash: string;
    session_version: number;
  }>(sql`select * from find_credentials(${email})`);
  const row = rows[0];
  return row === undefined
    ? undefined
    : {
        userId: row.user_id,
        organisationId: row.organisation_id,
        name: row.name,
        passwordHash: row.password_hash,
        sessionVersion: row.session_version,
      };
}

/** An unknown address takes the same steps in an organisation that nobody has. */
const nobody = {
  organisationId: "00000000-0000-0000-0000-000000000000",
  tenantId: null,
  actor: { kind: "system", name: "sign-in" },
} as const;

let hashMade: Promise<string> | undefined;

/** A hash to compare with when the address is unknown, made once. */
function hashOfNobody(): Promise<string> {
  hashMade ??= hashPassword("a password that nobody has");
  return hashMade;
}
