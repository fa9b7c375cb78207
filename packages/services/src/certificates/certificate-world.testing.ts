import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CertificateKeyReport } from "@mailstead/core/servers";
import { acmeSettings, certificates, servers } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { eq } from "drizzle-orm";
import { afterAll } from "vitest";
import type { RecordPublisher } from "../dns/index.ts";
import { makeNameServer, type NameServerForTests } from "../dns/name-server.testing.ts";
import { addDomain } from "../domains/index.ts";
import { storeSealingKey } from "../secrets/index.ts";
import { getTargetState, installServer, recordFacts, recordObserved } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import { TestAcmeServer } from "./acme/acme-server.fixture.ts";
import {
  createLookAtHost,
  type LookAtHost,
  listCertificates,
  requestCertificate,
  runDueCertificates,
  runDueRevocations,
} from "./index.ts";

export type CertificateTest = Awaited<ReturnType<typeof openCertificateTest>>;

const hostAddress = "127.0.0.9";

/** One for all tests of a file, each of which finds it empty. */
let database: Promise<TestDatabase> | undefined;
afterAll(async () => (await database)?.close());

/**
 * An installed server of an organisation with a domain, and the outside world around it: a certificate authority, name
 * servers, a DNS provider that writes to them, and the host itself with its keys and its web server.
 */
export async function openCertificateTest({
  isAutomatic = false,
}: {
  /** Whether orders begin by themselves. */
  isAutomatic?: boolean;
} = {}) {
  database ??= openTestDatabase();
  const t = await openServerTest({ shared: await database });
  t.clock.now = new Date();
  const { serverId, tenantId } = t;
  const ca = new TestAcmeServer();
  await ca.start();
  const dns = await openNameServers();
  const host = await openHost(t);
  await recordFacts(t.system, { serverId, facts: testFacts({ ipAddresses: [hostAddress] }) });
  await installServer(t.owner, { serverId });
  const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: "alpha.example" });
  dns.publish(`mail1.msp.example A ${hostAddress}`, `imap.alpha.example A ${hostAddress}`);
  const { organisationId } = t.owner;
  await t.database.admin.query
    .insert(acmeSettings)
    .values({ organisationId, directoryUrl: ca.directoryUrl, contact: "", isAutomatic });
  const provider = openProvider(dns);
  const opener = makeTestOpener();
  await storeSealingKey(t.system, opener);
  ca.prove = async ({ type, name, token, thumbprint }) => {
    if (type === "dns-01") {
      const value = createHash("sha256").update(`${token}.${thumbprint}`).digest("base64url");
      const isThere = dns.textsOf(`_acme-challenge.${name}`).includes(value);
      return isThere
        ? null
        : { code: "unauthorized", detail: `No TXT record found at _acme-challenge.${name}` };
    }
    const detail = await host.lookAtHost({ name, address: hostAddress, thumbprint });
    return detail === null ? null : { code: "unauthorized", detail };
  };
  return {
    ...t,
    ca,
    dns,
    host,
    provider,
    domainId,
    settings: {
      directoryUrl: ca.directoryUrl,
      trusted: [],
      contact: "ops@msp.example",
      areTermsAgreed: true,
    },
    opener,
    /** Sets the time forward. */
    later(ms: number) {
      t.clock.now = new Date(t.clock.now.getTime() + ms);
    },
    /** One run of the worker, with what the host then reports. */
    async run(changes: Partial<Parameters<typeof runDueCertificates>[1]> = {}) {
      const result = await runDueCertificates(t.system, {
        app: t.database.app,
        installation: t.installation,
        opener,
        settings: this.settings,
        publisher: provider.publisher,
        resolver: dns.resolver,
        lookAtHost: host.lookAtHost,
        patienceMs: 300,
        pollEveryMs: 10,
        ...changes,
      });
      if (result.failed.length > 0) throw result.failed[0]?.cause;
      const { app } = t.database;
      const revocations = await runDueRevocations(t.system, { app, installation: t.installation, opener });
      if (revocations.failed.length > 0) throw revocations.failed[0]?.cause;
      await host.report();
      return result;
    },
    /** Runs the worker again and again, a moment after each other, until it fits. Throws when it never does. */
    async runUntil(fits: (view: Awaited<ReturnType<typeof listCertificates>>[number]) => boolean) {
      for (let turn = 0; turn < 20; turn += 1) {
        await this.run();
        const view = await this.view();
        if (fits(view)) return view;
        this.later(16_000);
      }
      throw new Error(`It never came to that: ${JSON.stringify(await this.view(), null, 1)}`);
    },
    /** A person asks for the certificate of the server's own name. */
    ask: (input: Partial<Parameters<typeof requestCertificate>[1]> = {}) =>
      requestCertificate(t.owner, { serverId, ...input }),
    askForDomain: (input: Partial<Parameters<typeof requestCertificate>[1]> = {}) =>
      requestCertificate(t.owner, { serverId, domainId, ...input }),
    issued() {
      return this.runUntil((view) => view.notAfter !== null);
    },
    target: async () => (await getTargetState(t.owner, { serverId })).state,
    async view() {
      const [view] = await listCertificates(t.owner, {});
      if (view === undefined) throw new Error("There is no certificate.");
      return view;
    },
    async dueNow() {
      await t.database.admin.query.update(certificates).set({ nextAttemptAt: t.clock.now });
    },
    async close() {
      ca.stop();
      dns.stop();
      host.stop();
      await t.close();
    },
  };
}

async function openNameServers() {
  const resolverServer = makeNameServer("127.0.0.1");
  const zones = ["msp.example", "alpha.example", "acme.example"];
  const [ns1, ns2] = [makeNameServer("127.0.0.3", zones), makeNameServer("127.0.0.4", zones)];
  const port = await resolverServer.start();
  for (const server of [ns1, ns2]) await server.start(port);
  const lines = new Set(zones.flatMap((zone) => [`${zone} NS ns1.b.example`, `${zone} NS ns2.b.example`]));
  for (const [at, address] of ["127.0.0.3", "127.0.0.4"].entries())
    lines.add(`ns${at + 1}.b.example A ${address}`);
  /** Of the second server: what it does not show yet. */
  const late = new Set<string>();
  const delegates: { server: NameServerForTests; isLate: boolean }[] = [];
  const spread = () => {
    for (const server of [resolverServer, ns1]) server.publish(...lines);
    for (const { server, isLate } of delegates)
      server.publish(
        ...[...lines].filter(
          (line) => line.split(" ")[0] === server.zones[0] && !(isLate && line.includes(" TXT ")),
        ),
      );
    ns2.publish(...[...lines].filter((line) => !late.has(line)));
  };
  spread();
  return {
    resolver: { address: "127.0.0.1", port, authorityPort: port },
    ns1,
    ns2,
    late,
    spread,
    has: (line: string) => lines.has(line),
    lines: () => [...lines],
    publish(...added: string[]) {
      for (const line of added) lines.add(line);
      spread();
    },
    withdraw(...gone: string[]) {
      for (const line of gone) lines.delete(line);
      spread();
    },
    /** Has a name be a zone of its own that another server answers for, which while it is late shows no text. */
    async delegate(zone: string, address: string) {
      const delegated = { server: makeNameServer(address, [zone]), isLate: false };
      await delegated.server.start(port);
      delegates.push(delegated);
      this.publish(`${zone} NS ns3.b.example`, `ns3.b.example A ${address}`);
      return delegated;
    },
    /** TXT values at a name, an alias followed. */
    textsOf(name: string): string[] {
      const alias = [...lines].find((line) => line.startsWith(`${name} CNAME `))?.split(" ")[2];
      const owner = alias ?? name;
      return [...lines]
        .filter((line) => line.startsWith(`${owner} TXT `))
        .map((line) => line.slice(owner.length + 5));
    },
    stop() {
      for (const server of [resolverServer, ns1, ns2, ...delegates.map((one) => one.server)]) server.stop();
    },
  };
}

type ProviderAnswer = "published" | "by-hand" | "refused" | "failed";

/** A DNS provider: what it is told to write is what the name servers show. */
function openProvider(dns: Awaited<ReturnType<typeof openNameServers>>) {
  const provider: { answer: ProviderAnswer; writes: string[]; publisher: RecordPublisher } = {
    answer: "published",
    writes: [],
    publisher: {
      async publish({ put, withdraw }) {
        if (provider.answer === "by-hand") return { kind: "by-hand" };
        if (provider.answer !== "published")
          return { kind: provider.answer, sentence: "the token has no rights" };
        const line = ({ name, type, value }: { name: string; type: string; value: string }) =>
          `${name} ${type} ${value}`;
        for (const record of put) {
          dns.publish(line(record));
          provider.writes.push(line(record));
        }
        dns.withdraw(...withdraw.map(line));
        return { kind: "published", changes: put.length + withdraw.length };
      },
    },
  };
  return provider;
}

/** The host's side: it makes keys when its target state asks for them, and answers challenges on its web server. */
async function openHost(t: Awaited<ReturnType<typeof openServerTest>>) {
  const folder = mkdtempSync(join(tmpdir(), "certificate-host-"));
  const reports = new Map<string, CertificateKeyReport>();
  const host = { isOnline: true, answers: true };
  const web = createServer(async (request, response) => {
    const { state } = await getTargetState(t.owner, { serverId: t.serverId });
    const token = request.url?.split("/").at(-1);
    if (!host.answers || state.web.acmeThumbprint === null) response.writeHead(404).end("not here");
    else response.end(`${token}.${state.web.acmeThumbprint}`);
  });
  await new Promise<void>((resolve) => web.listen(0, hostAddress, resolve));
  const lookAtHost: LookAtHost = createLookAtHost({ port: (web.address() as AddressInfo).port });
  return Object.assign(host, {
    lookAtHost,
    async report() {
      if (!host.isOnline) return;
      const { serverId } = t;
      const { state } = await getTargetState(t.owner, { serverId });
      for (const { keyId, names, next } of state.certificates)
        for (const key of [{ keyId, names }, ...(next === null ? [] : [next])])
          if (!reports.has(key.keyId)) reports.set(key.keyId, makeKey(folder, key));
      await recordObserved(t.system, {
        serverId,
        report: {
          targetRevision: state.revision,
          drift: [],
          dkimPublicKeys: [],
          directory: { epoch: 1, revision: 0 },
          certificateKeys: [...reports.values()],
        },
      });
    },
    spkiOf: (keyId: string) => reports.get(keyId)?.spkiSha256 ?? "",
    requestOf: (keyId: string) => reports.get(keyId)?.request ?? "",
    /** Another machine takes the server's place. */
    async replace() {
      reports.clear();
      await t.database.admin.query
        .update(servers)
        .set({ appliedRevision: 0, installRequestedAt: null })
        .where(eq(servers.id, t.serverId));
    },
    stop() {
      web.close();
      web.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

function makeKey(
  folder: string,
  { keyId, names }: { keyId: string; names: readonly string[] },
): CertificateKeyReport {
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    format: "pem",
    type: "pkcs8",
  });
  const path = join(folder, "key.pem");
  writeFileSync(path, pem);
  const san = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
  const args = ["req", "-new", "-key", path, "-subj", "/", "-addext", san, "-outform", "DER"];
  const spki = createPublicKey(createPrivateKey(pem)).export({ format: "der", type: "spki" });
  return {
    keyId,
    request: execFileSync("openssl", args).toString("base64"),
    spkiSha256: createHash("sha256").update(spki).digest("hex"),
  };
}
