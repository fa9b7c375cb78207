import { abusixKeySchema, spamhausKeySchema } from "@mailstead/core/servers";
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
  /** Left out to leave Abusix as it is. */
  abusix: z.enum(["none", "key"]).optional(),
  abusixKey: abusixKeySchema.optional(),
});

export interface BlockListSettings {
  readonly spamhaus: "none" | "public" | "key";
  readonly abusix: "none" | "key";
  readonly changedAt: Date | null;
}

/**
 * How the organisation's hosts ask Spamhaus and Abusix about themselves; null for who sees one customer only. The keys are
 * never given out.
 */
export async function getBlockListSettings(ctx: ServiceContext): Promise<BlockListSettings | null> {
  if (ctx.tenantId !== null) return null;
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({
        spamhaus: blockListSettings.spamhaus,
        abusix: sql<
          "none" | "key"
        >`case when ${blockListSettings.abusixBox} is null then 'none' else 'key' end`,
        changedAt: blockListSettings.changedAt,
      })
      .from(blockListSettings);
    return row ?? { spamhaus: "none", abusix: "none", changedAt: null };
  });
}

/**
 * Says how hosts ask Spamhaus: not at all, by its public mirrors, or with the organisation's key; and whether they ask Abusix,
 * with a key of its own. Keys are sealed for the worker, which seals them for each host; nobody sees them again. Throws
 * `invalid` for a key that was never given.
 */
export async function changeBlockListSettings(
  ctx: ServiceContext,
  input: z.input<typeof changeInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  requireOrganisationScope(ctx);
  const { spamhaus, key, abusixKey, ...asked } = parseInput(changeInput, input);
  const { organisationId } = ctx;
  await withTransaction(ctx, async (tx) => {
    // Two people who change this at once come one after the other.
    const [organisation] = await tx
      .select({ name: organisations.name })
      .from(organisations)
      .where(eq(organisations.id, organisationId))
      .for("no key update");
    const [before] = await tx
      .select({
        spamhaus: blockListSettings.spamhaus,
        box: blockListSettings.box,
        abusixBox: blockListSettings.abusixBox,
      })
      .from(blockListSettings);
    if (spamhaus === "key" && key === undefined && before?.box == null)
      throw new ServiceError("invalid", "Enter the key that Spamhaus gave you.", { field: "key" });
    const had = before?.abusixBox == null ? "none" : "key";
    const abusix = asked.abusix ?? had;
    if (abusix === "key" && abusixKey === undefined && had === "none")
      throw new ServiceError("invalid", "Enter the key that Abusix gave you.", { field: "abusixKey" });
    const hasNewKey = key !== undefined || (abusix === "key" && abusixKey !== undefined);
    if (before?.spamhaus === spamhaus && had === abusix && !hasNewKey) return;
    const abusixBox =
      abusix === "none"
        ? null
        : abusixKey === undefined
          ? (before?.abusixBox ?? null)
          : await sealForWorker(tx, { purpose: abusixKeyPurpose(organisationId), text: abusixKey });
    const box =
      spamhaus !== "key"
        ? null
        : key === undefined
          ? (before?.box ?? null)
          : await sealForWorker(tx, { purpose: spamhausKeyPurpose(organisationId), text: key });
    await tx
      .insert(blockListSettings)
      .values({ organisationId, spamhaus, box, abusixBox, version: 1, changedAt: ctx.now() })
      .onConflictDoUpdate({
        target: blockListSettings.organisationId,
        set: {
          spamhaus,
          box,
          abusixBox,
          changedAt: ctx.now(),
          version: sql`${blockListSettings.version} + 1`,
        },
      });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId: null,
      action: "change-block-list-settings",
      subject: { kind: "organisation", id: organisationId, name: organisation?.name ?? "" },
      before: { spamhaus: before?.spamhaus ?? "none", abusix: had },
      after: { spamhaus, abusix, hasNewKey },
    });
  });
}

/** What the box was sealed for; another organisation's does not open with it. */
export function spamhausKeyPurpose(organisationId: string): string {
  return `spamhaus-key\n${organisationId}`;
}

/** The same of the key of Abusix. */
export function abusixKeyPurpose(organisationId: string): string {
  return `abusix-key\n${organisationId}`;
}
