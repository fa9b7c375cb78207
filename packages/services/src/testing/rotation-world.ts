import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { PlannedRecord } from "@mailstead/core/dns";
import { domainNameSchema } from "@mailstead/core/domains";
import { defaultMtaSts, type TargetState } from "@mailstead/core/servers";
import { protocolVersion } from "@mailstead/core/wire";
import { jobs, servers } from "@mailstead/db";
import { makeAgent, makeGateway } from "@mailstead/db/factories";
import { and, eq, inArray } from "drizzle-orm";
import { dkimSign } from "mailauth";
import { withTransaction } from "../context/index.ts";
import { planDomainKeys } from "../dkim/index.ts";
import { addDomain, checkDomain, getDomain } from "../domains/index.ts";
import type { enrolAgent } from "../enrolment/index.ts";
import {
  addServer,
  changeTargetState,
  getServerForChange,
  getTargetState,
  recordObserved,
} from "../servers/index.ts";
import type { ServiceTest } from "./service-test.ts";
import { TestZone } from "./test-zone.ts";

interface HostKey {
  privateKey: KeyObject;
  publicKey: string;
}

/** How many keys the hosts of one world have taken, so that no two of them are ever the same. */
interface KeyDraw {
  drawn: number;
}

// Making one takes a tenth of a second and more; worlds do not see each other, so each draws the same ones.
const rsaKeys: HostKey[] = [];

function nextRsaKey(from: KeyDraw): HostKey {
  const key = rsaKeys[from.drawn] ?? hostKeyOf(generateKeyPairSync("rsa", { modulusLength: 2048 }));
  rsaKeys[from.drawn] = key;
  from.drawn += 1;
  return key;
}

function hostKeyOf({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): HostKey {
  const der = publicKey.export({ format: "der", type: "spki" });
  const isEd25519 = publicKey.asymmetricKeyType === "ed25519";
  return { privateKey, publicKey: (isEd25519 ? der.subarray(-32) : der).toString("base64") };
}

export class TestHost {
  readonly serverId: string;
  readonly keys = new Map<string, HostKey>();
  isOnline = true;
  /** Whether it does what a converge says. */
  isObedient = true;
  /** Signs with another key than the one it has told of. */
  isLying = false;
  /** Whether jobs that ask it for a test message end without one. */
  isMute = false;
  /** What its Rspamd says that it signs with; null when it does not answer. */
  signsWith: string[] | null = null;
  readonly #t: ServiceTest;
  readonly #drawnFrom: KeyDraw;
  #applied = 0;
  #known: { state: TargetState; revision: number } | null = null;
  #told = "";

  constructor(t: ServiceTest, serverId: string, drawnFrom: KeyDraw = { drawn: 0 }) {
    this.#t = t;
    this.serverId = serverId;
    this.#drawnFrom = drawnFrom;
  }

  async setOnline(isOnline: boolean): Promise<void> {
    this.isOnline = isOnline;
    const gateway = isOnline ? await makeGateway(this.#t.database.admin) : null;
    await this.#t.database.admin.query
      .update(servers)
      .set({ gatewayId: gateway?.id ?? null })
      .where(eq(servers.id, this.serverId));
  }

  /** What the host does in a moment of peace: all jobs that wait for it, and a report. */
  async work(): Promise<void> {
    if (!this.isOnline) return;
    const waiting = await this.#t.database.admin.query
      .select()
      .from(jobs)
      .where(and(eq(jobs.serverId, this.serverId), inArray(jobs.state, ["queued"])));
    for (const job of waiting) {
      if (job.verb === "test-signature" && this.isMute) await this.#lose(job.id);
      else if (job.verb === "test-signature") {
        const { domain, selectors } = job.args as { domain: string; selectors: string[] };
        await this.#end(job.id, {
          signatures: await Promise.all(
            selectors.map(async (selector) => ({ selector, message: await this.#sign(domain, selector) })),
          ),
          signsWith: this.signsWith,
        });
      } else if (this.isObedient) await this.#end(job.id, null);
      else await this.#lose(job.id);
    }
    await this.report();
  }

  async report(): Promise<void> {
    const { state, revision } = await this.#target();
    if (this.isObedient) this.#applied = revision;
    const report = {
      targetRevision: this.#applied,
      drift: [],
      dkimPublicKeys: state.domains.flatMap(({ name, dkimKeys }) =>
        dkimKeys.flatMap(({ selector, algorithm }) => {
          if (!this.isObedient && !this.keys.has(selector)) return [];
          return [
            { domain: name, selector, algorithm, publicKey: this.#keyOf(selector, algorithm).publicKey },
          ];
        }),
      ),
      directory: { epoch: 1, revision: 1 },
    };
    const told = JSON.stringify(report);
    if (told !== this.#told) await recordObserved(this.#t.gateway, { serverId: this.serverId, report });
    this.#told = told;
    for (const { destroyedSelectors = [] } of state.domains)
      for (const selector of destroyedSelectors) this.keys.delete(selector);
  }

  async signing(domainName: string): Promise<string[]> {
    return (await this.signatures(domainName)).map(({ selector }) => selector);
  }

  /** The keys that sign, with the selectors that their signatures carry. */
  async signatures(domainName: string): Promise<{ selector: string; signsAs: string }[]> {
    const keys = await this.#keysIn(domainName);
    return keys
      .filter(({ isSigning }) => isSigning)
      .map(({ selector, signsAs = selector }) => ({ selector, signsAs }));
  }

  async #keysIn(domainName: string) {
    const { state } = await this.#target();
    return state.domains.find(({ name }) => name === domainName)?.dkimKeys ?? [];
  }

  /** A revision never changes, so one that is known is not read again. */
  async #target() {
    const [server] = await this.#t.database.admin.query
      .select({ revision: servers.targetRevision })
      .from(servers)
      .where(eq(servers.id, this.serverId));
    if (this.#known === null || this.#known.revision !== server?.revision) {
      const { state } = await getTargetState(this.#t.owner, { serverId: this.serverId });
      this.#known = { state, revision: state.revision };
    }
    return this.#known;
  }

  #keyOf(selector: string, algorithm: "rsa-2048" | "ed25519") {
    const known = this.keys.get(selector);
    if (known !== undefined) return known;
    const made =
      algorithm === "ed25519" ? hostKeyOf(generateKeyPairSync("ed25519")) : nextRsaKey(this.#drawnFrom);
    this.keys.set(selector, made);
    return made;
  }

  async #sign(domain: string, selector: string): Promise<string> {
    const message = `From: test@${domain}\r\nTo: test@${domain}\r\nSubject: A test\r\n\r\nA test.\r\n`;
    const type = this.keys.get(selector)?.privateKey.asymmetricKeyType ?? "rsa";
    const own = this.keys.get(selector)?.privateKey;
    const privateKey = this.isLying && type === "rsa" ? nextRsaKey(this.#drawnFrom).privateKey : own;
    if (privateKey === undefined) throw new Error(`the host has no key ${selector}`);
    const target = (await this.#keysIn(domain)).find((key) => key.selector === selector);
    const by = {
      signingDomain: domain,
      selector: target?.signsAs ?? selector,
      privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
      algorithm: type === "rsa" ? "rsa-sha256" : "ed25519-sha256",
    };
    const { signatures } = await dkimSign(message, { ...by, signatureData: [by] });
    return `${signatures}${message}`;
  }

  async #lose(jobId: string): Promise<void> {
    await this.#t.database.admin.query
      .update(jobs)
      .set({ state: "timed-out", endedAt: this.#t.clock.now })
      .where(eq(jobs.id, jobId));
  }

  async #end(jobId: string, result: unknown): Promise<void> {
    await this.#t.database.admin.query
      .update(jobs)
      .set({
        state: "succeeded",
        outcome: { kind: "succeeded", result: result as never },
        endedAt: this.#t.clock.now,
      })
      .where(eq(jobs.id, jobId));
  }
}

export interface RotationTest {
  domainId: string;
  domainName: string;
  zone: TestZone;
  hosts: [TestHost, TestHost];
}

/** A domain on two servers whose first keys sign, in a zone that two name servers serve. */
export async function openRotationTest(
  t: ServiceTest,
  domainName: string,
  /** The zone that delegated names lead to. */
  ourZone: string | null = null,
): Promise<RotationTest> {
  const zone = new TestZone(domainName, ourZone);
  await zone.open();
  const { organisationId, tenantId } = t;
  const draw = { drawn: 0 };
  const [first, second] = await Promise.all(
    [1, 2].map(async (place) => {
      const label = `${domainName.split(".")[0]}-mx${place}`;
      const { serverId } = await addServer(t.owner, {
        tenantId,
        name: label,
        hostname: `${label}.msp.example`,
      });
      await makeAgent(t.database.admin, { organisationId, tenantId, serverId });
      await t.database.admin.query
        .update(servers)
        .set({ installRequestedAt: t.clock.now })
        .where(eq(servers.id, serverId));
      return new TestHost(t, serverId, draw);
    }),
  );
  if (first === undefined || second === undefined) throw new Error("two hosts were not made");
  const hosts: [TestHost, TestHost] = [first, second];
  const { domainId } = await addDomain(t.owner, { tenantId, serverId: first.serverId, name: domainName });
  await addServerToDomain(t, { domainId, domainName, serverId: second.serverId });
  for (const host of hosts) {
    await host.setOnline(true);
    await host.work();
  }
  const records = await dkimRecordsOf(t, domainId);
  zone.change({ put: records, withdraw: [] });
  await checkDomain(t.owner, { domainId }, zone.resolver);
  for (const host of hosts) await host.work();
  return { domainId, domainName, zone, hosts };
}

async function addServerToDomain(
  t: ServiceTest,
  { domainId, domainName, serverId }: { domainId: string; domainName: string; serverId: string },
): Promise<void> {
  const { organisationId, tenantId, owner } = t;
  await t.database.admin.pool.query(
    `insert into domain_servers (domain_id, server_id, organisation_id, tenant_id, role, created_at)
     values ($1, $2, $3, $4, 'sender', $5)`,
    [domainId, serverId, organisationId, tenantId, t.clock.now],
  );
  await withTransaction(owner, async (tx) => {
    const domain = { id: domainId, organisationId, tenantId, name: domainName };
    const keys = await planDomainKeys(tx, { domain, serverId, now: t.clock.now });
    await changeTargetState(tx, owner, {
      server: await getServerForChange(tx, serverId),
      summary: `Domain ${domainName} added`,
      change: (state) => ({
        ...state,
        domains: [
          ...state.domains,
          { name: domainNameSchema.parse(domainName), dkimKeys: keys, mtaSts: defaultMtaSts },
        ],
      }),
    });
  });
}

/** The DKIM records that a domain needs now. */
export async function dkimRecordsOf(t: ServiceTest, domainId: string): Promise<PlannedRecord[]> {
  const { records } = await getDomain(t.owner, { domainId });
  return records.filter(({ purpose }) => purpose === "dkim");
}

/** What an agent says of itself when it is installed on a machine that nobody knows. */
export function anotherMachine(token: string): Parameters<typeof enrolAgent>[1] {
  const key = () =>
    Buffer.from(
      generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x ?? "",
      "base64url",
    ).toString("base64");
  return {
    token,
    agentPublicKey: key(),
    sealingPublicKey: key(),
    hostname: "another",
    machineId: createHash("md5").update(key()).digest("hex"),
    agentVersion: "0.1.0",
    protocolVersion,
  };
}
