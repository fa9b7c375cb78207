import { knownAuthority } from "@mailstead/core/certificates";
import { acmeSettings, organisations } from "@mailstead/db";
import { eq } from "drizzle-orm";
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
import { directoryUrlSchema, lockSettings, wakeFailing } from "./change-authority.ts";
import { readAuthority } from "./get-authority.ts";

const acceptTermsInput = z.object({
  directoryUrl: directoryUrlSchema,
  /** Where the person read them; null when the authority names no place. */
  termsUrl: z.string().max(2000).nullable(),
});

/**
 * Accepts the terms of the chosen authority for the organisation, and keeps where they stood; from then on certificates
 * are ordered. Only an owner binds the organisation. Throws `conflict` when another authority was chosen or its terms have
 * changed meanwhile.
 */
export async function acceptTerms(
  ctx: ServiceContext,
  input: z.input<typeof acceptTermsInput>,
): Promise<void> {
  requireRole(ctx, "owner");
  requireOrganisationScope(ctx);
  const wanted = parseInput(acceptTermsInput, input);
  const { organisationId } = ctx;
  await withTransaction(ctx, async (tx) => {
    await lockSettings(tx, organisationId);
    const { directoryUrl: chosen, contact, termsUrl } = await readAuthority(tx, organisationId);
    if (chosen !== wanted.directoryUrl)
      throw new ServiceError(
        "conflict",
        "Another certificate authority was chosen meanwhile. Load the page again, and read its terms.",
      );
    const shown = termsUrl ?? knownAuthority(chosen)?.termsUrl ?? null;
    if (shown !== wanted.termsUrl)
      throw new ServiceError(
        "conflict",
        "The authority has published other terms meanwhile. Load the page again, and read them.",
      );
    const said = {
      termsAgreedAt: ctx.now(),
      termsAgreedBy: ctx.actor.name,
      // What is known by name is where all versions stand, so that the first reading of the directory says which it was.
      termsAgreedUrl: termsUrl,
      changedAt: ctx.now(),
    };
    await tx
      .insert(acmeSettings)
      .values({ organisationId, directoryUrl: chosen, contact, ...said })
      .onConflictDoUpdate({ target: acmeSettings.organisationId, set: said });
    await wakeFailing(tx, ctx.now());
    const [organisation] = await tx
      .select({ name: organisations.name })
      .from(organisations)
      .where(eq(organisations.id, organisationId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId: null,
      action: "accept-certificate-terms",
      subject: { kind: "organisation", id: organisationId, name: organisation?.name ?? "" },
      after: { directoryUrl: chosen, termsUrl: shown },
    });
  });
}
