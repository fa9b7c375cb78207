import { spamhausKeySchema } from "@mailstead/core/servers";
import { blockListSettings, organisations } from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireOrganisationScope,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { sealForWorker } from "../secrets/index.ts";

const changeInput = z.object({
  spamhaus: z.enum(["none", "public", "key"]),
  /** Left out to keep the key that is stored. */
  key: spamhausKeySchema.optional(),
});

export interface BlockListSettings {
  readonly spamhaus: "none" | "public" | "key";
  readonly changedAt: Date | null;
}

/**
 * How the organisation's hosts ask Spamhaus about themselves; null for who sees one customer only. The key itself is never
 * given out.
 */
export async function getBlockListSettings(ctx: ServiceContext): Promise<BlockListSettings | null> {
  if (ctx.tenantId !== null) return null;
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ spamhaus: blockListSettings.spamhaus, changedAt: blockListSettings.changedAt })
      .from(blockListSettings);
    return row ?? { spamhaus: "none", changedAt: null };
  });
}

/**
 * Says how hosts ask Spamhaus: not at all, by its public mirrors, or with the organisation's key. The key is sealed for the
 * worker, which seals it for each host; nobody sees it again. Throws `invalid` for a key that was never given.
 */
export async function changeBlockListSettings(
  ctx: ServiceContext,
  input: z.input<typeof changeInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  requireOrganisationScope(ctx);
  const { spamhaus, key } = parseInput(changeInput, input);
  const { organisationId } = ctx;
  await withTransaction(ctx, async (tx) => {
    // Two people who change this at once come one after the other.
    const [organisation] = await tx
      .select({ name: organisations.name })
      .from(organisations)
      .where(eq(organisations.id, organisationId))
      .for("no key update");
    const [before] = await tx
      .select({ spamhaus: blockListSettings.spamhaus, box: blockListSettings.box })
      .from(blockListSettings);
    if (spamhaus === "key" && key === undefined && before?.box == null)
      throw new ServiceError("invalid", "Enter the key that Spamhaus gave you.", { field: "key" });
    if (before?.spamhaus === spamhaus && key === undefined) return;
    const box =
      spamhaus !== "key"
        ? null
        : key === undefined
          ? (before?.box ?? null)
          : await sealForWorker(tx, { purpose: spamhausKeyPurpose(organisationId), text: key });
    await tx
      .insert(blockListSettings)
      .values({ organisationId, spamhaus, box, version: 1, changedAt: ctx.now() })
      .onConflictDoUpdate({
        target: blockListSettings.organisationId,
        set: { spamhaus, box, changedAt: ctx.now(), version: sql`${blockListSettings.version} + 1` },
      });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId: null,
      action: "change-block-list-settings",
      subject: { kind: "organisation", id: organisationId, name: organisation?.name ?? "" },
      before: { spamhaus: before?.spamhaus ?? "none" },
      after: { spamhaus, hasNewKey: key !== undefined },
    });
  });
}

/** What the box was sealed for; another organisation's does not open with it. */
export function spamhausKeyPurpose(organisationId: string): string {
  return `spamhaus-key\n${organisationId}`;
}
