import { domainServers, domains, servers, type Transaction } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { wantCertificate } from "./want-certificate.ts";

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
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx.select().from(servers).where(eq(servers.id, serverId)).for("update");
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    if (server.installRequestedAt === null)
      throw new ServiceError(
        "precondition-failed",
        `${server.name} is not installed yet; a certificate is for a server that answers.`,
      );
    const domain = domainId === null ? null : await findDomainOn(tx, { domainId, serverId });
    return await wantCertificate(tx, ctx, { server, domain, challenge, isWildcard });
  });
}

async function findDomainOn(
  tx: Transaction,
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
