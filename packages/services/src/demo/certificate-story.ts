import { domainToASCII } from "node:url";
import { candidateNames } from "@mailstead/core/certificates";
import {
  acmeSettings,
  certificateKeys,
  certificateLooks,
  certificates,
  domainServers,
  domains,
  issuedCertificates,
  newId,
  servers,
  type Transaction,
} from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { acceptTerms, getAuthority } from "../certificates/index.ts";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { demoCertificate as pem } from "./demo-certificate.ts";
import { type DemoServer, demoCustomers } from "./fleet.ts";

const dayMs = 86_400_000;
const lifeDays = 90;
const renewsDaysLeft = 30;
const never = new Date("2999-01-01T00:00:00Z");
const issuer = "Let's Encrypt, E7";
const agreedUrl = "https://letsencrypt.org/documents/LE-SA-v1.6-August-18-2025.pdf";
const directoryUrl = "https://acme-v02.api.letsencrypt.org/directory";

/** What the demo shows of a certificate. */
type Standing =
  | { kind: "in-force"; daysLeft: number }
  | { kind: "ends-soon"; daysLeft: number; problem: string }
  | { kind: "refused"; problem: string };

/**
 * The owner has accepted the authority's terms long ago, and every server and domain has the certificate that the worker
 * would have got. They are left to stand so: no name of the demo leads anywhere in the world.
 */
export async function tellCertificates(owner: ServiceContext, today: Date): Promise<void> {
  const { directoryUrl: chosen, termsUrl } = await getAuthority(owner);
  await acceptTerms(owner, { directoryUrl: chosen, termsUrl });
  await withTransaction(owner, async (tx) => {
    await tx.update(acmeSettings).set({
      isAutomatic: false,
      termsUrl: agreedUrl,
      termsAgreedUrl: agreedUrl,
      directoryReadAt: today,
      nextDirectoryLookAt: never,
    });
    for (const demo of demoCustomers.flatMap(({ servers: own }) => own)) {
      const [server] = await tx.select().from(servers).where(eq(servers.hostname, demo.hostname));
      // One that is being installed has none yet.
      if (server !== undefined && server.appliedRevision > 0) await tellServer(tx, { server, demo, today });
    }
    await tellRemoved(tx, today);
  });
}

/** A domain that left a while ago, and whose certificate still has some weeks to live. */
async function tellRemoved(tx: Transaction, today: Date): Promise<void> {
  const [server] = await tx.select().from(servers).orderBy(asc(servers.createdAt), asc(servers.id)).limit(1);
  if (server === undefined) return;
  const domain = "old-mill.example";
  const notAfter = new Date(today.getTime() + 38 * dayMs);
  await keepIssued(tx, server, {
    certificateId: newId(today),
    domainId: newId(today),
    title: domain,
    names: [`imap.${domain}`, `mta-sts.${domain}`],
    notBefore: new Date(notAfter.getTime() - lifeDays * dayMs),
    notAfter,
  });
}

interface Told {
  server: typeof servers.$inferSelect;
  demo: DemoServer;
  today: Date;
}

async function tellServer(tx: Transaction, told: Told): Promise<void> {
  const { server, demo, today } = told;
  const { hostname, id: serverId, organisationId, tenantId } = server;
  await keep(tx, told, { domainId: null, names: [hostname], standing: standingOf(demo, 0) });
  const rows = await tx
    .select({ domainId: domains.id, name: domains.name })
    .from(domains)
    .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
    .where(eq(domainServers.serverId, serverId))
    .orderBy(asc(domains.createdAt));
  for (const [at, { domainId, name }] of rows.entries()) {
    const dns = demo.domains.find((domain) => domainToASCII(domain.name) === name)?.dns;
    const names = candidateNames({ kind: "domain", domain: name, hostname, isWildcard: false });
    if (dns === "right") await keep(tx, told, { domainId, names, standing: standingOf(demo, at + 1) });
    else
      await tx.insert(certificateLooks).values({
        domainId,
        serverId,
        organisationId,
        tenantId,
        lookedAt: new Date(today.getTime() - 20 * 60_000),
        nextLookAt: never,
        sentence: `No name of ${name} leads to this server (${demo.ipAddresses.join(", ")}); publish for example an address record of mail.${name}, mta-sts.${name} or autoconfig.${name} that leads there.`,
      });
  }
}

function standingOf({ state }: DemoServer, at: number): Standing {
  if (state === "offline" && at === 0)
    return {
      kind: "ends-soon",
      daysLeft: 5,
      problem: "The server makes the key and takes up its settings; then the certificate is asked for.",
    };
  if (state === "service-down" && at === 0)
    return {
      kind: "refused",
      problem:
        "The certificate authority has issued or refused too much lately and asks us to wait. It says: too many failed authorizations recently.",
    };
  return { kind: "in-force", daysLeft: 44 + ((at * 11) % 40) };
}

async function keep(
  tx: Transaction,
  { server, today }: Told,
  { domainId, names, standing }: { domainId: string | null; names: string[]; standing: Standing },
): Promise<void> {
  const { id: serverId, organisationId, tenantId } = server;
  const [id, keyId] = [newId(today), newId(today)];
  const isIssued = standing.kind !== "refused";
  const notAfter = new Date(today.getTime() + (isIssued ? standing.daysLeft : 0) * dayMs);
  const notBefore = new Date(notAfter.getTime() - lifeDays * dayMs);
  const scope = { organisationId, tenantId, serverId };
  const problem =
    standing.kind === "in-force"
      ? {}
      : {
          problem: standing.problem,
          problemKind: "temporary" as const,
          problemAt: new Date(today.getTime() - 3_600_000),
          attempts: 4,
        };
  await tx.insert(certificates).values({
    ...scope,
    id,
    domainId,
    challenge: "http-01",
    names,
    keyId,
    ...(isIssued
      ? {
          chain: pem,
          chainVersion: id,
          issuer,
          notBefore,
          notAfter,
          renewAt: new Date(notAfter.getTime() - renewsDaysLeft * dayMs),
          issuedRevision: 1,
        }
      : {}),
    ...problem,
    // The worker would find no name of the demo in the world.
    nextAttemptAt: never,
    createdAt: notBefore,
  });
  await tx
    .insert(certificateKeys)
    .values({ ...scope, id: keyId, certificateId: id, names, createdAt: notBefore });
  if (!isIssued) return;
  const title = domainId === null ? server.hostname : (names[0] ?? "").replace(/^[^.]+\./, "");
  await keepIssued(tx, server, { certificateId: id, domainId, title, names, notBefore, notAfter });
}

async function keepIssued(
  tx: Transaction,
  { id: serverId, name: serverName, organisationId, tenantId }: Told["server"],
  issued: {
    certificateId: string;
    domainId: string | null;
    title: string;
    names: string[];
    notBefore: Date;
    notAfter: Date;
  },
): Promise<void> {
  const { certificateId, notBefore } = issued;
  await tx.insert(issuedCertificates).values({
    ...issued,
    id: newId(notBefore),
    organisationId,
    tenantId,
    serverId,
    serverName,
    directoryUrl,
    chainVersion: certificateId,
    pem,
    serial: `04${certificateId.replaceAll("-", "").slice(-30)}`,
    issuer,
    issuedAt: notBefore,
  });
}
