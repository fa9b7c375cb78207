import { candidateNames } from "@mailstead/core/certificates";
import {
  acmeOrders,
  type ChallengeKind,
  certificateKeys,
  certificateLooks,
  certificates,
  newId,
  type Transaction,
} from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import type { ServiceContext } from "../context/index.ts";
import { tellHost } from "./target-certificates.ts";

export interface WantedCertificate {
  server: { id: string; organisationId: string; tenantId: string; name: string; hostname: string };
  /** Null for the server's own name. */
  domain: { id: string; name: string } | null;
  challenge: ChallengeKind;
  isWildcard: boolean;
}

/**
 * Notes that a certificate is wanted, or that the one that there is is wanted anew; the worker gets it. The server's row
 * must be locked, so that two never want the same one at once.
 */
export async function wantCertificate(
  tx: Transaction,
  ctx: ServiceContext,
  { server, domain, challenge, isWildcard }: WantedCertificate,
): Promise<{ certificateId: string }> {
  const now = ctx.now();
  const { id: serverId, organisationId, tenantId } = server;
  const own = and(
    eq(certificates.serverId, serverId),
    domain === null ? isNull(certificates.domainId) : eq(certificates.domainId, domain.id),
  );
  const [known] = await tx
    .select({ id: certificates.id, challenge: certificates.challenge })
    .from(certificates)
    .where(own);
  const certificateId = known?.id ?? newId(now);
  const asked = { challenge, isWildcard, requestedAt: now, nextAttemptAt: now };
  if (known !== undefined) {
    await tx.update(certificates).set(asked).where(own);
    // An order that was begun by the other way has not made sure that this one leads anywhere, and the CA counts refusals.
    if (known.challenge !== challenge)
      await tx
        .update(acmeOrders)
        .set({ endedAt: now, outcome: "failed" })
        .where(and(eq(acmeOrders.certificateId, certificateId), isNull(acmeOrders.endedAt)));
  } else {
    const keyId = newId(now);
    const { hostname } = server;
    const names = candidateNames(
      domain === null
        ? { kind: "host", hostname }
        : { kind: "domain", domain: domain.name, hostname, isWildcard },
    );
    const row = { organisationId, tenantId, serverId, names, createdAt: now };
    await tx
      .insert(certificates)
      .values({ ...row, ...asked, id: certificateId, domainId: domain?.id ?? null, keyId });
    await tx.insert(certificateKeys).values({ ...row, id: keyId, certificateId });
    await tellHost(tx, ctx, { serverId, summary: `Certificate wanted for ${domain?.name ?? hostname}` });
  }
  if (domain !== null)
    await tx
      .delete(certificateLooks)
      .where(and(eq(certificateLooks.domainId, domain.id), eq(certificateLooks.serverId, serverId)));
  await recordAudit(tx, ctx, {
    organisationId,
    tenantId,
    action: "request-certificate",
    subject:
      domain === null
        ? { kind: "server", id: serverId, name: server.name }
        : { kind: "domain", id: domain.id, name: domain.name },
    after: { server: server.name, challenge, isWildcard },
  });
  return { certificateId };
}
