import { letsEncrypt } from "@mailstead/core/certificates";
import { acmeSettings, organisations } from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import type { SecretOpener } from "../secrets/index.ts";
import type { ExternalAccount } from "./acme/account-key.ts";
import { AcmeError } from "./acme/acme-error.ts";

/** How certificates are got while nobody has chosen on the screen: what the worker's environment says. */
export interface AcmeDefaults {
  directoryUrl: string;
  /** Certificates in PEM by which a private CA's own server is trusted; empty for a public CA. */
  trusted: readonly string[];
  /** Mail address that the CA may write to; "" gives it none. */
  contact: string;
  /** Whether the CA's terms are accepted; nothing is asked for before. */
  areTermsAgreed: boolean;
}

/** How an organisation gets its certificates. */
export interface AcmeSettings extends AcmeDefaults {
  /** Name of the external account binding; null for a CA that takes everybody. */
  eabKeyId: string | null;
  /** Opens the binding. Throws AcmeError `not-ready` when this worker cannot. */
  openExternalAccount(): ExternalAccount | null;
}

export const defaultDirectoryUrl = letsEncrypt.directoryUrl;

/** What the key of an external account binding is sealed for. */
export function externalAccountPurpose(organisationId: string): string {
  return `acme-external-account\n${organisationId}`;
}

/** What is known of a directory that nobody has read yet. */
export const unreadDirectory = {
  termsUrl: null,
  termsAgreedUrl: null,
  directoryReadAt: null,
  directoryProblem: null,
  directoryAttempts: 0,
  nextDirectoryLookAt: null,
} as const;

/** Brings what the worker's environment says to every organisation in which nobody has chosen on the screen yet. */
export async function followEnvironment(ctx: SystemContext, defaults: AcmeDefaults): Promise<void> {
  const { directoryUrl, contact } = defaults;
  const rootCertificates = defaults.trusted.length === 0 ? null : defaults.trusted.join("\n");
  const termsAgreedBy = defaults.areTermsAgreed ? "ACME_TERMS_AGREED" : null;
  const termsAgreedAt = defaults.areTermsAgreed ? ctx.now() : null;
  await withSystemTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({ organisationId: organisations.id })
      .from(organisations)
      .leftJoin(acmeSettings, eq(acmeSettings.organisationId, organisations.id))
      .where(
        sql`${acmeSettings.organisationId} is null or (${acmeSettings.changedAt} is null
          and (${acmeSettings.directoryUrl}, ${acmeSettings.contact}, ${acmeSettings.rootCertificates}, ${acmeSettings.termsAgreedBy})
            is distinct from (${directoryUrl}::text, ${contact}::text, ${rootCertificates}::text, ${termsAgreedBy}::text))`,
      );
    const said = {
      directoryUrl,
      contact,
      rootCertificates,
      termsAgreedAt,
      termsAgreedBy,
      ...unreadDirectory,
    };
    for (const { organisationId } of rows)
      await tx
        .insert(acmeSettings)
        .values({ organisationId, ...said })
        .onConflictDoUpdate({
          target: acmeSettings.organisationId,
          set: said,
          // Somebody chose in this very moment.
          setWhere: sql`${acmeSettings.changedAt} is null`,
        });
  });
}

/** The settings of an organisation, as the worker needs them. */
export async function readAcmeSettings(
  ctx: SystemContext,
  { organisationId, opener }: { organisationId: string; opener: SecretOpener },
): Promise<AcmeSettings> {
  const [row] = await withSystemTransaction(ctx, (tx) =>
    tx.select().from(acmeSettings).where(eq(acmeSettings.organisationId, organisationId)),
  );
  const { eabKeyId = null, eabBox = null } = row ?? {};
  return {
    directoryUrl: row?.directoryUrl ?? defaultDirectoryUrl,
    trusted: row?.rootCertificates ? [row.rootCertificates] : [],
    contact: row?.contact ?? "",
    areTermsAgreed: (row?.termsAgreedAt ?? null) !== null,
    eabKeyId,
    openExternalAccount() {
      if (eabKeyId === null || eabBox === null) return null;
      try {
        return { keyId: eabKeyId, key: opener.open(externalAccountPurpose(organisationId), eabBox) };
      } catch (cause) {
        throw new AcmeError(
          {
            kind: "not-ready",
            detail:
              "The key of the external account binding cannot be opened, because the signing key has changed since; enter it again under Settings, Certificate authority",
            isPermanent: true,
          },
          { cause },
        );
      }
    },
  };
}
