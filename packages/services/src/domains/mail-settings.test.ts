import { auditEntries, certificates, domains } from "@mailstead/db";
import { makeCertificate } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeNameServer } from "../dns/name-server.testing.ts";
import { createMailbox } from "../mailboxes/index.ts";
import { changeHostname, recordFacts, recordObserved, setSmarthosts } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import {
  addDomain,
  addDomainWithoutMail,
  changeMailSettings,
  checkDomain,
  getDomain,
  getMailSettings,
  listDomains,
  removeDomain,
} from "./index.ts";

const t = await openServerTest();
const { serverId, tenantId, organisationId } = t;
const dns = makeNameServer("127.0.0.1");
const registry = makeNameServer("127.0.0.12", ["example"]);
const ns1 = makeNameServer("127.0.0.13", ["parked.example"]);
let resolver: { address: string; port: number; authorityPort: number };
beforeAll(async () => {
  const port = await dns.start();
  await registry.start(port);
  await ns1.start(port);
  resolver = { address: "127.0.0.1", port, authorityPort: port };
});
afterAll(async () => {
  for (const server of [dns, registry, ns1]) server.stop();
  await t.close();
});

const add = async (name: string) => (await addDomain(t.owner, { tenantId, serverId, name })).domainId;
const change = (
  domainId: string,
  settings: Parameters<typeof changeMailSettings>[1]["settings"],
  by = t.owner,
) => changeMailSettings(by, { domainId, settings });
const recordsOf = async (domainId: string) => (await getDomain(t.owner, { domainId })).records;
const plannedValue = async (domainId: string, purpose: string) =>
  (await recordsOf(domainId)).find((record) => record.purpose === purpose)?.value;

test("what is wished for stands in the planned records, is looked for at once, and is told in the audit", async () => {
  const domainId = await add("alpha.example");
  const { settings: before } = await getMailSettings(t.owner, { domainId });
  await t.database.admin.query
    .update(domains)
    .set({ nextCheckAt: new Date("2030-01-01T00:00:00Z") })
    .where(eq(domains.id, domainId));
  await change(domainId, {
    spf: { includes: ["_spf.news.example", "bücher.example"], addresses: ["192.0.2.7"] },
    dmarc: { policy: "quarantine", reportsTo: ["dmarc@alpha.example"] },
    namesWithoutMail: ["WWW.alpha.example", "www", "shop"],
  });
  expect(await plannedValue(domainId, "spf")).toBe(
    "v=spf1 mx include:_spf.news.example include:xn--bcher-kva.example ip4:192.0.2.7 -all",
  );
  expect(await plannedValue(domainId, "dmarc")).toBe(
    "v=DMARC1; p=quarantine; rua=mailto:dmarc@alpha.example,mailto:mailstead-reports@mail1.msp.example",
  );
  const { settings } = await getMailSettings(t.owner, { domainId });
  expect(settings.namesWithoutMail).toEqual(["www", "shop"]);
  const [row] = await t.database.admin.query.select().from(domains).where(eq(domains.id, domainId));
  expect(row?.nextCheckAt).toEqual(t.clock.now);
  const audit = await t.database.admin.query
    .select()
    .from(auditEntries)
    .where(eq(auditEntries.action, "change-mail-settings"));
  expect(audit).toMatchObject([{ subjectName: "alpha.example", before: { settings: before } }]);
  // The same again changes nothing.
  await change(domainId, settings);
  expect(
    await t.database.admin.query
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.action, "change-mail-settings")),
  ).toHaveLength(1);
});

test.each<[string, Parameters<typeof changeMailSettings>[1]["settings"], RegExp]>([
  ["no sender", { spf: { includes: ["news"] } }, /names no sender/],
  ["no address", { dmarc: { reportsTo: ["nobody"] } }, /no mail address for reports/],
  [
    "a logo nobody shows",
    { dmarc: { policy: "none" }, bimi: { logoUrl: "https://a.example/l.svg" } },
    /logo/,
  ],
  ["the domain itself", { namesWithoutMail: ["bad.example"] }, /is the domain itself/],
  ["the name of its server", { namesWithoutMail: ["mx"] }, /^mx\.bad\.example is the name of a server/],
  ["a name that leads elsewhere", { namesWithoutMail: ["autoconfig"] }, /by a CNAME record/],
  ["a domain of its own", { namesWithoutMail: ["eu"] }, /^eu\.bad\.example is a domain of its own here/],
])("%s is refused in one sentence", async (_what, settings, sentence) => {
  const found = (await listDomains(t.owner, { search: "bad.example" })).domains.find(
    ({ name }) => name === "bad.example",
  );
  let domainId = found?.id;
  if (domainId === undefined) {
    domainId = await add("bad.example");
    await add("eu.bad.example");
    await changeHostname(t.owner, { serverId, hostname: "mx.bad.example" });
  }
  await expect(change(domainId, settings)).rejects.toMatchObject({
    kind: "invalid",
    message: expect.stringMatching(sentence),
  });
});

test("only technicians change settings, and strangers see none", async () => {
  const domainId = await add("scoped.example");
  await expect(change(domainId, {}, t.as("auditor"))).rejects.toMatchObject({ kind: "forbidden" });
  const stranger = await t.makeStranger();
  await expect(change(domainId, {}, stranger)).rejects.toMatchObject({ kind: "not-found" });
  await expect(getMailSettings(stranger, { domainId })).rejects.toMatchObject({ kind: "not-found" });
});

test("DMARC goes to reject only once SPF and DKIM were seen to pass", async () => {
  const domainId = await add("steps.example");
  await expect(change(domainId, { dmarc: { policy: "reject" } })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/have not been checked yet/),
  });
  await change(domainId, { dmarc: { policy: "none" } });
  const { dmarc } = await getMailSettings(t.owner, { domainId });
  expect(dmarc.advice).toMatch(/Check the domain/);
  expect(dmarc.policies.map(({ problem }) => problem === null)).toEqual([true, false, false]);
});

test("SPF is flattened for who asks for it, and keeps what it had while a name cannot be looked up", async () => {
  const domainId = await add("flat.example");
  const facts = testFacts();
  await recordFacts(t.system, { serverId, facts: { ...facts, ipAddresses: ["198.51.100.11"] } });
  dns.publish("_spf.news.example TXT v=spf1 ip4:203.0.113.0/24 a:out.news.example -all");
  dns.publish(
    "_spf.news.example TXT v=spf1 ip4:203.0.113.0/24 a:out.news.example -all",
    "out.news.example A 192.0.2.9",
  );
  await change(domainId, { spf: { includes: ["_spf.news.example"], isFlattened: true } });
  expect(await plannedValue(domainId, "spf")).toBe("v=spf1 mx include:_spf.news.example -all");
  await checkDomain(t.owner, { domainId }, resolver);
  const flat = "v=spf1 ip4:198.51.100.11 ip4:203.0.113.0/24 ip4:192.0.2.9 -all";
  expect(await plannedValue(domainId, "spf")).toBe(flat);
  dns.publish("out.news.example A 192.0.2.9");
  await checkDomain(t.owner, { domainId }, resolver);
  const spf = (await recordsOf(domainId)).find(({ purpose }) => purpose === "spf");
  expect(spf).toMatchObject({ value: flat, reason: expect.stringMatching(/has no SPF record/) });
  // Other senders make another record, which was never flattened.
  await change(domainId, { spf: { includes: ["_spf.other.example"], isFlattened: true } });
  expect(await plannedValue(domainId, "spf")).toBe("v=spf1 mx include:_spf.other.example -all");
});

test("a domain without mail has no server and no keys, says so in its records, and takes no mailbox", async () => {
  const { domainId } = await addDomainWithoutMail(t.owner, { tenantId, name: "Parked.example." });
  const domain = await getDomain(t.owner, { domainId });
  expect(domain).toMatchObject({ name: "parked.example", isWithoutMail: true, servers: [], keys: [] });
  expect(domain.records.map(({ name, value }) => `${name} ${value}`)).toEqual([
    "parked.example v=spf1 -all",
    "_dmarc.parked.example v=DMARC1; p=reject",
    "parked.example 0 .",
  ]);
  const delegation = ["parked.example NS ns1.parked.example", "ns1.parked.example A 127.0.0.13"];
  const zone = ["parked.example SOA 1", ...delegation];
  dns.publish("example NS ns.example", "ns.example A 127.0.0.12", ...delegation);
  registry.publish("example SOA 1", "example NS ns.example", ...delegation.slice(0, 1));
  ns1.publish(
    ...zone,
    "parked.example TXT v=spf1 -all",
    "_dmarc.parked.example TXT v=DMARC1; p=reject",
    "parked.example MX 0 .",
  );
  await checkDomain(t.owner, { domainId }, resolver);
  const kinds = (await recordsOf(domainId)).map(({ verdict }) => verdict?.kind);
  expect(kinds).toEqual(["ok", "ok", "ok"]);
  ns1.publish(...zone, "parked.example TXT v=spf1 a -all", "parked.example MX 10 mx.other.example");
  await checkDomain(t.owner, { domainId }, resolver);
  expect((await recordsOf(domainId)).map(({ verdict }) => verdict?.kind)).toEqual([
    "different",
    "missing",
    "different",
  ]);
  await expect(
    createMailbox(t.owner, { domainId, localPart: "ann", password: "correct horse battery staple" }),
  ).rejects.toMatchObject({ kind: "precondition-failed", message: expect.stringMatching(/takes no mail/) });
  await expect(addDomainWithoutMail(t.owner, { tenantId, name: "parked.example" })).rejects.toMatchObject({
    kind: "conflict",
  });
  await expect(addDomainWithoutMail(t.as("auditor"), { tenantId, name: "b.example" })).rejects.toMatchObject({
    kind: "forbidden",
  });
  const stranger = await t.makeStranger();
  await expect(addDomainWithoutMail(stranger, { tenantId, name: "c.example" })).rejects.toMatchObject({
    kind: "not-found",
  });
  await removeDomain(t.owner, { domainId });
  expect((await listDomains(t.owner, { search: "parked.example" })).domains).toEqual([]);
});

test("the host's SSH keys and the authority of its certificate stand in the records", async () => {
  const domainId = await add("hosted.example");
  await recordObserved(t.system, {
    serverId,
    report: {
      targetRevision: 1,
      drift: [],
      dkimPublicKeys: [],
      directory: { epoch: 1, revision: 1 },
      sshHostKeys: [{ algorithm: "ed25519", sha256: "ab".repeat(32) }],
    },
  });
  expect(await plannedValue(domainId, "sshfp")).toBe(`4 2 ${"ab".repeat(32)}`);
  expect(await plannedValue(domainId, "caa")).toBeUndefined();
  const { id } = await makeCertificate(t.database.admin, { organisationId, tenantId, serverId });
  expect(await plannedValue(domainId, "caa")).toBeUndefined();
  await t.database.admin.query
    .update(certificates)
    .set({ caaIssuer: "ca.example", accountUrl: "https://ca.example/acct/1" })
    .where(eq(certificates.id, id));
  expect(await plannedValue(domainId, "caa")).toBe(
    '0 issue "ca.example; accounturi=https://ca.example/acct/1"',
  );
});

test("a smarthost's service is planned into SPF, and its own records beside ours; none takes the place of ours", async () => {
  const domainId = await add("through.example");
  await setSmarthosts(t.owner, {
    serverId,
    smarthosts: [{ to: "standby", smarthost: { host: "smtp.postmarkapp.com", port: 587 } }],
    isUntested: true,
  });
  expect(await plannedValue(domainId, "spf")).toBe("v=spf1 mx include:spf.mtasv.net -all");
  const bounces = { name: "PM-Bounces.through.example", type: "CNAME", value: "pm.mtasv.net" } as const;
  await change(domainId, { smarthostRecords: [bounces] });
  expect((await recordsOf(domainId)).find(({ purpose }) => purpose === "smarthost")).toMatchObject({
    name: "pm-bounces.through.example",
    value: "pm.mtasv.net",
  });
  const own = (await recordsOf(domainId)).find(
    ({ name }) => name.startsWith("_") && name.endsWith(".through.example"),
  );
  const label = own?.name.replace(".through.example", "") ?? "";
  await expect(change(domainId, { smarthostRecords: [{ ...bounces, name: label }] })).rejects.toMatchObject({
    kind: "invalid",
  });
});
