import { passwordProblem, passwordSchema } from "@mailstead/core/access";
import { sessions, users } from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { person } from "./manage-sessions.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";

const changePasswordInput = z.object({
  sessionId: z.uuid(),
  currentPassword: z.string().max(1000),
  newPassword: passwordSchema,
});

/** Sets a new password and ends all sessions but `sessionId`. Throws `forbidden` when the current one is wrong. */
export async function changePassword(
  ctx: ServiceContext,
  input: z.input<typeof changePasswordInput>,
): Promise<void> {
  const { sessionId, currentPassword, newPassword } = parseInput(changePasswordInput, input);
  const { userId, name } = person(ctx);
  await withTransaction({ ...ctx, tenantId: null }, async (tx) => {
    const [user] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId));
    if (user === undefined) throw new ServiceError("not-found", "There is no such account.");
    const problem = passwordProblem(newPassword, user.email);
    if (problem !== null)
      throw new ServiceError("invalid", `New password: ${problem}.`, { field: "newPassword" });
    const { rows } = await tx.execute<{ password_hash: string }>(
      sql`select password_hash from find_credentials(${user.email})`,
    );
    if (!(await verifyPassword(currentPassword, rows[0]?.password_hash ?? "")))
      throw new ServiceError("forbidden", "The current password is not right.", { field: "currentPassword" });
    const [changed] = await tx
      .update(users)
      .set({
        passwordHash: await hashPassword(newPassword),
        sessionVersion: sql`${users.sessionVersion} + 1`,
      })
      .where(eq(users.id, userId))
      .returning({ sessionVersion: users.sessionVersion });
    if (changed !== undefined)
      await tx
        .update(sessions)
        .set({ sessionVersion: changed.sessionVersion })
        .where(eq(sessions.id, sessionId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "change-password",
      subject: { kind: "user", id: userId, name },
    });
  });
}
