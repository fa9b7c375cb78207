import type { HostFacts } from "@mailstead/core/servers";
import { outgoingMails, servers } from "@mailstead/db";
import { makeGateway } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { getFinding, listDeliveryFindings } from "../findings/index.ts";
import { getFleetOverview, getServer, recordFacts, recordObserved, setRelays } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import {
  listFindingChanges,
  listOpenErrors,
  makeDigests,
  recordFindings,
  recordHostConditions,
} from "./index.ts";

const t = await openServerTest();
const { serverId, organisationId, tenantId } = t;
const { id: gatewayId } = await makeGateway(t.database.admin);
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

beforeAll(async () => {
  await change({ gatewayId, enrolmentState: "enrolled", installRequestedAt: t.clock.now });
  const report = { targetRevision: 1, drift: [], dkimPublicKeys: [], directory: { epoch: 1, revision: 0 } };
  await recordObserved(t.system, { serverId, report });
});
afterAll(() => t.close());

const change = (row: Partial<typeof servers.$inferInsert>) =>
  t.database.admin.query.update(servers).set(row).where(eq(servers.id, serverId));
const tell = (facts: Partial<HostFacts>) => recordFacts(t.system, { serverId, facts: testFacts(facts) });
const down: Partial<HostFacts> = {
  services: [{ unit: "rspamd.service", state: "failed", sinceUnixMs: 1_760_000_000_000 }],
};

/** The worker looks again and again, for so long. */
async function watch(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 2) {
    expect(
      await recordHostConditions(t.system, { app: t.database.app, installation: t.installation }),
    ).toEqual([]);
    t.clock.now = new Date(t.clock.now.getTime() + 2 * minuteMs);
  }
}
/** A day without news goes by, so that only what comes now is a change. */
async function settle(): Promise<void> {
  await tell({});
  await watch(2);
  t.clock.now = new Date(t.clock.now.getTime() + dayMs);
  await watch(2);
  t.clock.now = new Date(t.clock.now.getTime() + 2 * dayMs);
  await makeDigests(t.system, { app: t.database.app, installation: t.installation });
  await t.database.admin.query.delete(outgoingMails);
}
const changes = async () =>
  (await listFindingChanges(t.owner)).map(
    ({ what, severity, sentence }) => `${what} ${severity}: ${sentence}`,
  );
const isDown = "error: Rspamd does not run on the server.";

test("a service that stays down becomes a finding that is mailed, and is closed once it runs again", async () => {
  await settle();
  await tell(down);
  await watch(10);
  expect(await changes()).toEqual([]);
  await watch(2);
  expect(await changes()).toEqual([`opened ${isDown}`]);
  t.clock.now = new Date(t.clock.now.getTime() + 2 * dayMs);
  await makeDigests(t.system, { app: t.database.app, installation: t.installation });
  const [mail] = await t.database.admin.query.select().from(outgoingMails);
  expect(mail?.body).toContain("- Error: Rspamd does not run on the server. [mail1 (");
  await tell({});
  await watch(10);
  expect(await changes()).toEqual([]);
  await watch(2);
  expect(await changes()).toEqual([`closed ${isDown}`]);
});

test("one that restarts for a moment mails nobody, even when the mail is written at that moment", async () => {
  await settle();
  await tell(down);
  await watch(4);
  expect(await makeDigests(t.system, { app: t.database.app, installation: t.installation })).toBe(0);
  await tell({});
  await watch(16);
  expect(await changes()).toEqual([]);
  expect(await t.database.admin.query.select().from(outgoingMails)).toEqual([]);
});

test("a host that has fallen silent settles nothing, nor does what it said before it came back", async () => {
  await settle();
  await tell(down);
  await watch(12);
  await change({ gatewayId: null });
  await watch(30);
  await change({ gatewayId, connectedAt: t.clock.now });
  await watch(30);
  expect(await changes()).toEqual([`opened ${isDown}`]);
  await change({ enrolmentState: "quarantined" });
  await tell({});
  await watch(30);
  expect(await changes()).toEqual([`opened ${isDown}`]);
  await change({ enrolmentState: "enrolled" });
  await watch(14);
  expect(await changes()).toEqual([]);
});

test("a disk that goes on filling is told of again, as the error that it has become", async () => {
  await settle();
  await tell({ diskFreeBytes: 11_000_000_000 });
  await watch(12);
  expect(await changes()).toEqual(["opened warning: Less than 30 % of the server's disk is free."]);
  await tell({ diskFreeBytes: 5_000_000_000 });
  await watch(12);
  expect(await changes()).toEqual(["opened error: Less than 15 % of the server's disk is free."]);
  expect(await makeDigests(t.system, { app: t.database.app, installation: t.installation })).toBe(0);
});

test("a relay for all mail settles a port 25 that is closed", async () => {
  await settle();
  await tell({ canReachPort25: false });
  await watch(42);
  expect(await changes()).toEqual(["opened error: The server cannot reach port 25 of other mail servers."]);
  await setRelays(t.owner, {
    isUntested: true,
    serverId,
    relays: [{ sendersOf: "*", smarthost: { host: "smtp.relay.example", port: 587 } }],
  });
  await watch(42);
  expect(await changes()).toEqual([]);
});

test("what an agent cannot tell neither begins nor ends anything", async () => {
  await settle();
  await tell({ queueLateMessages: 80 });
  await watch(12);
  await tell({ queueLateMessages: null });
  await watch(30);
  expect(await changes()).toEqual([
    "opened warning: 50 messages or more have waited on the server for hours.",
  ]);
});

test("a look from outside and what the host tells leave each other's findings alone, and Home says each once", async () => {
  await settle();
  await tell(down);
  await watch(12);
  const subject = { organisationId, tenantId, serverId };
  const unseen = () => false;
  await withTransaction(t.owner, (tx) => recordFindings(tx, subject, { found: [], unseen, at: t.clock.now }));
  expect(await changes()).toEqual([`opened ${isDown}`]);
  expect(await listOpenErrors(t.owner)).toEqual([]);
  const { findings } = await getFleetOverview(t.owner);
  expect(findings.filter(({ code }) => code === "service-down")).toHaveLength(1);
});

test("the server's page shows at once what the host tells, with its evidence", async () => {
  await settle();
  await tell({ ...down, isRebootRequired: true });
  const { conditionFindings } = await getServer(t.owner, { serverId });
  expect(conditionFindings.map(({ kind }) => kind)).toEqual(["service-down", "reboot"]);
  expect(conditionFindings[0]?.evidence[0]).toMatch(/^systemctl: rspamd\.service failed since /);
  await change({ gatewayId: null });
  expect((await getServer(t.owner, { serverId })).conditionFindings).toEqual([]);
  await change({ gatewayId });
});

test("what several ports of one server show is one error and one change on Home, of one server", async () => {
  await settle();
  const sentence = "Nobody outside trusts the certificate at the mail ports of mail1.msp.example.";
  const found = ["198.51.100.11:25", "198.51.100.11:465"].map((about) => ({
    key: `certificate-untrusted ${about}`,
    severity: "error" as const,
    sentence,
  }));
  const subject = { organisationId, tenantId, serverId };
  await withTransaction(t.owner, (tx) =>
    recordFindings(tx, subject, { found, unseen: () => false, at: t.clock.now }),
  );
  expect(await listOpenErrors(t.owner)).toMatchObject([{ sentence, subjectCount: 1 }]);
  expect(await listFindingChanges(t.owner)).toMatchObject([{ sentence, subjectCount: 1 }]);
});

test("mail that waits for a receiver is one finding with a page, whose figures go on, until it has left", async () => {
  await settle();
  const waiting = (messages: number) => [
    {
      provider: "outlook" as const,
      messages,
      lateMessages: messages,
      oldestAtUnixMs: Date.UTC(2026, 10, 28),
    },
  ];
  await tell({ queueWaiting: waiting(240) });
  await watch(12);
  const lines = async () => await listDeliveryFindings(t.owner, { serverId });
  expect(await lines()).toMatchObject([
    { topic: "waiting", sentence: expect.stringMatching(/^Mail to Outlook\.com waits: 240 messages/) },
  ]);
  const [{ id } = { id: "" }] = await lines();
  await tell({ queueWaiting: waiting(300) });
  await watch(2);
  expect(await lines()).toMatchObject([{ id, sentence: expect.stringContaining("300 messages") }]);
  expect((await getFinding(t.owner, { findingId: id })).measureServers).toMatchObject([{ id: serverId }]);
  await tell({ queueWaiting: waiting(4) });
  await watch(14);
  expect(await lines()).toEqual([]);
});
