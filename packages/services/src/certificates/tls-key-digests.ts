import { certificateKeys, certificates, type Transaction } from "@mailstead/db";
import { and, eq, isNotNull } from "drizzle-orm";

/**
 * SHA-256, hex, of the public half of each key that a server's own certificate has, had until a moment ago, or is about
 * to have: one TLSA record "3 1 1" for each (RFC 7671 §8.4). Empty while its certificate is self-signed.
 */
export async function readTlsKeyDigests(tx: Transaction, serverId: string): Promise<string[]> {
  const rows = await tx
    .select({
      spkiSha256: certificateKeys.spkiSha256,
      keyId: certificateKeys.id,
      current: certificates.keyId,
      chain: certificates.chainVersion,
      retiring: certificates.retiringSpki,
      domainId: certificates.domainId,
    })
    .from(certificateKeys)
    .innerJoin(certificates, eq(certificates.id, certificateKeys.certificateId))
    .where(and(eq(certificateKeys.serverId, serverId), isNotNull(certificates.chain)));
  const own = rows.filter(({ domainId }) => domainId === null);
  const digests = own.toSorted((left) => (left.keyId === left.current ? -1 : 1)).map((row) => row.spkiSha256);
  return [...new Set([...digests, ...own.map(({ retiring }) => retiring)])].filter(
    (digest) => digest !== null,
  );
}
