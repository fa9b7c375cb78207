import { users } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";

const changeDigestWishInput = z.object({ isWanted: z.boolean() });

export interface DigestWish {
  isWanted: boolean;
  /** False when this installation was given no way to send mail. */
  canSend: boolean;
}

/** Whether the person who asks gets the daily mail of what changed, and whether any is sent. */
export async function getDigestWish(ctx: ServiceContext): Promise<DigestWish> {
  const { userId } = person(ctx);
  const [row] = await withTransaction({ ...ctx, tenantId: null }, (tx) =>
    tx.select({ isWanted: users.wantsCheckDigest }).from(users).where(eq(users.id, userId)),
  );
  return { isWanted: row?.isWanted ?? false, canSend: ctx.installation.sendsMail };
}

/** Turns the daily mail of what changed on or off for the person who asks. */
export async function changeDigestWish(
  ctx: ServiceContext,
  input: z.input<typeof changeDigestWishInput>,
): Promise<void> {
  const { isWanted } = parseInput(changeDigestWishInput, input);
  const { userId, name } = person(ctx);
  await withTransaction({ ...ctx, tenantId: null }, async (tx) => {
    await tx.update(users).set({ wantsCheckDigest: isWanted }).where(eq(users.id, userId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "change-digest-wish",
      subject: { kind: "user", id: userId, name },
      after: { isWanted },
    });
  });
}

function person(ctx: ServiceContext): { userId: string; name: string } {
  if (ctx.actor.kind !== "user") throw new ServiceError("forbidden", "Only a person gets mail.");
  return ctx.actor;
}
