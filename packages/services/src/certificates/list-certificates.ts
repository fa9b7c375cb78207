import { type CertificateConcern, concernOfCertificate } from "@mailstead/core/certificates";
import { certificates, domains, servers, type Transaction, tenants } from "@mailstead/db";
import { and, asc, eq, type SQL } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const listInput = z.object({ serverId: z.uuid().optional(), domainId: z.uuid().optional() });

export type CertificateView = Awaited<ReturnType<typeof listCertificates>>[number];

/** The certificates of a server, or those for a domain on all of its servers: what they are for, until when, and what is wrong. */
export async function listCertificates(ctx: ServiceContext, input: z.input<typeof listInput>) {
  const { serverId, domainId } = parseInput(listInput, input);
  const where = and(
    serverId === undefined ? undefined : eq(certificates.serverId, serverId),
    domainId === undefined ? undefined : eq(certificates.domainId, domainId),
  );
  return withTransaction(ctx, async (tx) =>
    (await readRows(tx, where)).map(({ certificate, server, domainName }) => ({
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
      isInstalled:
        certificate.issuedRevision !== null && server.appliedRevision >= certificate.issuedRevision,
      isChangingKey: certificate.nextKeyId !== null,
      isRequested: certificate.requestedAt !== null,
      problem: problemOf(certificate),
      toPaste: certificate.toPaste,
      concern: concernOf(certificate, ctx.now()),
    })),
  );
}

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

/** The certificates that need somebody: they end soon, or their orders keep failing. */
export async function listCertificateFindings(ctx: ServiceContext): Promise<CertificateFinding[]> {
  return withTransaction(ctx, async (tx) =>
    (await readRows(tx, undefined))
      .flatMap(({ certificate, server, domainName, tenantName }) => {
        const concern = concernOf(certificate, ctx.now());
        return concern === null
          ? []
          : [
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

function readRows(tx: Transaction, where: SQL | undefined) {
  return tx
    .select({
      certificate: certificates,
      server: { id: servers.id, name: servers.name, appliedRevision: servers.appliedRevision },
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

function problemOf({ problem, problemKind, problemAt, attempts }: Row) {
  return problem === null || problemKind === null || problemAt === null
    ? null
    : { sentence: problem, kind: problemKind, at: problemAt, attempts };
}

function concernOf(row: Row, now: Date): CertificateConcern | null {
  const { notBefore, notAfter } = row;
  return concernOfCertificate({ notBefore, notAfter, problem: problemOf(row) }, now);
}
