import { randomUUID } from "node:crypto";
import type { VerdictCount } from "@mailstead/core/verdicts";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listOpenErrors } from "../checks/index.ts";
import { acknowledgeFinding, getFinding, listDeliveryFindings } from "../findings/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { recordVerdictFindings } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
const at = Date.parse("2026-11-20T11:30:00Z");
const good: VerdictCount = {
  minute: at,
  direction: "outbound",
  domain: "a.example",
  provider: "gmail",
  action: "accepted",
  messages: 300,
  facts: {},
  scores: { "1": 300 },
  symbols: { MIME_GOOD: 300 },
};
const spam: VerdictCount = {
  ...good,
  action: "rejected",
  messages: 200,
  scores: { "18": 200 },
  symbols: { BAYES_SPAM: 200 },
};

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  return () => t.close();
});
afterAll(() => shared.close());

const tell = (counts: readonly VerdictCount[]) =>
  storeTelemetry(t.gateway, {
    serverId: t.serverId,
    stream: "verdicts",
    epoch: randomUUID(),
    sequence: 1,
    batch: { counts },
  });
const judge = async () => {
  expect(
    await recordVerdictFindings(t.system, { app: t.database.app, installation: t.installation }),
  ).toEqual([]);
  return listDeliveryFindings(t.owner, { serverId: t.serverId });
};

test("a server that holds much of a domain's mail to be spam is told once, with a page, and closes once it is over", async () => {
  await tell([good, spam, { ...good, domain: "b.example" }]);
  await Promise.all([judge(), judge()]);
  const [line, ...others] = await judge();
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    topic: "own-spam",
    severity: "error",
    sentence: "The spam filter of mail1 holds an unusual part of the mail that a.example sends to be spam.",
    subject: { kind: "server", id: t.serverId },
    details: { owner: "us-behaviour", runbook: "verdicts.md#our-own-mail-looks-like-spam" },
  });
  // Home lists it with what receivers say, so not a second time among the errors.
  expect(await listOpenErrors(t.owner)).toEqual([]);
  const findingId = line?.id ?? "";
  await acknowledgeFinding(t.owner, { findingId });
  expect((await getFinding(t.owner, { findingId })).acknowledgedBy).not.toBeNull();
  await tell([{ ...good, messages: 9000, scores: { "1": 9000 } }]);
  expect(await judge()).toEqual([]);
});

test("what comes in, what only passes through and what is usual says nothing", async () => {
  await tell([
    { ...spam, direction: "inbound" },
    { ...spam, domain: "" },
    { ...good, messages: 5000 },
    { ...spam, messages: 20 },
  ]);
  expect(await judge()).toEqual([]);
});
