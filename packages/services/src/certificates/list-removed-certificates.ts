import { certificates, issuedCertificates, tenants } from "@mailstead/db";
import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { viewOfIssued } from "./issued-row.ts";

const shownMax = 500;

export type RemovedCertificate = Awaited<ReturnType<typeof listRemovedCertificates>>[number];

/**
 * Certificates of domains and servers that are gone, for as long as they are valid and so can be revoked. Whoever holds
 * their keys may still show them to the world. Those that end first stand first.
 */
export async function listRemovedCertificates(ctx: ServiceContext, _input: object = {}) {
  requireRole(ctx, "admin");
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({ issued: issuedCertificates, tenantName: tenants.name })
      .from(issuedCertificates)
      .leftJoin(certificates, eq(certificates.id, issuedCertificates.certificateId))
      .leftJoin(tenants, eq(tenants.id, issuedCertificates.tenantId))
      .where(and(isNull(certificates.id), gt(issuedCertificates.notAfter, ctx.now())))
      .orderBy(asc(issuedCertificates.notAfter), asc(issuedCertificates.id))
      .limit(shownMax);
    return rows.map(({ issued, tenantName }) => ({
      ...viewOfIssued(issued, { isShown: false }),
      /** The domain, or the name of the server. */
      title: issued.title,
      names: issued.names,
      serverName: issued.serverName,
      /** Null when the customer is gone too. */
      tenantName,
    }));
  });
}
