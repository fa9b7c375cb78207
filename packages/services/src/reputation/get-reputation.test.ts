import { randomUUID } from "node:crypto";
import type { DeliveryCount } from "@mailstead/core/delivery";
import { blockListEntries, checkFindings, newId } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getServerDelivery, keepDeliveryPartitions } from "../delivery/index.ts";
import { addDomain } from "../domains/index.ts";
import { addServer } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import {
  forgetOldReputations,
  getCourse,
  getDay,
  getDomainReputation,
  getFleetReputation,
  getServerReputation,
  judgeReputations,
  listStandings,
} from "./index.ts";

const dayMs = 86_400_000;
let shared: TestDatabase;
let t: ServerTest;
let domainId: string;
let sequence = 0;
const epoch = randomUUID();

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  ({ domainId } = await addDomain(t.owner, {
    tenantId: t.tenantId,
    serverId: t.serverId,
    name: "a.example",
  }));
  return () => t.close();
});
afterAll(() => shared.close());

const sent = (daysAgo: number, messages = 60, values: Partial<DeliveryCount> = {}): DeliveryCount => ({
  minute: Math.floor((t.clock.now.getTime() - daysAgo * dayMs) / 60_000) * 60_000,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "192.0.2.1",
  provider: "outlook",
  status: "sent",
  category: null,
  attempts: messages,
  firstAttempts: messages,
  overTls: messages,
  sizeBytes: 900,
  latencies: {},
  ...values,
});
const refused = (daysAgo: number) => sent(daysAgo, 30, { status: "bounced", category: "ip-reputation" });
const tell = (counts: readonly DeliveryCount[], serverId = t.serverId) => {
  sequence += 1;
  return tellAndRollUp(t, {
    serverId,
    stream: "delivery",
    epoch,
    sequence,
    batch: { counts, samples: [] },
  });
};
const judge = async () =>
  expect(
    await judgeReputations(t.system, { app: t.database.app, installation: t.owner.installation }),
  ).toEqual([]);
const days = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index);

test("a run judges the days behind it, and pages say how a sender stands and since when", async () => {
  await tell([...days(20, 0).map((day) => sent(day)), refused(1)]);
  await judge();
  const { standings, cells, receivers } = await getServerReputation(t.owner, { serverId: t.serverId });
  expect(receivers).toEqual([{ provider: "outlook", title: "Outlook.com" }]);
  expect(standings).toMatchObject([
    {
      address: "192.0.2.1",
      provider: "outlook",
      reputation: "BAD",
      messages: 450,
      evidence: [{ code: "blocked" }],
    },
  ]);
  expect(cells).toHaveLength(21);
  expect(cells.at(-2)).toMatchObject({ messages: 90, delivered: 60, refused: 30, blocked: 30 });
  const ofDomain = await getDomainReputation(t.owner, { domainId, span: "month" });
  expect(ofDomain.cells).toHaveLength(21);
  expect(ofDomain.standings).toMatchObject([{ address: "", reputation: "BAD" }]);
});

test("running again changes nothing, and a day later the next is judged", async () => {
  await tell([...days(9, 0).map((day) => sent(day))]);
  await judge();
  const read = () => getServerReputation(t.owner, { serverId: t.serverId, span: "month" });
  const before = await read();
  await judge();
  expect(await read()).toEqual(before);
  const [{ since } = { since: null }] = before.standings;
  t.clock.now = new Date(t.clock.now.getTime() + dayMs);
  await tell([sent(0)]);
  await judge();
  const after = await read();
  expect(after.cells).toHaveLength(before.cells.length + 1);
  expect(after.standings).toMatchObject([{ reputation: "HIGH", since }]);
});

test("who sends little is judged with the other servers of the organisation, and never with another's", async () => {
  const others = await Promise.all(
    [2, 3, 4].map((number) =>
      addServer(t.owner, {
        tenantId: t.tenantId,
        name: `mail${number}`,
        hostname: `mail${number}.msp.example`,
      }),
    ),
  );
  await tell(days(6, 0).map((day) => sent(day, 2)));
  await judge();
  const standing = async () =>
    (await getServerReputation(t.owner, { serverId: t.serverId })).standings.map(
      ({ reputation }) => reputation,
    );
  expect(await standing()).toEqual(["UNKNOWN"]);
  const stranger = await t.makeStranger();
  expect((await listStandings(stranger)).rows).toEqual([]);
  for (const { serverId } of others)
    await tell(
      days(6, 0).map((day) => sent(day, 900, { sendingAddress: `192.0.2.${day + 20}` })),
      serverId,
    );
  await judge();
  const { standings } = await getServerReputation(t.owner, { serverId: t.serverId });
  expect(standings).toMatchObject([{ reputation: "HIGH", evidence: [{ code: "like-fleet", senders: 21 }] }]);
});

test("the fleet's page names the receiver with the worst standing first, and lists the worst sender first", async () => {
  const { serverId } = await addServer(t.owner, {
    tenantId: t.tenantId,
    name: "mail2",
    hostname: "mail2.msp.example",
  });
  await tell(days(6, 0).flatMap((day) => [sent(day), sent(day, 900, { provider: "gmail" })]));
  await tell(
    [...days(6, 0).map((day) => sent(day, 50, { sendingAddress: "192.0.2.2" })), refused(0)],
    serverId,
  );
  await judge();
  const { receivers, toldAt, days: shown } = await getFleetReputation(t.owner, { span: "week" });
  expect(toldAt).toEqual(t.clock.now);
  expect(shown).toHaveLength(7);
  expect(receivers).toMatchObject([
    { provider: "outlook", standings: { BAD: 1, HIGH: 2, MEDIUM: 0 }, figures: { blocked: 30 } },
    { provider: "gmail", standings: { BAD: 0, HIGH: 1 }, figures: { messages: 6300 } },
  ]);
  const { rows, total } = await listStandings(t.owner, {});
  expect(total).toBe(2);
  expect(rows).toMatchObject([
    { name: "mail2", standings: [{ provider: "outlook", reputation: "BAD", reason: "blocked" }] },
    { name: "mail1", messages: 6720 },
  ]);
  const narrowed = await listStandings(t.owner, { provider: "gmail", search: "mail1" });
  expect(narrowed.rows).toMatchObject([{ name: "mail1", standings: [{ provider: "gmail" }] }]);
  const first = await listStandings(t.owner, { limit: 1 });
  const second = await listStandings(t.owner, { limit: 1, cursor: first.nextCursor ?? "" });
  expect([...first.rows, ...second.rows].map(({ name }) => name)).toEqual(["mail2", "mail1"]);
  expect(second.nextCursor).toBeNull();
});

test("domains of nobody's count for the address alone, and what is old is forgotten", async () => {
  await tell(days(3, 0).map((day) => sent(day, 60, { domain: "forwarded.example" })));
  await judge();
  expect((await listStandings(t.owner, { of: "domains" })).rows).toEqual([]);
  expect((await listStandings(t.owner, {})).total).toBe(1);
  t.clock.now = new Date(t.clock.now.getTime() + 500 * dayMs);
  await forgetOldReputations(t.system);
  expect((await listStandings(t.owner, {})).total).toBe(0);
});

test("an entry in a block list that many go by makes an address bad as long as it stands", async () => {
  await tell(days(6, 0).map((day) => sent(day)));
  const { organisationId, tenantId, serverId } = t;
  const listed = {
    organisationId,
    tenantId,
    serverId,
    severity: "error",
    sentence: "It is on a list.",
  } as const;
  const openedAt = new Date(t.clock.now.getTime() - 2 * dayMs);
  await t.database.admin.query.insert(checkFindings).values([
    { ...listed, id: newId(), key: "block-listed 192.0.2.1 zen", openedAt },
    { ...listed, id: newId(), key: "block-list-seen-address 192.0.2.1 zen", openedAt: t.clock.now },
    { ...listed, id: newId(), key: "block-list-seen-domain a.example dbl", openedAt },
    { ...listed, id: newId(), key: "block-listed 192.0.2.9 zen", openedAt },
    { ...listed, id: newId(), key: "block-listed 192.0.2.1 spamcop", openedAt, closedAt: openedAt },
  ]);
  await judge();
  const { standings } = await getServerReputation(t.owner, { serverId });
  expect(standings).toMatchObject([
    { reputation: "BAD", evidence: [{ code: "listed", about: "zen", at: openedAt.getTime() }] },
  ]);
  expect((await getDomainReputation(t.owner, { domainId })).standings).toMatchObject([
    { reputation: "BAD", evidence: [{ code: "listed", about: "dbl" }] },
  ]);
});

test("an entry in a list that no receiver here goes by alone costs an address some trust, and not all, since it was seen", async () => {
  await tell(days(6, 0).map((day) => sent(day)));
  const since = new Date(t.clock.now.getTime() - 3 * dayMs);
  const { organisationId, tenantId, serverId } = t;
  await t.database.admin.query.insert(checkFindings).values({
    ...{ organisationId, tenantId, serverId, id: newId(), severity: "error", sentence: "It is on a list." },
    key: "block-list-seen-address 192.0.2.1 barracuda",
    openedAt: new Date(t.clock.now.getTime() - 2 * dayMs),
  });
  await t.database.admin.query.insert(blockListEntries).values({
    ...{ organisationId, tenantId, serverId, list: "barracuda", subject: "192.0.2.1", state: "listed" },
    ...{ since, seenAt: since, askedAt: t.clock.now, codes: [] },
  });
  await judge();
  expect((await getServerReputation(t.owner, { serverId })).standings).toMatchObject([
    { reputation: "MEDIUM", evidence: [{ code: "listed", about: "barracuda", at: since.getTime() }] },
  ]);
});

test("a stranger finds nothing, and a customer nothing of another's", async () => {
  await tell([sent(0)]);
  await judge();
  const stranger = await t.makeStranger();
  await expect(getServerReputation(stranger, { serverId: t.serverId })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(getDomainReputation(stranger, { domainId })).rejects.toMatchObject({ kind: "not-found" });
  const other = t.as("owner", randomUUID());
  expect((await getFleetReputation(other)).cells).toEqual([]);
  expect((await listStandings(other)).rows).toEqual([]);
});

test("an address of a server is shown alone: its figures, its standing, its days, and what was refused from it", async () => {
  const other = "2001:db8::25";
  await tell([
    ...days(9, 0).flatMap((day) => [sent(day), sent(day, 50, { sendingAddress: other })]),
    refused(1),
  ]);
  await judge();
  const of = async (address: string) => {
    const { providers } = await getServerDelivery(t.owner, { serverId: t.serverId, address });
    const { standings } = await getServerReputation(t.owner, { serverId: t.serverId, address });
    const { cells } = await getCourse(t.owner, { serverId: t.serverId, address, span: "week" });
    const day = cells.at(-2)?.day ?? "";
    const evidence = await getDay(t.owner, { serverId: t.serverId, address, day, provider: "outlook" });
    return {
      reputation: providers.map(({ reputation }) => reputation),
      refused: providers.map((provider) => provider.refused),
      standings: standings.map(({ address: own }) => own),
      senders: evidence.senders.map(({ address: own }) => own),
      replies: evidence.replies.map(({ count }) => count),
    };
  };
  const clean = { reputation: ["HIGH"], refused: [0], standings: [other], senders: [other], replies: [] };
  expect(await of(other)).toEqual(clean);
  const own = ["192.0.2.1"];
  const blocked = { reputation: ["BAD"], refused: [30], standings: own, senders: own, replies: [30] };
  expect(await of("192.0.2.1")).toEqual(blocked);
  const nobody = { serverId: t.serverId, address: "not an address" };
  expect(() => getServerDelivery(t.owner, nobody)).toThrow("An address is written like 192.0.2.1");
});

test("a chart has as many days before its own, and a day shows who sent, what was said and how often", async () => {
  await tell([...days(9, 0).map((day) => sent(day)), refused(1)]);
  await judge();
  const { days: own, daysBefore, cells } = await getCourse(t.owner, { span: "week", provider: "outlook" });
  expect([own.length, daysBefore.length, cells.length]).toEqual([7, 7, 10]);
  expect(cells.filter(({ day }) => daysBefore.includes(day))).toHaveLength(3);
  expect((await getCourse(t.owner, { provider: "gmail" })).cells).toEqual([]);
  const bad = cells.find(({ refused: count }) => count > 0);
  const day = bad?.day ?? "";
  const evidence = await getDay(t.owner, { day, provider: "outlook" });
  const { messages, delivered, refused: refusals } = evidence.senders[0] ?? {};
  expect([messages, delivered, refusals]).toEqual([bad?.messages, bad?.delivered, bad?.refused]);
  const reply = {
    domain: "a.example",
    serverId: t.serverId,
    status: "bounced",
    category: "ip-reputation",
    count: 30,
  };
  expect(evidence.replies).toMatchObject([reply]);
  expect((await getDay(t.owner, { day, provider: "outlook", domainId })).replies).toMatchObject([reply]);
  const stranger = await t.makeStranger();
  expect((await getDay(stranger, { day, provider: "outlook" })).senders).toEqual([]);
  await expect(getDay(stranger, { day, provider: "outlook", domainId })).rejects.toMatchObject({
    kind: "not-found",
  });
});
