import { knownAuthority, type TermsStanding, termsStanding } from "@mailstead/core/certificates";
import { acmeSettings, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { defaultDirectoryUrl } from "./acme-settings.ts";

export type Authority = Awaited<ReturnType<typeof readAuthority>>;

export interface AuthorityView extends Authority {
  /** As people know it; the host of its directory when we do not know it by name. */
  name: string;
  /** Where its terms are read; null when its directory was not read yet, or names no place and we know none. */
  termsUrl: string | null;
  terms: TermsStanding;
}

/** Who issues the organisation's certificates, and whether its terms are accepted. Holds no secret. */
export async function getAuthority(ctx: ServiceContext): Promise<AuthorityView> {
  const authority = await findAuthority(ctx);
  const { directoryUrl } = authority;
  const known = knownAuthority(directoryUrl);
  return {
    ...authority,
    name: known?.name ?? new URL(directoryUrl).host,
    termsUrl: authority.termsUrl ?? known?.termsUrl ?? null,
    terms: standingOf(authority),
  };
}

/** How the organisation stands to the terms of its authority. */
export function standingOf({ termsAgreedAt, termsAgreedUrl, termsUrl }: Authority): TermsStanding {
  return termsStanding({ agreedAt: termsAgreedAt, agreedUrl: termsAgreedUrl, termsUrl });
}

/** The settings for whoever belongs to the organisation, also for the people of one customer. */
export function findAuthority(ctx: ServiceContext): Promise<Authority> {
  return withTransaction({ ...ctx, tenantId: null }, (tx) => readAuthority(tx, ctx.organisationId));
}

/** The settings as the web may read them; what a new organisation begins with when there are none yet. */
export async function readAuthority(tx: Transaction, organisationId: string) {
  const [row] = await tx
    .select({
      directoryUrl: acmeSettings.directoryUrl,
      rootCertificates: acmeSettings.rootCertificates,
      contact: acmeSettings.contact,
      eabKeyId: acmeSettings.eabKeyId,
      termsAgreedAt: acmeSettings.termsAgreedAt,
      termsAgreedBy: acmeSettings.termsAgreedBy,
      termsAgreedUrl: acmeSettings.termsAgreedUrl,
      termsUrl: acmeSettings.termsUrl,
      directoryReadAt: acmeSettings.directoryReadAt,
      directoryProblem: acmeSettings.directoryProblem,
      isAutomatic: acmeSettings.isAutomatic,
    })
    .from(acmeSettings)
    .where(eq(acmeSettings.organisationId, organisationId));
  return (
    row ?? {
      directoryUrl: defaultDirectoryUrl,
      rootCertificates: null,
      contact: "",
      eabKeyId: null,
      termsAgreedAt: null,
      termsAgreedBy: null,
      termsAgreedUrl: null,
      termsUrl: null,
      directoryReadAt: null,
      directoryProblem: null,
      isAutomatic: true,
    }
  );
}
