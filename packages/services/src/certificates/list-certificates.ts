import { type CertificateConcern, concernOfCertificate } from "@mailstead/core/certificates";
import { certificates, domains, issuedCertificates, servers, type Transaction, tenants } from "@mailstead/db";
import { and, asc, desc, eq, gt, inArray, type SQL } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { hasSameKey, type IssuedRow, viewOfIssued } from "./issued-row.ts";

const listInput = z.object({ serverId: z.uuid().optional(), domainId: z.uuid().optional() });

export type CertificateView = Awaited<ReturnType<typeof listCertificates>>[number];

/** The certificates of a server, or those for a domain on all of its servers: what they are for, until when, and what is wrong. */
export async function listCertificates(ctx: ServiceContext, input: z.input<typeof listInput>) {
  const { serverId, domainId } = parseInput(listInput, input);
  const where = and(
    serverId === undefined ? undefined : eq(certificates.serverId, serverId),
    domainId === undefined ? undefined : eq(certificates.domainId, domainId),
  );
  return withTransaction(ctx, async (tx) => {
    const rows = await readCertificateRows(tx, where);
    const issued = await readIssued(tx, {
      certificateIds: rows.map(({ certificate }) => certificate.id),
      now: ctx.now(),
    });
    return rows.map(({ certificate, server, domainName }) => ({
      id: certificate.id,
      serverId: server.id,
      serverName: server.name,
      domainId: certificate.domainId,
      /** Null for the server's own name. */
      domainName,
      challenge: certificate.challenge,
      isWildcard: certificate.isWildcard,
      names: certificate.names,
      issuer: certificate.issuer,
      notBefore: certificate.notBefore,
      notAfter: certificate.notAfter,
      renewAt: certificate.renewAt,
      nextAttemptAt: certificate.nextAttemptAt,
      /** Whether the host serves what was last issued. */
      isInstalled: isInstalled({ certificate, server }),
      /** Whether the CA has revoked what is in force, so that clients that ask for revocations refuse the host. */
      isRevoked: (issued.get(certificate.id) ?? []).some(
        (row) => row.chainVersion === certificate.chainVersion && row.revokedAt !== null,
      ),
      isChangingKey: certificate.nextKeyId !== null,
      isRequested: certificate.requestedAt !== null,
      problem: problemOf(certificate),
      toPaste: certificate.toPaste,
      concern: concernOf(certificate, ctx.now()),
      /** What was issued and has not ended, the newest first. */
      issued: (issued.get(certificate.id) ?? []).map((row) => issuedView(row, { certificate, server })),
    }));
  });
}

/** Whether the host serves what was last issued. */
function isInstalled({ certificate: { issuedRevision }, server }: ShownBy): boolean {
  return issuedRevision !== null && server.appliedRevision >= issuedRevision;
}

async function readIssued(
  tx: Transaction,
  { certificateIds, now }: { certificateIds: readonly string[]; now: Date },
) {
  if (certificateIds.length === 0) return new Map<string, IssuedRow[]>();
  const rows = await tx
    .select()
    .from(issuedCertificates)
    .where(
      and(
        inArray(issuedCertificates.certificateId, [...certificateIds]),
        gt(issuedCertificates.notAfter, now),
      ),
    )
    .orderBy(desc(issuedCertificates.issuedAt), desc(issuedCertificates.id));
  return Map.groupBy(rows, ({ certificateId }) => certificateId);
}

interface ShownBy {
  certificate: typeof certificates.$inferSelect;
  server: Pick<typeof servers.$inferSelect, "appliedRevision">;
}

function issuedView(row: IssuedRow, shownBy: ShownBy) {
  const { chain, chainVersion } = shownBy.certificate;
  const isInForce = row.chainVersion === chainVersion;
  return {
    ...viewOfIssued(row, { isShown: isInForce || !isInstalled(shownBy) }),
    isInForce,
    /** Whether the host shows its key, in this certificate or in a later one. */
    isKeyInForce: isInForce || (chain !== null && hasSameKey(chain, row.pem)),
  };
}

/** Certificates with the names that people know them by, those that end first at the head. */
export function readCertificateRows(tx: Transaction, where: SQL | undefined) {
  return tx
    .select({
      certificate: certificates,
      server: {
        id: servers.id,
        name: servers.name,
        hostname: servers.hostname,
        appliedRevision: servers.appliedRevision,
      },
      domainName: domains.name,
      tenantName: tenants.name,
    })
    .from(certificates)
    .innerJoin(servers, eq(servers.id, certificates.serverId))
    .innerJoin(tenants, eq(tenants.id, certificates.tenantId))
    .leftJoin(domains, eq(domains.id, certificates.domainId))
    .where(where)
    .orderBy(asc(certificates.notAfter), asc(certificates.createdAt), asc(certificates.id));
}

type Row = typeof certificates.$inferSelect;

/** What went wrong at the last try; null when nothing did. */
export function problemOf({ problem, problemKind, problemAt, attempts }: Row) {
  return problem === null || problemKind === null || problemAt === null
    ? null
    : { sentence: problem, kind: problemKind, at: problemAt, attempts };
}

/** What needs somebody about a certificate, if anything does. */
export function concernOf(row: Row, now: Date): CertificateConcern | null {
  const { notBefore, notAfter } = row;
  return concernOfCertificate({ notBefore, notAfter, problem: problemOf(row) }, now);
}
