import type { CertificateSubject } from "@mailstead/core/certificates";
import { acmeOrders, certificateKeys, certificates, domains, servers, type Transaction } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";

/** A certificate with all that decides its next move, as it is stored. Null when it is gone. */
export async function readCertificate(tx: Transaction, certificateId: string) {
  const [row] = await tx
    .select({
      certificate: certificates,
      server: {
        id: servers.id,
        name: servers.name,
        hostname: servers.hostname,
        facts: servers.facts,
        installRequestedAt: servers.installRequestedAt,
        appliedRevision: servers.appliedRevision,
      },
      domainName: domains.name,
    })
    .from(certificates)
    .innerJoin(servers, eq(servers.id, certificates.serverId))
    .leftJoin(domains, eq(domains.id, certificates.domainId))
    .where(eq(certificates.id, certificateId));
  if (row === undefined) return null;
  const keys = await tx
    .select()
    .from(certificateKeys)
    .where(eq(certificateKeys.certificateId, certificateId));
  const [order] = await tx
    .select()
    .from(acmeOrders)
    .where(and(eq(acmeOrders.certificateId, certificateId), isNull(acmeOrders.endedAt)));
  return { ...row, keys: new Map(keys.map((key) => [key.id, key])), order: order ?? null };
}

export type CertificateRow = NonNullable<Awaited<ReturnType<typeof readCertificate>>>;

/** What a certificate is for, as core speaks of it. */
export function subjectOf({ certificate, server, domainName }: CertificateRow): CertificateSubject {
  return domainName === null
    ? { kind: "host", hostname: server.hostname }
    : {
        kind: "domain",
        domain: domainName,
        hostname: server.hostname,
        isWildcard: certificate.isWildcard,
      };
}

/** For a person: the domain, or the server's own name. */
export function titleOf({ server, domainName }: Pick<CertificateRow, "server" | "domainName">): string {
  return domainName ?? server.hostname;
}
