import { nextNameLook } from "@mailstead/core/certificates";
import {
  acmeSettings,
  certificateLooks,
  certificates,
  domainServers,
  domains,
  servers,
  type Transaction,
} from "@mailstead/db";
import { and, eq, gt, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import type { Resolver } from "../dns/index.ts";
import { AcmeError } from "./acme/acme-error.ts";
import { findNames } from "./find-names.ts";
import { wantCertificate } from "./want-certificate.ts";

const looksPerRun = 50;
const atOnceMax = 5;

export interface OrderByItself {
  app: Database;
  installation: Installation;
  resolver: Resolver;
}

interface Missing {
  organisationId: string;
  serverId: string;
  /** Null for the server's own name. */
  domainId: string | null;
}

/**
 * Has the order of every certificate begin that nobody had to ask for: of a server as soon as its host has taken up what
 * it is to be, and of a domain on it once a name of it leads there. Only where the organisation wants that and its owner
 * has accepted the terms of the CA. Gives those that could not be looked at.
 */
export async function orderByItself(
  ctx: SystemContext,
  { app, installation, resolver }: OrderByItself,
): Promise<{ row: Missing; cause: unknown }[]> {
  const rows = [...(await findServers(ctx)), ...(await findDomains(ctx))];
  return seeToEach(ctx, { rows, app, installation, atOnceMax }, async (own, row) => {
    await lookAt(own, row, resolver);
    return undefined;
  });
}

async function lookAt(
  ctx: ServiceContext,
  { serverId, domainId }: Missing,
  resolver: Resolver,
): Promise<void> {
  const found = await withTransaction(ctx, (tx) => readSubject(tx, { serverId, domainId }));
  if (found === null) return;
  const { server, domain } = found;
  if (domain !== null) {
    const why = await whyNoName(domain.name, { server, resolver });
    if (why !== null) return await keepLook(ctx, { server, domain, sentence: why });
  }
  await withTransaction(ctx, async (tx) => {
    await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId)).for("update");
    // A person or another worker was faster.
    if (await hasCertificate(tx, { serverId, domainId })) return;
    await wantCertificate(tx, ctx, { server, domain, challenge: "http-01", isWildcard: false });
  });
}

async function whyNoName(
  name: string,
  { server, resolver }: { server: typeof servers.$inferSelect; resolver: Resolver },
): Promise<string | null> {
  const subject = { kind: "domain", domain: name, hostname: server.hostname, isWildcard: false } as const;
  try {
    await findNames(subject, { ipAddresses: server.facts?.ipAddresses ?? [], resolver });
    return null;
  } catch (error) {
    if (error instanceof AcmeError) return `${error.failure.kind === "not-ready" ? error.message : ""}.`;
    throw error;
  }
}

async function keepLook(
  ctx: ServiceContext,
  {
    server,
    domain,
    sentence,
  }: {
    server: typeof servers.$inferSelect;
    domain: { id: string; addedAt: Date };
    sentence: string;
  },
): Promise<void> {
  const lookedAt = ctx.now();
  const said = {
    lookedAt,
    nextLookAt: nextNameLook({ domainId: domain.id, addedAt: domain.addedAt }, lookedAt),
    sentence,
  };
  const { id: serverId, organisationId, tenantId } = server;
  await withTransaction(ctx, (tx) =>
    tx
      .insert(certificateLooks)
      .values({ domainId: domain.id, serverId, organisationId, tenantId, ...said })
      .onConflictDoUpdate({ target: [certificateLooks.domainId, certificateLooks.serverId], set: said }),
  );
}

async function readSubject(tx: Transaction, { serverId, domainId }: Omit<Missing, "organisationId">) {
  const [server] = await tx.select().from(servers).where(eq(servers.id, serverId));
  if (server === undefined) return null;
  if (domainId === null) return { server, domain: null };
  const [domain] = await tx
    .select({ id: domains.id, name: domains.name, addedAt: domainServers.createdAt })
    .from(domains)
    .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
    .where(and(eq(domains.id, domainId), eq(domainServers.serverId, serverId)));
  return domain === undefined ? null : { server, domain };
}

async function hasCertificate(
  tx: Transaction,
  { serverId, domainId }: Omit<Missing, "organisationId">,
): Promise<boolean> {
  const rows = await tx
    .select({ id: certificates.id })
    .from(certificates)
    .where(
      and(
        eq(certificates.serverId, serverId),
        domainId === null ? isNull(certificates.domainId) : eq(certificates.domainId, domainId),
      ),
    );
  return rows.length > 0;
}

/** A server that has been installed, of an organisation that wants its certificates ordered. */
function wantsThem() {
  return and(
    isNotNull(servers.installRequestedAt),
    gt(servers.appliedRevision, 0),
    isNotNull(servers.facts),
    eq(acmeSettings.isAutomatic, true),
    isNotNull(acmeSettings.termsAgreedAt),
  );
}

function findServers(ctx: SystemContext): Promise<Missing[]> {
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({
        organisationId: servers.organisationId,
        serverId: servers.id,
        domainId: sql<null>`null`,
      })
      .from(servers)
      .innerJoin(acmeSettings, eq(acmeSettings.organisationId, servers.organisationId))
      .leftJoin(certificates, and(eq(certificates.serverId, servers.id), isNull(certificates.domainId)))
      .where(and(wantsThem(), isNull(certificates.id)))
      .limit(looksPerRun),
  );
}

function findDomains(ctx: SystemContext): Promise<Missing[]> {
  const ofPair = (table: typeof certificates | typeof certificateLooks) =>
    and(eq(table.serverId, domainServers.serverId), eq(table.domainId, domainServers.domainId));
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({
        organisationId: domainServers.organisationId,
        serverId: domainServers.serverId,
        domainId: domainServers.domainId,
      })
      .from(domainServers)
      .innerJoin(servers, eq(servers.id, domainServers.serverId))
      .innerJoin(acmeSettings, eq(acmeSettings.organisationId, domainServers.organisationId))
      .leftJoin(certificates, ofPair(certificates))
      .leftJoin(certificateLooks, ofPair(certificateLooks))
      .where(
        and(
          wantsThem(),
          // Its names lead to the server that holds its mailboxes.
          eq(domainServers.role, "home"),
          isNull(certificates.id),
          or(isNull(certificateLooks.nextLookAt), lte(certificateLooks.nextLookAt, ctx.now())),
        ),
      )
      .orderBy(sql`${certificateLooks.nextLookAt} nulls first`)
      .limit(looksPerRun),
  );
}
