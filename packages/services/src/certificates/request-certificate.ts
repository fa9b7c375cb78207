import { candidateNames } from "@mailstead/core/certificates";
import { certificateKeys, certificates, domainServers, domains, newId, servers } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { tellHost } from "./target-certificates.ts";

const requestInput = z
  .object({
    serverId: z.uuid(),
    /** Left out for the certificate of the server's own name. */
    domainId: z.uuid().optional(),
    /** How it is proven that the names are ours; a wildcard only by the DNS (RFC 8555 §7.1.3). */
    challenge: z.enum(["http-01", "dns-01"]).default("http-01"),
    isWildcard: z.boolean().default(false),
  })
  .refine(({ challenge, isWildcard }) => !isWildcard || challenge === "dns-01", {
    message: "A wildcard is proven in the DNS; choose DNS-01.",
    path: ["challenge"],
  })
  .refine(({ domainId, isWildcard }) => !isWildcard || domainId !== undefined, {
    message: "The certificate of a server is for its own name, not for a wildcard.",
    path: ["isWildcard"],
  });

/**
 * Wants a certificate for a server's name or for a mail domain on it, or wants the one that there is anew. The worker
 * gets it from the CA and renews it from then on. Throws `not-found`, and `precondition-failed` before the server is
 * installed.
 */
export async function requestCertificate(
  ctx: ServiceContext,
  input: z.input<typeof requestInput>,
): Promise<{ certificateId: string }> {
  requireRole(ctx, "technician");
  const wanted = parseInput(requestInput, input);
  const { serverId, domainId = null, challenge, isWildcard } = wanted;
  const now = ctx.now();
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx.select().from(servers).where(eq(servers.id, serverId)).for("update");
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    if (server.installRequestedAt === null)
      throw new ServiceError(
        "precondition-failed",
        `${server.name} is not installed yet; a certificate is for a server that answers.`,
      );
    const domain = domainId === null ? null : await findDomainOn(tx, { domainId, serverId });
    const { organisationId, tenantId } = server;
    const own = and(
      eq(certificates.serverId, serverId),
      domainId === null ? isNull(certificates.domainId) : eq(certificates.domainId, domainId),
    );
    const [known] = await tx.select({ id: certificates.id }).from(certificates).where(own);
    const certificateId = known?.id ?? newId(now);
    const asked = { challenge, isWildcard, requestedAt: now, nextAttemptAt: now };
    if (known !== undefined) await tx.update(certificates).set(asked).where(own);
    else {
      const keyId = newId(now);
      const subject =
        domain === null
          ? ({ kind: "host", hostname: server.hostname } as const)
          : ({ kind: "domain", domain: domain.name, hostname: server.hostname, isWildcard } as const);
      const names = candidateNames(subject);
      const row = { organisationId, tenantId, serverId, names, createdAt: now };
      await tx.insert(certificates).values({ ...row, ...asked, id: certificateId, domainId, keyId });
      await tx.insert(certificateKeys).values({ ...row, id: keyId, certificateId });
      await tellHost(tx, ctx, {
        serverId,
        summary: `Certificate wanted for ${domain?.name ?? server.hostname}`,
      });
    }
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
  });
}

async function findDomainOn(
  tx: Parameters<Parameters<typeof withTransaction>[1]>[0],
  { domainId, serverId }: { domainId: string; serverId: string },
): Promise<{ id: string; name: string }> {
  const [domain] = await tx
    .select({ id: domains.id, name: domains.name })
    .from(domains)
    .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
    .where(and(eq(domains.id, domainId), eq(domainServers.serverId, serverId)));
  if (domain === undefined) throw new ServiceError("not-found", "There is no such domain on this server.");
  return domain;
}
