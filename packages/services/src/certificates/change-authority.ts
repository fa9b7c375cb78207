import { X509Certificate } from "node:crypto";
import { isDirectoryUrl } from "@mailstead/core/certificates";
import { acmeSettings, certificates, organisations, type Transaction } from "@mailstead/db";
import { eq, isNotNull } from "drizzle-orm";
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
import { externalAccountPurpose, unreadDirectory } from "./acme-settings.ts";
import { readAuthority } from "./get-authority.ts";

const directoryRule = "The ACME directory must be the https:// address that the authority names for it.";
/** An address that may be a CA's directory. */
export const directoryUrlSchema = z
  .string()
  .trim()
  .refine((text) => isDirectoryUrl(text) && URL.canParse(text), directoryRule);
const pemMaxLength = 64_000;

const changeAuthorityInput = z.object({
  directoryUrl: directoryUrlSchema,
  /** PEM by which a private authority's own server is trusted; "" for a public one. */
  rootCertificates: z
    .string()
    .trim()
    .max(pemMaxLength)
    .refine(isPem, "The root certificate must be one or more certificates in PEM, each from BEGIN to END.")
    .default(""),
  contact: z
    .union([z.email("The contact must be one mail address, or be left empty."), z.literal("")])
    .default(""),
  /** For an authority that takes only people whom it knows (RFC 8555 §7.3.4). */
  externalAccount: z
    .object({
      keyId: z
        .string()
        .trim()
        .min(1, "Enter the key id of the external account that belongs to this HMAC key.")
        .max(500),
      /** HMAC key, base64url; left out to keep the one that is stored for this key id. */
      key: z
        .string()
        .trim()
        .regex(/^[\w-]{16,1000}$/, "The HMAC key must stand as the authority gives it, in base64url.")
        .optional(),
    })
    .nullable()
    .default(null),
  isAutomatic: z.boolean().default(true),
});

/**
 * Chooses who issues the organisation's certificates, and whether they are ordered without a person. Another directory has
 * other terms, which its owner accepts by `acceptTerms`. The key of an external account is sealed for the worker; nobody
 * sees it again. Throws `invalid` when a new key id comes without its key.
 */
export async function changeAuthority(
  ctx: ServiceContext,
  input: z.input<typeof changeAuthorityInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  requireOrganisationScope(ctx);
  const wanted = parseInput(changeAuthorityInput, input);
  const { organisationId } = ctx;
  await withTransaction(ctx, async (tx) => {
    await lockSettings(tx, organisationId);
    const before = await readAuthority(tx, organisationId);
    // What listens on the control plane's own machine is for whoever runs that to name, by the worker's environment.
    if (!wanted.directoryUrl.startsWith("https://") && wanted.directoryUrl !== before.directoryUrl)
      throw new ServiceError("invalid", directoryRule, { field: "directoryUrl" });
    const { externalAccount, isAutomatic, contact } = wanted;
    const rootCertificates = wanted.rootCertificates === "" ? null : wanted.rootCertificates;
    const hasOtherTerms = wanted.directoryUrl !== before.directoryUrl;
    const said = {
      directoryUrl: wanted.directoryUrl,
      rootCertificates,
      contact,
      isAutomatic,
      changedAt: ctx.now(),
      ...(hasOtherTerms
        ? { ...unreadDirectory, termsAgreedAt: null, termsAgreedBy: null }
        : { nextDirectoryLookAt: null }),
      ...(await externalAccountOf(tx, { ctx, externalAccount, knownKeyId: before.eabKeyId })),
    };
    await tx
      .insert(acmeSettings)
      .values({ organisationId, ...said })
      .onConflictDoUpdate({ target: acmeSettings.organisationId, set: said });
    // What another authority says of a certificate means nothing to this one.
    if (hasOtherTerms)
      await tx.update(certificates).set({ windowStart: null, windowEnd: null, windowCheckAt: null });
    await wakeFailing(tx, ctx.now());
    const [organisation] = await tx
      .select({ name: organisations.name })
      .from(organisations)
      .where(eq(organisations.id, organisationId));
    const { directoryUrl: formerUrl, contact: formerContact, eabKeyId, isAutomatic: wasAutomatic } = before;
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId: null,
      action: "change-certificate-authority",
      subject: { kind: "organisation", id: organisationId, name: organisation?.name ?? "" },
      before: { directoryUrl: formerUrl, contact: formerContact, eabKeyId, isAutomatic: wasAutomatic },
      after: {
        directoryUrl: wanted.directoryUrl,
        contact,
        eabKeyId: externalAccount?.keyId ?? null,
        isAutomatic,
      },
    });
  });
}

/** Lets nobody else choose or accept in the same moment. */
export async function lockSettings(tx: Transaction, organisationId: string): Promise<void> {
  await tx
    .select({ id: acmeSettings.organisationId })
    .from(acmeSettings)
    .where(eq(acmeSettings.organisationId, organisationId))
    .for("update");
}

/** Whatever waited for a person is looked at again at once. */
export async function wakeFailing(tx: Transaction, now: Date): Promise<void> {
  await tx.update(certificates).set({ nextAttemptAt: now }).where(isNotNull(certificates.problem));
}

async function externalAccountOf(
  tx: Transaction,
  {
    ctx,
    externalAccount,
    knownKeyId,
  }: {
    ctx: ServiceContext;
    externalAccount: { keyId: string; key?: string | undefined } | null;
    knownKeyId: string | null;
  },
): Promise<{ eabKeyId?: string | null; eabBox?: string | null }> {
  if (externalAccount === null) return { eabKeyId: null, eabBox: null };
  const { keyId, key } = externalAccount;
  if (key === undefined && keyId === knownKeyId) return {};
  if (key === undefined)
    throw new ServiceError("invalid", "Enter the HMAC key that belongs to this key id.", {
      field: "externalAccount.key",
    });
  const purpose = externalAccountPurpose(ctx.organisationId);
  return { eabKeyId: keyId, eabBox: await sealForWorker(tx, { purpose, text: key }) };
}

function isPem(text: string): boolean {
  if (text === "") return true;
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch {
    return false;
  }
  return blocks.length > 0;
}
