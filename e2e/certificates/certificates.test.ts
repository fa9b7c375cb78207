import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { delegatedChallengeName } from "@mailstead/core/certificates";
import { makeDomain, makeOrganisation, makeServer, makeTenant } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { listCertificates, requestCertificate, revokeCertificate } from "@mailstead/services/certificates";
import type { ServiceContext } from "@mailstead/services/context";
import { getTargetState, recordFacts, recordObserved } from "@mailstead/services/servers";
import { ImapFlow } from "imapflow";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MailHost } from "../acceptance/mail-host.ts";
import { openMailHost } from "../acceptance/open-mail-host.ts";
import { compileAgent } from "../agent/agent-host.ts";
import { TestGateway } from "../agent/test-gateway.ts";
import { type LabAcme, startAcme } from "../lab/acme.ts";
import { gatewayAddress, resolverAddress } from "../lab/addresses.ts";
import { describeLab } from "../lab/describe-lab.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { openSubmissionSession } from "./submission-session.ts";
import type { WorkerTurn } from "./worker-turn.ts";

const gatewayLabPort = 8080;
const databaseLabPort = 5432;
const validitySeconds = 3600;
const turnsMax = 8;
/** Longer than Dovecot waits, of its own accord, before it ends the processes that a reload has left. */
const leftProcessesEndMs = 40_000;
const signingKey = generateKeyPairSync("ed25519")
  .privateKey.export({ format: "pem", type: "pkcs8" })
  .toString();
const plans = [
  { suite: "bookworm", hostName: "mx1", domain: "alpha.example", otherDomain: "gamma.example" },
  { suite: "trixie", hostName: "mx2", domain: "beta.example", otherDomain: "delta.example" },
] as const;
const blockedDomain = "blocked.example";
/** Where the organisation keeps what is delegated to it, also of customers whose own zones lie elsewhere. */
const delegationZone = plans[0].domain;
const zones = [...plans.flatMap(({ domain, otherDomain }) => [domain, otherDomain]), blockedDomain];

describeLab("certificates from a real authority on real hosts", () => {
  const gateway = new TestGateway();
  let folder: string;
  let lab: Lab;
  let acme: LabAcme;
  let database: TestDatabase;
  let ctx: ServiceContext;
  const servers = new Map<string, MailHost>();
  const serverOf = (hostName: string): MailHost => {
    const server = servers.get(hostName);
    if (server === undefined) throw new Error(`${hostName} was not installed`);
    return server;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mailstead-certificates-"));
    database = await openTestDatabase();
    const hostPort = await gateway.listen();
    gateway.publicUrl = `http://control.lab:${gatewayLabPort}`;
    const agentPath = await compileAgent(folder);
    lab = await openLab({
      hosts: plans.map(({ suite, hostName, domain }) => ({
        name: hostName,
        suite,
        image: "stack",
        hostname: `mail.${domain}`,
      })),
      zones,
      expose: [
        { labPort: gatewayLabPort, hostPort },
        { labPort: databaseLabPort, hostPort: Number(new URL(database.appUrl).port) },
      ],
      receivers: false,
    });
    acme = await startAcme(
      {
        namespace: lab.namespace,
        root: "/run/lab/infra/root",
        folder: lab.folder,
        dns: lab.dns,
        authority: lab.authority,
      },
      { validitySeconds, blocked: [blockedDomain] },
    );
    ctx = await makeContext();
    await Promise.all(
      plans.map(async (plan) => {
        const server = await openMailHost({ lab, gateway, agentPath }, plan);
        servers.set(plan.hostName, server);
        await adopt(server);
      }),
    );
  });
  afterAll(async () => {
    await acme?.close();
    await gateway.close();
    await lab?.close();
    await database?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function makeContext(): Promise<ServiceContext> {
    const { id: organisationId } = await makeOrganisation(database.admin);
    return {
      organisationId,
      tenantId: null,
      actor: { kind: "system", name: "test" },
      database: database.app,
      now: () => new Date(),
      requestId: "test",
      installation: {
        publicUrl: "https://control.lab",
        gatewayUrl: "wss://control.lab/agent/link",
        signingPublicKey: "",
        masterKey: null,
        sendsMail: false,
        dnsResolver: undefined,
      },
    };
  }

  /** Gives a host of the lab its place in the database, as if it had been added there. */
  async function adopt({ agent, host }: MailHost): Promise<void> {
    const { organisationId } = ctx;
    const { id: tenantId } = await makeTenant(database.admin, { organisationId });
    const { hostname } = host.description;
    const { serverId, facts } = agent;
    const installRequestedAt = new Date();
    await makeServer(database.admin, {
      id: serverId,
      organisationId,
      tenantId,
      hostname,
      installRequestedAt,
    });
    if (facts !== null) await recordFacts({ ...ctx, database: database.gateway }, { serverId, facts });
  }

  const domainOn = async ({ agent }: MailHost, name: string): Promise<string> => {
    const { organisationId } = ctx;
    const { rows } = await database.admin.pool.query("select tenant_id from servers where id = $1", [
      agent.serverId,
    ]);
    const scope = { organisationId, tenantId: rows[0].tenant_id as string, serverId: agent.serverId };
    return (await makeDomain(database.admin, { ...scope, name })).id;
  };

  const leadHere = ({ host }: MailHost, zone: string, name: string) =>
    lab.dns.setRecords(zone, [
      { name, type: "A", records: [host.description.ipv4] },
      { name, type: "AAAA", records: [host.description.ipv6] },
    ]);

  async function workerTurn(laterMs: number): Promise<void> {
    const reachable = (text: string) => {
      const url = new URL(text);
      url.host = `${gatewayAddress.ipv4}:${databaseLabPort}`;
      return url.href;
    };
    const turn: WorkerTurn = {
      appUrl: reachable(database.appUrl),
      systemUrl: reachable(database.systemUrl),
      signingKey,
      directoryUrl: acme.directoryUrl,
      trusted: lab.authority.root,
      resolver: resolverAddress.ipv4,
      dnsApi: join(lab.folder, "dns-api.sock"),
      zones,
      laterMs,
    };
    // The turn waits for nothing that another one has written down to do soon.
    await database.admin.pool.query(
      "update certificates set next_attempt_at = date_trunc('milliseconds', now()) where next_attempt_at < now() + interval '5 minutes'",
    );
    const program = join(import.meta.dirname, "worker-turn.ts");
    const { stdout, stderr, code } = await lab.run(
      ["env", "NODE_EXTRA_CA_CERTS=", process.execPath, program, JSON.stringify(turn)],
      { timeoutMs: 120_000 },
    );
    if (code !== 0) throw new Error(`The worker's turn failed: ${stderr}`);
    const { failed } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as { failed: unknown[] };
    if (failed.length > 0) throw new Error(`The worker's turn failed: ${JSON.stringify(failed)}`);
  }

  const turns = new Map<MailHost, Promise<void>>();
  /** One after the other for a host, whoever asks. */
  function hostTurn(server: MailHost): Promise<void> {
    const turn = (turns.get(server) ?? Promise.resolve()).then(() => takeUp(server));
    turns.set(server, turn);
    return turn;
  }

  /** The host takes up what its target state says now, and tells what it holds. */
  async function takeUp(server: MailHost): Promise<void> {
    const { serverId } = server.agent;
    const { state } = await getTargetState(ctx, { serverId });
    const wanted = JSON.stringify([state.certificates, state.web]);
    if (wanted !== JSON.stringify([server.target.certificates, server.target.web]))
      await server.converge({ certificates: state.certificates, web: state.web });
    const report = await server.waitFor("the report of the revision", async () =>
      server.agent.report?.targetRevision === server.target.revision ? server.agent.report : undefined,
    );
    await recordObserved(
      { ...ctx, database: database.gateway },
      { serverId, report: { ...report, targetRevision: state.revision } },
    );
  }

  type View = Awaited<ReturnType<typeof listCertificates>>[number];

  /** Worker and hosts take turns until the certificate of each of these hosts fits; gives them in order. */
  async function until(
    wanted: readonly { server: MailHost; domainId?: string; fits: (view: View) => boolean }[],
    { laterMs = 0 } = {},
  ): Promise<View[]> {
    let seen: (View | undefined)[] = [];
    for (let turn = 0; turn < turnsMax; turn += 1) {
      await workerTurn(laterMs);
      seen = await Promise.all(
        wanted.map(async ({ server, domainId = null }) => {
          await hostTurn(server);
          const views = await listCertificates(ctx, { serverId: server.agent.serverId });
          return views.find((one) => one.domainId === domainId);
        }),
      );
      const views = seen.filter((view, at) => view !== undefined && wanted[at]?.fits(view));
      if (views.length === wanted.length) return views as View[];
    }
    throw new Error(`It never came to that: ${JSON.stringify(seen, null, 1)}`);
  }

  /** What a client sees that asks for this name and trusts nobody but the authority. */
  async function presented(server: MailHost, port: number, servername: string): Promise<PeerCertificate> {
    const localPort = await server.port(port);
    return await new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: localPort, servername, ca: acme.issuingRoot }, () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      });
      socket.on("error", reject);
    });
  }

  const hosts = () => plans.map((plan) => ({ ...plan, server: serverOf(plan.hostName) }));
  /** The serial number of what is presented for the host's own name, on every port the same. */
  async function presentedForHost(server: MailHost): Promise<string> {
    const { hostname } = server.host.description;
    const seen = await Promise.all([465, 993, 443].map((port) => presented(server, port, hostname)));
    expect(new Set(seen.map(({ serialNumber }) => serialNumber)).size).toBe(1);
    return seen[0]?.serialNumber ?? "";
  }
  const dovecotStarted = (server: MailHost) =>
    server.shell("systemctl show -P ActiveEnterTimestampMonotonic dovecot");

  test("AT-F04 a host proves its name by HTTP-01 and presents the certificate on every port", async () => {
    // Nobody asks: the worker orders it, because the host is installed.
    const views = await until(
      hosts().map(({ server }) => ({ server, fits: ({ isInstalled }) => isInstalled })),
    );
    for (const [at, { server }] of hosts().entries()) {
      const { hostname } = server.host.description;
      expect(views[at]?.names).toEqual([hostname]);
      expect(await presentedForHost(server)).toMatch(/^[0-9A-F]+$/);
      expect(await server.shell("/usr/lib/mailstead/mailstead-agent status || true")).toMatch(
        new RegExp(`certificate +${hostname}: until 20`),
      );
    }
  });

  /** Sessions that were open before the renewal. */
  let held: {
    server: MailHost;
    session: Awaited<ReturnType<typeof openSession>>;
    started: string;
    renewedAt: number;
  }[] = [];

  test("AT-F02 a renewal that is due is presented at once, and open sessions of IMAP and of SMTP go on", async () => {
    const opened = await Promise.all(
      hosts().map(async ({ server }) => ({
        server,
        session: await openSession(server),
        submission: await openSubmission(server),
        serial: await presentedForHost(server),
        started: await dovecotStarted(server),
        first: (await listCertificates(ctx, { serverId: server.agent.serverId }))[0]?.notAfter?.getTime(),
      })),
    );
    await until(
      opened.map(({ server, first }) => ({ server, fits: ({ notAfter }) => notAfter?.getTime() !== first })),
      { laterMs: validitySeconds * 1000 * 0.75 },
    );
    const renewedAt = Date.now();
    held = opened.map(({ server, session, started }) => ({ server, session, started, renewedAt }));
    for (const { server, session, submission, serial, started } of opened) {
      expect(await presentedForHost(server)).not.toBe(serial);
      await session.client.noop();
      expect(await session.client.status("INBOX", { messages: true })).toMatchObject({ path: "INBOX" });
      expect(session.hasBroken()).toBe(false);
      expect(await dovecotStarted(server)).toBe(started);
      expect(await submission.say("MAIL FROM:<ann@elsewhere.example>")).toMatch(/^[25]\d\d /);
      expect(await submission.say("NOOP")).toMatch(/^250 /);
      expect(submission.serialNumber).toBe(serial);
      expect(await submission.say("QUIT")).toMatch(/^221 /);
    }
  });

  test("the certificate before is revoked by the account that it was issued to, and the one in force is still presented", async () => {
    const all = hosts().map(({ server }) => server);
    const before = await Promise.all(all.map(presentedForHost));
    for (const server of all) {
      const [view] = await listCertificates(ctx, { serverId: server.agent.serverId });
      const earlier = view?.issued.find(({ isInForce }) => !isInForce);
      await revokeCertificate(ctx, { issuedId: earlier?.id ?? "", reason: "superseded" });
    }
    const isRevoked = ({ issued }: View) => issued.some(({ revocation }) => revocation?.revokedAt != null);
    await until(all.map((server) => ({ server, fits: isRevoked })));
    expect(await Promise.all(all.map(presentedForHost))).toEqual(before);
  });

  test("AT-F04 another domain's wildcard is proven by DNS-01 at a delegated name and presented to who asks for a name of it; a name that the authority refuses is told in plain words", async () => {
    await database.admin.pool.query("update organisations set dkim_zone = $1", [delegationZone]);
    const asked = await Promise.all(
      hosts().map(async ({ server, otherDomain }) => {
        const domainId = await domainOn(server, otherDomain);
        const place = delegatedChallengeName(domainId, delegationZone);
        await lab.dns.setRecords(otherDomain, [
          { name: `_acme-challenge.${otherDomain}`, type: "CNAME", records: [`${place}.`] },
        ]);
        await requestCertificate(ctx, {
          serverId: server.agent.serverId,
          domainId,
          challenge: "dns-01",
          isWildcard: true,
        });
        return { server, domainId, fits: ({ isInstalled }: View) => isInstalled };
      }),
    );
    const [first] = hosts();
    if (first === undefined) throw new Error("there is no host");
    const refusedId = await domainOn(first.server, blockedDomain);
    await leadHere(first.server, blockedDomain, `mail.${blockedDomain}`);
    await requestCertificate(ctx, { serverId: first.server.agent.serverId, domainId: refusedId });
    const refused = { domainId: refusedId, fits: ({ problem }: View) => problem?.kind === "permanent" };
    const views = await until([...asked, { server: first.server, ...refused }]);
    expect(views.at(-1)?.problem?.sentence).toMatch(/does not issue certificates for this name/);
    for (const { server, otherDomain } of hosts()) {
      const own = await presentedForHost(server);
      for (const port of [993, 465]) {
        const other = await presented(server, port, `imap.${otherDomain}`);
        expect(other.subjectaltname).toBe(`DNS:*.${otherDomain}`);
        expect(other.serialNumber).not.toBe(own);
      }
    }
    for (const { domainId } of asked)
      expect(
        await lab.dns.records(delegationZone, delegatedChallengeName(domainId, delegationZone), "TXT"),
      ).toEqual([]);
  });

  test("AT-F02 sessions of IMAP that were open before the renewal outlive the time that Dovecot gives to what a reload leaves, and still end when they must", async () => {
    expect(held).toHaveLength(plans.length);
    for (const { server, session, started, renewedAt } of held) {
      await server.waitFor(
        "the end of what a reload leaves",
        async () => (Date.now() - renewedAt > leftProcessesEndMs || session.hasBroken() ? true : undefined),
        { timeoutMs: 2 * leftProcessesEndMs },
      );
      const told = await server.shell(
        "journalctl -u dovecot --no-pager | grep -i 'reload\\|SIGTERM' || true",
      );
      expect(session.hasBroken(), told).toBe(false);
      await session.client.noop();
      expect(await session.client.status("INBOX", { messages: true })).toMatchObject({ path: "INBOX" });
      expect(await dovecotStarted(server)).toBe(started);
      // As for a new password: whoever was signed in before the reload is found and signed out as well.
      await server.shell(`doveadm kick ${server.account("ann").address}`);
      await server.waitFor("the end of the session", async () => session.hasBroken() || undefined);
    }
  });

  const openSubmission = async (server: MailHost) =>
    openSubmissionSession({
      host: "127.0.0.1",
      port: await server.port(465),
      servername: server.host.description.hostname,
      ca: acme.issuingRoot,
    });

  async function openSession(server: MailHost) {
    const { address, password } = server.account("ann");
    const client = new ImapFlow({
      host: "127.0.0.1",
      port: await server.port(993),
      secure: true,
      servername: server.host.description.hostname,
      tls: { ca: acme.issuingRoot },
      auth: { user: address, pass: password },
      logger: false,
    });
    let hasBroken = false;
    client.on("close", () => {
      hasBroken = true;
    });
    await client.connect();
    await client.mailboxOpen("INBOX");
    return { client, hasBroken: () => hasBroken };
  }
});
