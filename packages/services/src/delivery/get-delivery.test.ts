import { randomUUID } from "node:crypto";
import type { DeliveryCount, ReplySample } from "@mailstead/core/delivery";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addDomain } from "../domains/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { getDomainDelivery, getServerDelivery, keepDeliveryPartitions } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
let domainId: string;
const at = Date.parse("2026-11-20T11:58:00Z");
const sent: DeliveryCount = {
  minute: at,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "192.0.2.1",
  provider: "gmail",
  status: "sent",
  category: null,
  attempts: 200,
  firstAttempts: 200,
  overTls: 200,
  sizeBytes: 900,
  latencies: { "40": 200 },
};
const blocked: DeliveryCount = {
  ...sent,
  provider: "outlook",
  status: "bounced",
  category: "ip-reputation",
  attempts: 5,
  firstAttempts: 5,
  overTls: 0,
  latencies: {},
};
const said: ReplySample = {
  at,
  domain: "a.example",
  provider: "outlook",
  relayName: "mx.olc.protection.outlook.com",
  category: "ip-reputation",
  ruleId: "microsoft-s3140",
  reply: "550 5.7.1 [192.0.2.1] is on our block list (S3140)",
};

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

const tell = (counts: readonly DeliveryCount[], samples: readonly ReplySample[] = []) =>
  tellAndRollUp(t, {
    serverId: t.serverId,
    stream: "delivery",
    epoch: randomUUID(),
    sequence: 1,
    batch: { counts, samples },
  });

test("a domain's page says receiver by receiver how its mail was taken, with the words of who refused", async () => {
  await tell([sent, blocked, { ...sent, domain: "other.example", provider: "yahoo" }], [said]);
  const { providers, toldAt } = await getDomainDelivery(t.owner, { domainId });
  expect(toldAt).toEqual(t.clock.now);
  expect(providers).toMatchObject([
    { title: "Gmail", messages: 200, delivered: 200, reputation: "HIGH", samples: [] },
    {
      title: "Outlook.com",
      messages: 5,
      refused: 5,
      reputation: "BAD",
      evidence: [{ code: "blocked" }],
      samples: [{ reply: said.reply, category: "ip-reputation" }],
    },
  ]);
});

test("the page tells what went wrong from when to when, and how much is missing to a verdict", async () => {
  const earlier = { ...blocked, minute: at - 5 * 86_400_000, attempts: 2 };
  await tell([sent, blocked, earlier, { ...sent, provider: "yahoo", attempts: 9, firstAttempts: 9 }], [said]);
  const { incidents, providers } = await getDomainDelivery(t.owner, { domainId });
  expect(incidents).toMatchObject([
    { title: "Outlook.com", category: "ip-reputation", permanent: 5, isOver: false, lastDeliveredAt: null },
    { title: "Outlook.com", category: "ip-reputation", permanent: 2, isOver: true },
  ]);
  expect(providers.find(({ provider }) => provider === "yahoo")).toMatchObject({
    reputation: "UNKNOWN",
    missing: 91,
    since: null,
  });
});

test("a word means the same whatever time the page shows", async () => {
  await tell([sent, { ...blocked, minute: at - 20 * 86_400_000 }, { ...sent, provider: "outlook" }]);
  const words = async (span: "day" | "month" | "quarter") => {
    const { providers } = await getServerDelivery(t.owner, { serverId: t.serverId, span });
    return new Map(providers.map(({ provider, reputation }) => [provider, reputation]));
  };
  expect(await words("quarter")).toEqual(await words("day"));
});

test("a server's page says it of all its domains, and a time that is over is left out", async () => {
  await tell([sent, { ...sent, domain: "other.example", provider: "yahoo", minute: at - 3 * 86_400_000 }]);
  const titles = async (span: "day" | "week") =>
    (await getServerDelivery(t.owner, { serverId: t.serverId, span })).providers.map(({ title }) => title);
  expect(await titles("day")).toEqual(["Gmail"]);
  expect(await titles("week")).toEqual(["Gmail", "Yahoo"]);
});

test("where nothing was told yet there is nothing to judge", async () => {
  expect(await getServerDelivery(t.owner, { serverId: t.serverId })).toMatchObject({
    toldAt: null,
    providers: [],
  });
});

test("a stranger finds nothing, and a customer nothing of another's", async () => {
  await tell([sent]);
  const stranger = await t.makeStranger();
  await expect(getDomainDelivery(stranger, { domainId })).rejects.toMatchObject({ kind: "not-found" });
  await expect(
    getServerDelivery(t.as("owner", randomUUID()), { serverId: t.serverId }),
  ).rejects.toMatchObject({
    kind: "not-found",
  });
});
