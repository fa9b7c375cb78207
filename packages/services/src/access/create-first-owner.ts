import { passwordProblem, passwordSchema, signInEmailSchema } from "@mailstead/core/access";
import { newId } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  type AnonymousContext,
  asConflict,
  parseInput,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { hashPassword } from "./password-hash.ts";
import { hashToken } from "./token-hash.ts";

const personNameSchema = z
  .string()
  .trim()
  .min(1, "a name is missing")
  .max(200, "a name has at most 200 characters");

const createFirstOwnerInput = z.object({
  token: z.string().min(1).max(200),
  organisationName: personNameSchema,
  name: personNameSchema,
  email: signInEmailSchema,
  password: passwordSchema,
});

/**
 * Makes an organisation and its owner with a one-time link. Throws `forbidden` when the link was used, has expired
 * or never was one; `conflict` when the address is taken.
 */
export async function createFirstOwner(
  ctx: AnonymousContext,
  input: z.input<typeof createFirstOwnerInput>,
): Promise<{ organisationId: string; userId: string }> {
  const { token, organisationName, name, email, password } = parseInput(createFirstOwnerInput, input);
  const problem = passwordProblem(password, email);
  if (problem !== null) throw new ServiceError("invalid", `${capital(problem)}.`, { field: "password" });
  const passwordHash = await hashPassword(password);
  const now = ctx.now();
  const [organisationId, userId, membershipId] = [newId(now), newId(now), newId(now)];
  const ownContext = {
    ...ctx,
    organisationId,
    tenantId: null,
    actor: { kind: "user" as const, userId, name, role: "owner" as const },
  };
  await withTransaction(ownContext, async (tx) => {
    const { rows } = await tx.execute<{
      made: boolean;
    }>(sql`select create_first_owner(${hashToken(token)}, ${now},
      ${organisationId}, ${organisationName}, ${userId}, ${name}, ${email}, ${passwordHash}, ${membershipId}) as made`);
    if (rows[0]?.made !== true)
      throw new ServiceError(
        "forbidden",
        "This link has been used or has expired. Start Mailstead again to get a new one.",
      );
    await recordAudit(tx, ownContext, {
      organisationId,
      tenantId: null,
      action: "create-first-owner",
      subject: { kind: "organisation", id: organisationId, name: organisationName },
      after: { name, email },
    });
  }).catch((error: unknown) => {
    const sentence = `The address ${email} has an account already.`;
    throw asConflict(error, { index: "users_email_key", sentence, field: "email" });
  });
  return { organisationId, userId };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
