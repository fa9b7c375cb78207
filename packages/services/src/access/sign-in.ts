import { createHash } from "node:crypto";
import { signInEmailSchema } from "@mailstead/core/access";
import { newId, sessions } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  type AnonymousContext,
  parseInput,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";

const signInInput = z.object({
  email: z.string().max(500),
  // Longer than any password can be, so it only bounds what is hashed.
  password: z.string().max(1000),
  ipAddress: z.string().max(100),
  userAgent: z.string().transform((text) => text.slice(0, 400)),
});

const attemptWindowMs = 15 * 60_000;
const attemptsPerAddressMax = 10;
/** Many people of one office share an address of the Internet. */
const attemptsPerIpMax = 100;
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
 * an address cannot be probed. Throws `limit-reached` after too many attempts for the address or from the client.
 */
export async function signIn(
  ctx: AnonymousContext,
  input: z.input<typeof signInInput>,
): Promise<SignedIn | null> {
  const { password, ipAddress, userAgent, email: typed } = parseInput(signInInput, input);
  const email = signInEmailSchema.safeParse(typed).data ?? "";
  const emailSubject = subjectOf("email", typed.trim().toLowerCase());
  await countAttempt(ctx, { subject: subjectOf("ip", ipAddress), attemptsMax: attemptsPerIpMax });
  await countAttempt(ctx, { subject: emailSubject, attemptsMax: attemptsPerAddressMax });

  const found = await findCredentials(ctx, email);
  const isRight = await verifyPassword(password, found?.passwordHash ?? (await hashOfNobody()));
  if (found === undefined) return null;
  const userContext: ServiceContext = {
    ...ctx,
    organisationId: found.organisationId,
    tenantId: null,
    actor: { kind: "user", userId: found.userId, name: found.name, role: "auditor" },
  };
  const sessionId = newId(ctx.now());
  await withTransaction(userContext, async (tx) => {
    const now = ctx.now();
    if (isRight) {
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
      await tx.execute(sql`select forget_sign_in_attempts(${emailSubject})`);
    }
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

async function countAttempt(
  ctx: AnonymousContext,
  { subject, attemptsMax }: { subject: string; attemptsMax: number },
): Promise<void> {
  const now = ctx.now();
  const windowStart = new Date(now.getTime() - attemptWindowMs);
  const { rows } = await ctx.database.query.execute<{ attempts: number }>(
    sql`select count_sign_in_attempt(${subject}, ${now}, ${windowStart}) as attempts`,
  );
  if ((rows[0]?.attempts ?? 0) > attemptsMax)
    throw new ServiceError(
      "limit-reached",
      `Too many sign-in attempts. Try again in ${attemptWindowMs / 60_000} minutes.`,
      { retryAfterMs: attemptWindowMs },
    );
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

function subjectOf(kind: "email" | "ip", text: string): string {
  return createHash("sha256").update(`${kind}\n${text}`).digest("hex");
}

let nobody: Promise<string> | undefined;

/** A hash to compare with when the address is unknown, made once. */
function hashOfNobody(): Promise<string> {
  nobody ??= hashPassword("a password that nobody has");
  return nobody;
}
