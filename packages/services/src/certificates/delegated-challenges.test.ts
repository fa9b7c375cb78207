import { delegatedChallengeName } from "@mailstead/core/certificates";
import { dnsPublishedRecords } from "@mailstead/db";
import { makeDomain } from "@mailstead/db/factories";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getDomainDelegation, setDelegationZone } from "../dkim-delegation/index.ts";
import { connectDns, doDnsWork, openRecordPublisher, type PublishingWorker } from "../publishing/index.ts";
import { TestZones } from "../publishing/zones.testing.ts";
import { createTenant } from "../tenants/index.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import { readGround } from "./read-ground.ts";

let t: CertificateTest;
let worker: PublishingWorker;
let otherTenantId: string;
const accounts = new Map<string, TestZones>();
const challenge = "_acme-challenge.alpha.example";

beforeEach(async () => {
  t = await openCertificateTest();
  accounts.clear();
  worker = {
    system: t.system,
    app: t.database.app,
    installation: t.installation,
    opener: t.opener,
    openProvider: (settings) =>
      accounts.get("token" in settings ? settings.token : "") ?? expect.fail("no such account"),
    writeOptions: { lookAgainAfterMs: [] },
  };
  t.provider.publisher = openRecordPublisher(worker);
  otherTenantId = (await createTenant(t.owner, { name: "Another customer" })).tenantId;
  const { organisationId } = t;
  await makeDomain(t.database.admin, { organisationId, tenantId: otherTenantId, name: "beta.example" });
});
afterEach(() => t.close());

/** An account at a provider, connected for one customer or for all, whose zones the name servers show. */
async function connect(zone: string, tenantId: string | null): Promise<TestZones> {
  const zones = new TestZones(zone);
  accounts.set(`token-of-${zone}`, zones);
  const write = zones.writeSets.bind(zones);
  zones.writeSets = async (...asked) => {
    const before = zones.lines();
    await write(...asked);
    t.dns.withdraw(...before);
    t.dns.publish(...zones.lines());
  };
  const settings = { provider: "desec", token: `token-of-${zone}` } as const;
  await connectDns(t.owner, { label: zone, tenantId, settings });
  await doDnsWork(worker, async () => undefined);
  return zones;
}

const ask = () => t.askForDomain({ challenge: "dns-01", isWildcard: true });
const refused = async () =>
  (await t.runUntil((view) => view.problem?.kind === "permanent")).problem?.sentence ?? "";
const noted = () => t.database.admin.query.select().from(dnsPublishedRecords);

describe("a challenge whose alias leads elsewhere", () => {
  test("is never proven through another customer's connection, and goes on once it leads to a place of its own", async () => {
    const theirs = await connect("beta.example", otherTenantId);
    const own = await connect("acme.example", t.tenantId);
    t.dns.publish(`${challenge} CNAME proof.beta.example`);
    await ask();
    expect(await refused()).toBe(
      `${challenge} is an alias of proof.beta.example, where nothing may be written for this customer; let it lead to a name in a domain or a DNS connection of the same customer, or have an admin say in the settings in which zone delegated names lie.`,
    );
    expect(theirs.writes).toBe(0);
    expect(await noted()).toEqual([]);
    expect(t.ca.asked.filter((line) => line.includes("/challenge/"))).toEqual([]);

    t.dns.withdraw(`${challenge} CNAME proof.beta.example`);
    t.dns.publish(`${challenge} CNAME proof.acme.example`);
    await ask();
    expect((await t.issued()).names).toEqual(["*.alpha.example"]);
    expect(theirs.writes).toBe(0);
    expect(own.writes).toBe(2);
    expect(own.lines()).toEqual([]);
  });

  test("is not proven in another customer's domain through a connection of the organisation either", async () => {
    const everybodys = await connect("beta.example", null);
    t.dns.publish(`${challenge} CNAME proof.beta.example`);
    await ask();
    await refused();
    expect(everybodys.writes).toBe(0);
  });

  test("is proven in a zone of the organisation's only below the domain's own id, and only where it keeps delegated names", async () => {
    const zones = await connect("keys.example", null);
    const place = delegatedChallengeName(t.domainId, "keys.example");
    t.dns.publish(`${challenge} CNAME ${place}`);
    await ask();
    expect(await refused()).toContain("have an admin say in the settings");
    expect(zones.writes).toBe(0);

    const shown = async () => (await getDomainDelegation(t.owner, { domainId: t.domainId })).challengeAlias;
    expect(await shown()).toBeNull();
    await setDelegationZone(t.owner, { zone: "keys.example" });
    expect(await shown()).toBe(`${challenge}. IN CNAME ${place}.`);
    const elsewhere = delegatedChallengeName(otherTenantId, "keys.example");
    t.dns.withdraw(`${challenge} CNAME ${place}`);
    t.dns.publish(`${challenge} CNAME ${elsewhere}`);
    await ask();
    await t.run();
    expect((await t.view()).problem?.sentence).toContain(`; let it lead to ${place}, or to a name`);
    expect(zones.writes).toBe(0);

    t.dns.withdraw(`${challenge} CNAME ${elsewhere}`);
    t.dns.publish(`${challenge} CNAME ${place}`);
    await ask();
    await t.issued();
    expect(zones.writes).toBe(2);
    expect(zones.lines()).toEqual([]);
    expect(await noted()).toEqual([]);
  });

  test("is shown to be pasted where no connection reaches", async () => {
    t.dns.publish(`${challenge} CNAME proof.acme.example`);
    await ask();
    const { toPaste, problem } = await t.runUntil((view) => view.toPaste.length > 0);
    expect(toPaste.map(({ name }) => name)).toEqual(["proof.acme.example"]);
    expect(problem?.sentence).toMatch(/^No DNS connection reaches .* publish the TXT record proof\.acme/);
  });
});

test("a name that is another customer's domain is proven by HTTP-01 alone, whoever's domain lies above it", async () => {
  const { organisationId } = t;
  await makeDomain(t.database.admin, { organisationId, tenantId: otherTenantId, name: "imap.alpha.example" });
  const theirs = await connect("imap.alpha.example", otherTenantId);
  await t.askForDomain({ challenge: "dns-01" });
  expect(await refused()).toBe(
    "_acme-challenge.imap.alpha.example lies in a domain of another customer, so nothing is written there for this certificate; choose HTTP-01.",
  );
  expect(theirs.writes).toBe(0);
  await t.askForDomain({ challenge: "http-01" });
  expect((await t.issued()).names).toEqual(["imap.alpha.example"]);
});

test("a server's own name that lies in no mail domain is proven through the connection that reaches it, and nothing stays", async () => {
  const zones = await connect("msp.example", null);
  await t.ask({ challenge: "dns-01" });
  expect((await t.issued()).names).toEqual(["mail1.msp.example"]);
  await t.run();
  expect(zones.writes).toBe(2);
  expect(zones.lines()).toEqual([]);
});

test("the database shows no row of another customer's as a certificate's own", async () => {
  await connect("acme.example", t.tenantId);
  await connect("private.example", otherTenantId);
  await connect("keys.example", null);
  const mine = await readGround(t.owner, t.tenantId);
  expect(mine).toMatchObject({
    own: ["alpha.example"],
    others: ["beta.example"],
    connected: [
      { zone: "acme.example", isOwn: true },
      { zone: "keys.example", isOwn: false },
    ],
    ownIds: [t.domainId, t.serverId],
  });
  expect(await readGround(t.owner, otherTenantId)).toMatchObject({
    own: ["beta.example"],
    others: ["alpha.example"],
    connected: [
      { zone: "private.example", isOwn: true },
      { zone: "keys.example", isOwn: false },
    ],
  });
  const stranger = await t.makeStranger();
  expect(await readGround(stranger, t.tenantId)).toMatchObject({ own: [], others: [], connected: [] });
});
