import { randomUUID } from "node:crypto";
import type { DeliveryCount } from "@mailstead/core/delivery";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { addDomain } from "../domains/index.ts";
import { startMeasure } from "../measures/index.ts";
import { addServer, setSmarthosts } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { getFinding, listDeliveryFindings, recordDeliveryFindings } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
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

async function judge(counts: readonly DeliveryCount[], serverId = t.serverId) {
  await tellAndRollUp(t, {
    serverId,
    stream: "delivery",
    epoch: randomUUID(),
    sequence: 1,
    batch: { counts, samples: [] },
  });
  await recordDeliveryFindings(t.system, { app: t.database.app, installation: t.installation });
}
const pages = async () =>
  Promise.all(
    (await listDeliveryFindings(t.owner, {})).map(({ id }) => getFinding(t.owner, { findingId: id })),
  );

test("a finding says on which server its measure can be started, and whether it is in force", async () => {
  await judge([blocked]);
  const [before] = await pages();
  expect(before?.measureServers).toEqual([
    { id: t.serverId, name: "mail1", isInForce: false, hasStandby: false },
  ]);
  const { measure, provider } = before?.details?.fix.measure ?? {};
  if (measure === undefined || provider === undefined) throw new Error("the finding names no measure");
  await setSmarthosts(t.owner, {
    isUntested: true,
    serverId: t.serverId,
    smarthosts: [{ to: "standby", isAutomatic: false, smarthost: { host: "smtp.relay.example", port: 587 } }],
  });
  await startMeasure(t.owner, { serverIds: [t.serverId], kind: measure, provider, reason: "S3140" });
  expect((await pages())[0]?.measureServers).toMatchObject([{ isInForce: true, hasStandby: true }]);
});

test("what is held against a domain concerns every server that sends for it", async () => {
  const { tenantId, serverId } = t;
  const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: "a.example" });
  const other = await addServer(t.owner, { tenantId, name: "mail2", hostname: "mail2.msp.example" });
  await judge([{ ...blocked, provider: "gmail", category: "domain-reputation" }], other.serverId);
  const [page] = await pages();
  expect(page?.subject).toMatchObject({ kind: "domain", id: domainId });
  expect(page?.details?.fix.measure).toMatchObject({ provider: "gmail" });
  expect(page?.measureServers.map(({ name }) => name)).toEqual(["mail1"]);
});
