import { randomUUID } from "node:crypto";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { addDomain } from "../domains/index.ts";
import { listDeliveryFindings } from "../findings/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { recordRuleFindings } from "./index.ts";
import { seen, sent } from "./sample-counts.testing.ts";

let shared: TestDatabase;
let t: ServerTest;
let domainId: string;

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  const { tenantId, serverId } = t;
  ({ domainId } = await addDomain(t.owner, { tenantId, serverId, name: "a.example" }));
  return () => t.close();
});
afterAll(() => shared.close());

const tell = (stream: "delivery" | "verdicts", batch: object) =>
  tellAndRollUp(t, { serverId: t.serverId, stream, epoch: randomUUID(), sequence: 1, batch });
const judge = async () => {
  expect(await recordRuleFindings(t.system, { app: t.database.app, installation: t.installation })).toEqual(
    [],
  );
  return listDeliveryFindings(t.owner, { domainId });
};

test("a bulk sender whose newsletters lack one-click unsubscribe is told, and no more once they have it", async () => {
  await tell("delivery", { counts: [sent], samples: [] });
  await tell("verdicts", { counts: [seen] });
  await Promise.all([judge(), judge()]);
  expect(await judge()).toMatchObject([
    {
      topic: "rule",
      severity: "warning",
      sentence:
        "a.example sends much mail to Gmail and does not keep its rule: newsletters must be unsubscribed with one click.",
      subject: { kind: "domain", id: domainId },
      details: {
        provider: "gmail",
        evidence: expect.arrayContaining(["Gmail: 20 of 500 messages of 30 days keep it"]),
      },
    },
  ]);
  await tell("verdicts", {
    counts: [{ ...seen, facts: { ...seen.facts, bulk: 40_000, "one-click": 40_000 } }],
  });
  expect(await judge()).toEqual([]);
});

test("mail of the domains below makes a bulk sender, and a domain that sends little hears nothing", async () => {
  await tell("verdicts", { counts: [seen] });
  await tell("delivery", { counts: [{ ...sent, attempts: 900, firstAttempts: 900 }], samples: [] });
  expect(await judge()).toEqual([]);
  const below = { ...sent, attempts: 2500, firstAttempts: 2500 };
  await tell("delivery", {
    counts: [
      { ...below, domain: "news.a.example" },
      { ...below, domain: "shop.a.example" },
    ],
    samples: [],
  });
  expect((await judge()).map(({ topic }) => topic)).toEqual(["rule"]);
});
