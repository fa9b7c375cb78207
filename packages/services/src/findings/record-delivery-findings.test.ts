import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { DeliveryCount, ReplySample } from "@mailstead/core/delivery";
import { auditEntries, checkFindings, servers } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listFindingChanges, listOpenErrors } from "../checks/index.ts";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { addDomain } from "../domains/index.ts";
import { judgeOrganisation } from "../reputation/index.ts";
import { addServer, setSmarthosts } from "../servers/index.ts";
import { createTenant } from "../tenants/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import {
  acknowledgeFinding,
  getFinding,
  listDeliveryFindings,
  recordDeliveryFindings,
  snoozeFinding,
} from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
const minuteMs = 60_000;
const at = Date.parse("2026-11-20T11:30:00Z");

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  return () => t.close();
});
afterAll(() => shared.close());

const blocked: DeliveryCount = {
  minute: at,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "203.0.113.7",
  provider: "outlook",
  status: "bounced",
  category: "ip-reputation",
  attempts: 8,
  firstAttempts: 8,
  overTls: 0,
  sizeBytes: 900,
  latencies: {},
};
const sent: DeliveryCount = { ...blocked, status: "sent", category: null, overTls: 8 };
const said: ReplySample = {
  at,
  domain: "a.example",
  provider: "outlook",
  relayName: "mx.olc.protection.outlook.com",
  category: "ip-reputation",
  ruleId: null,
  reply: "550 5.7.1 [203.0.113.7] is on our block list (S3140)",
};
const tell = (
  counts: readonly DeliveryCount[],
  samples: readonly ReplySample[] = [],
  serverId = t.serverId,
) =>
  tellAndRollUp(t, {
    serverId,
    stream: "delivery",
    epoch: randomUUID(),
    sequence: 1,
    batch: { counts, samples },
  });
const judge = async () =>
  expect(
    await recordDeliveryFindings(t.system, { app: t.database.app, installation: t.installation }),
  ).toEqual([]);
const sentences = async () => (await listDeliveryFindings(t.owner, {})).map(({ sentence }) => sentence);
const passes = (minutes: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + minutes * minuteMs);
};

test("a smarthost that refuses its account is a finding of the server that signs in there, and of no other", async () => {
  const { x = "" } = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
  const sealingKey = Buffer.from(x, "base64url").toString("base64");
  await t.database.admin.pool.query("update agents set sealing_key = $1 where server_id = $2", [
    sealingKey,
    t.serverId,
  ]);
  const refused = { ...blocked, provider: null, category: "smtp-auth" as const, status: "deferred" as const };
  const reply = "535 5.7.8 Error: authentication failed";
  await tell([refused], [{ ...said, provider: null, category: "smtp-auth", reply }]);
  await judge();
  // Any host of the world may ask for a sign-in; it stands for no other.
  expect(await sentences()).toEqual([]);
  const smarthost = { host: "smtp.relay.example", port: 587, username: "msp", password: "s3cret" };
  const smarthosts = [{ to: "standby", smarthost }];
  await setSmarthosts(t.owner, { serverId: t.serverId, smarthosts, isUntested: true });
  await judge();
  const [finding] = await listDeliveryFindings(t.owner, { serverId: t.serverId });
  expect(finding).toMatchObject({
    sentence:
      "The smarthost refuses mail of mail1 for its sign-in or account there, nearly all of a.example (5.7.8).",
    severity: "error",
    page: "settings",
    details: { owner: "us-configuration", reply },
  });
  passes(30);
  await tell([{ ...sent, provider: null, minute: at + 40 * minuteMs }]);
  await judge();
  expect(await sentences()).toEqual([]);
});

test("a block is a finding with the receiver's words, its figures, what to do and the measure, and closes after deliveries", async () => {
  await tell([blocked], [said]);
  await judge();
  const [finding] = await listDeliveryFindings(t.owner, { serverId: t.serverId });
  expect(finding).toMatchObject({
    sentence: "Outlook.com blocks 203.0.113.7 (S3140).",
    severity: "error",
    subject: { kind: "server", name: "mail1" },
    details: {
      owner: "us-behaviour",
      reply: said.reply,
      fix: { measure: { measure: "relay", provider: "outlook" } },
      figures: { count: 8, of: 8, firstAt: at },
    },
  });
  // It has a line of its own on Home, and is news there.
  expect(await listOpenErrors(t.owner)).toEqual([]);
  expect(await listFindingChanges(t.owner)).toMatchObject([{ what: "opened" }]);
  passes(30);
  await judge();
  expect(await sentences()).toHaveLength(1);
  await tell([{ ...sent, minute: at + 40 * minuteMs }]);
  await judge();
  expect(await sentences()).toEqual([]);
  // Old counts of the same hours open nothing anew.
  await judge();
  expect(await sentences()).toEqual([]);
});

test("two workers at once, and one that died halfway, keep each finding once", async () => {
  await tell([blocked], [said]);
  await Promise.all([judge(), judge(), judge()]);
  await judge();
  expect(await t.database.admin.query.select().from(checkFindings)).toHaveLength(1);
});

test("what a receiver holds against a domain is the domain's, whichever server sent it", async () => {
  const { domainId } = await addDomain(t.owner, {
    tenantId: t.tenantId,
    serverId: t.serverId,
    name: "a.example",
  });
  await tell([{ ...blocked, provider: "gmail", category: "auth-spf" }]);
  await judge();
  expect(await listDeliveryFindings(t.owner, { domainId })).toMatchObject([
    {
      sentence: "Gmail refuses mail of a.example for failed authentication.",
      subject: { kind: "domain", name: "a.example" },
    },
  ]);
});

test("what a receiver holds against an address is read with each domain that the server sends for, and no other", async () => {
  const { tenantId, serverId } = t;
  const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: "a.example" });
  const other = await addServer(t.owner, { tenantId, name: "mail2", hostname: "mail2.msp.example" });
  const { domainId: elsewhere } = await addDomain(t.owner, {
    tenantId,
    serverId: other.serverId,
    name: "b.example",
  });
  await tell([blocked], [said]);
  await judge();
  expect(await listDeliveryFindings(t.owner, { domainId })).toMatchObject([
    { subject: { kind: "server", name: "mail1" } },
  ]);
  expect(await listDeliveryFindings(t.owner, { domainId: elsewhere })).toEqual([]);
});

test("a receiver that slows mail of one domain down is told with that domain and the back-off", async () => {
  const slow: DeliveryCount = {
    ...blocked,
    provider: "gmail",
    status: "deferred",
    category: "rate-limit",
    attempts: 12,
  };
  await tell([slow, { ...slow, minute: at - 20 * minuteMs }]);
  await judge();
  expect(await listDeliveryFindings(t.owner, {})).toMatchObject([
    {
      severity: "warning",
      sentence: "Gmail slows down mail of mail1, nearly all of a.example.",
      details: { fix: { measure: { measure: "back-off", provider: "gmail" } } },
    },
  ]);
});

const judgeReputation = () => judgeOrganisation(t.owner);

test("a reputation that fell without a finding that says why is one of its own, once two judgements agree", async () => {
  const soft: DeliveryCount = { ...blocked, status: "deferred", attempts: 4 };
  await tell([{ ...sent, attempts: 900, firstAttempts: 900 }, soft]);
  await judge();
  expect(await sentences()).toEqual([]);
  await judgeReputation();
  await judge();
  expect(await sentences()).toEqual(["The reputation of mail1 at Outlook.com fell to LOW."]);
  await judge();
  expect(await sentences()).toHaveLength(1);
  // Two days later the verdict of the minute is better; it closes once the one that is kept says so too.
  passes(49 * 60);
  await judge();
  expect(await sentences()).toHaveLength(1);
  await judgeReputation();
  await judge();
  expect(await sentences()).toEqual([]);
});

test("complaints alone make it fall, though every message was delivered", async () => {
  await t.database.admin.pool.query("update servers set facts = $1 where id = $2", [
    { ipAddresses: ["203.0.113.7"] },
    t.serverId,
  ]);
  await addDomain(t.owner, { tenantId: t.tenantId, serverId: t.serverId, name: "a.example" });
  await tell([{ ...sent, provider: "yahoo", attempts: 3000, firstAttempts: 3000 }]);
  await judge();
  expect(await sentences()).toEqual([]);
  await complain(40);
  await judgeReputation();
  await judge();
  expect(await listDeliveryFindings(t.owner, {})).toMatchObject([
    {
      sentence: "The reputation of mail1 at Yahoo fell to LOW.",
      details: { evidence: expect.arrayContaining([expect.stringMatching(/^marked as spam.*40 of 3000/)]) },
    },
  ]);
});

async function complain(incidents: number): Promise<void> {
  const feedback = {
    kind: "complaint",
    type: "abuse",
    reporter: "arf.mail.yahoo.com",
    domains: ["a.example"],
    at,
    sourceIp: "203.0.113.7",
    incidents,
    dkimDomain: "a.example",
    dkimSelector: "ms1",
    feedbackId: null,
    failure: null,
    results: {},
  };
  const batch = { aggregates: [], tls: [], feedback: [feedback], troubles: [] };
  await tellAndRollUp(t, {
    serverId: t.serverId,
    stream: "reports",
    epoch: randomUUID(),
    sequence: 1,
    batch,
  });
}

test("what strikes many servers at once is one finding of the organisation, with theirs folded into it", async () => {
  const { tenantId } = await createTenant(t.owner, { name: "Other" });
  const ids = [t.serverId];
  for (const [name, owner] of [
    ["mail2", t.tenantId],
    ["mail3", tenantId],
    ["mail4", tenantId],
  ] as const)
    ids.push((await addServer(t.owner, { tenantId: owner, name, hostname: `${name}.msp.example` })).serverId);
  await t.database.admin.query.update(servers).set({ createdAt: new Date(at - 30 * 86_400_000) });
  for (const [n, id] of ids.entries())
    await tell([{ ...blocked, minute: at + n * 5 * minuteMs, sendingAddress: `198.51.${n}.7` }], [said], id);
  await judge();
  await judge();
  const lines = await listDeliveryFindings(t.owner, {});
  expect(lines).toMatchObject([
    {
      sentence: "Outlook.com began to refuse 4 servers at 11:30 UTC on 20 November 2026.",
      subject: { kind: "organisation" },
      tenantName: null,
      details: { fleet: { activeServers: 4 } },
    },
  ]);
  const page = await getFinding(t.owner, { findingId: lines[0]?.id ?? "" });
  expect(page.servers.map(({ name }) => name)).toEqual(["mail1", "mail2", "mail3", "mail4"]);
  expect(await listFindingChanges(t.owner)).toHaveLength(1);
  // Who looks after one customer sees nothing of the others, and so sees the finding itself.
  const own = await listDeliveryFindings(t.as("technician", tenantId), {});
  expect(own.map(({ subject }) => subject.name)).toEqual(["mail3", "mail4"]);
  // Once hardly one is left, the event is over and the last one stands for itself.
  for (const id of ids.slice(1)) await tell([{ ...sent, minute: at + 25 * minuteMs }], [], id);
  for (const [n, id] of ids.entries())
    if (n > 0) await tell([{ ...sent, minute: at + 40 * minuteMs, sendingAddress: `198.51.${n}.7` }], [], id);
  passes(45);
  await judge();
  expect(await sentences()).toEqual(["Outlook.com blocks 198.51.0.7 (S3140)."]);
});

test("a person acknowledges and snoozes a finding, which the audit knows and Home minds", async () => {
  await tell([blocked], [said]);
  await judge();
  const findingId = (await listDeliveryFindings(t.owner, {}))[0]?.id ?? "";
  await acknowledgeFinding(t.owner, { findingId });
  expect(await getFinding(t.owner, { findingId })).toMatchObject({ acknowledgedAt: t.clock.now });
  await snoozeFinding(t.owner, { findingId, hours: 2 });
  expect(await sentences()).toEqual([]);
  expect(await listDeliveryFindings(t.owner, { serverId: t.serverId })).toHaveLength(1);
  passes(120);
  expect(await sentences()).toHaveLength(1);
  const audit = await t.database.admin.query
    .select({ action: auditEntries.action })
    .from(auditEntries)
    .where(eq(auditEntries.subjectKind, "finding"));
  expect(audit.map(({ action }) => action).sort()).toEqual(["acknowledge-finding", "snooze-finding"]);
});

test("an auditor answers no finding, and a stranger sees none", async () => {
  await tell([blocked], [said]);
  await judge();
  const findingId = (await listDeliveryFindings(t.owner, {}))[0]?.id ?? "";
  expect(() => acknowledgeFinding(t.as("auditor"), { findingId })).toThrow();
  const stranger = await t.makeStranger();
  await expect(getFinding(stranger, { findingId })).rejects.toMatchObject({ kind: "not-found" });
  expect(await listDeliveryFindings(stranger, {})).toEqual([]);
});
