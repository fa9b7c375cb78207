import type { CertificateConcern } from "@mailstead/core/certificates";
import { servers } from "@mailstead/db";
import { and, gt, isNotNull } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { findAuthority, getAuthority } from "./get-authority.ts";
import { concernOf, readCertificateRows } from "./list-certificates.ts";

export interface CertificateFinding {
  concern: CertificateConcern;
  certificateId: string;
  serverId: string;
  serverName: string;
  domainId: string | null;
  domainName: string | null;
  tenantName: string;
  /** In plain words; null when nothing is known but the date. */
  sentence: string | null;
}

const findingsMax = 50;

/**
 * The certificates that need somebody: they end soon, or their orders keep failing. While the terms of the CA are not
 * accepted every order fails for that reason, and `wantedTerms` says it once.
 */
export async function listCertificateFindings(ctx: ServiceContext): Promise<CertificateFinding[]> {
  const { termsAgreedAt } = await findAuthority(ctx);
  return withTransaction(ctx, async (tx) =>
    (await readCertificateRows(tx, undefined))
      .flatMap(({ certificate, server, domainName, tenantName }) => {
        const concern = concernOf(certificate, ctx.now());
        if (concern === null || (concern.code === "order-failing" && termsAgreedAt === null)) return [];
        return [
          {
            concern,
            certificateId: certificate.id,
            serverId: server.id,
            serverName: server.name,
            domainId: certificate.domainId,
            domainName,
            tenantName,
            sentence: certificate.problem,
          },
        ];
      })
      .slice(0, findingsMax),
  );
}

export interface TermsWanted {
  standing: "open" | "changed";
  authorityName: string;
}

/**
 * Whether the owner's word to the terms of the CA is wanted: servers stand ready and get no certificate because nobody has
 * accepted them, or they have changed since. Null when neither is so.
 */
export async function wantedTerms(ctx: ServiceContext): Promise<TermsWanted | null> {
  const { terms: standing, name: authorityName } = await getAuthority(ctx);
  if (standing === "accepted") return null;
  if (standing === "changed") return { standing, authorityName };
  return withTransaction(ctx, async (tx) => {
    const ready = await tx
      .select({ id: servers.id })
      .from(servers)
      .where(and(isNotNull(servers.installRequestedAt), gt(servers.appliedRevision, 0)))
      .limit(1);
    return ready.length > 0 ? { standing, authorityName } : null;
  });
}
