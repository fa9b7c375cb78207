import { randomUUID } from "node:crypto";
import type { ToldAccount } from "@mailstead/core/accounts";
import type { JobState } from "@mailstead/core/jobs";
import { accountAlerts, auditEntries, checkFindings, jobs } from "@mailstead/db";
import { makeDomain, makeMailbox } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getFinding } from "../findings/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import {
  holdAccount,
  holdMailbox,
  listAccountAlerts,
  recordAccountFindings,
  releaseAccount,
} from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
let sequence = 0;
let mailboxId: string;
let domainId: string;
const epoch = randomUUID();
const ann = "ann@a.example";
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  const { organisationId, tenantId, serverId } = t;
  const { admin } = t.database;
  ({ id: domainId } = await makeDomain(admin, { organisationId, tenantId, serverId, name: "a.example" }));
  ({ id: mailboxId } = await makeMailbox(admin, { organisationId, tenantId, domainId, localPart: "ann" }));
  return () => t.close();
});
afterAll(() => shared.close());

async function tell(over: Partial<ToldAccount>, more: object = {}): Promise<string | null> {
  sequence += 1;
  const { problem } = await storeTelemetry(t.gateway, {
    serverId: t.serverId,
    stream: "accounts",
    epoch,
    sequence,
    batch: {
      at: t.clock.now.getTime(),
      accounts: [{ address: ann, alert: null, hold: null, ...over, ...more }],
    },
  });
  return problem;
}
const alert = (): ToldAccount["alert"] => ({
  since: t.clock.now.getTime(),
  certainty: "high",
  signs: [{ kind: "bounces", measured: 40, of: 120 }],
});
const hold = (): ToldAccount["hold"] => ({ since: t.clock.now.getTime(), by: "agent", messages: 7 });
const list = (input: object = {}) => listAccountAlerts(t.owner, input);
async function findings(): Promise<string[]> {
  expect(
    await recordAccountFindings(t.system, { app: t.database.app, installation: t.installation }),
  ).toEqual([]);
  const rows = await t.database.admin.query.select().from(checkFindings);
  return rows.map(({ key, closedAt }) => `${closedAt === null ? "open" : "closed"} ${key}`).sort();
}

test("an account that a host tells of is shown with what was measured, by server, domain and over all", async () => {
  await tell({ alert: alert(), hold: hold() });
  for (const input of [{}, { serverId: t.serverId }, { domainId }])
    expect(await list(input)).toMatchObject([
      {
        address: ann,
        serverId: t.serverId,
        alert: { certainty: "high", since: t.clock.now },
        hold: { by: "agent", messages: 7 },
        finding: {
          kind: "account-held",
          evidence: expect.arrayContaining(["40 of 120 recipients were refused for good"]),
        },
      },
    ]);
  expect(await list({ domainId: randomUUID() })).toEqual([]);
  expect(await listAccountAlerts(await t.makeStranger())).toEqual([]);
});

test("a finding opens with an alert, becomes one of a hold, and closes once the account sends as usual", async () => {
  await tell({ alert: alert() });
  expect(await findings()).toEqual([`open account-suspicious ${ann}`]);
  await tell({ alert: alert(), hold: hold() });
  expect(await findings()).toEqual([`closed account-suspicious ${ann}`, `open account-held ${ann}`]);
  await tell({});
  expect(await findings()).toEqual([`closed account-held ${ann}`, `closed account-suspicious ${ann}`]);
  expect(await list()).toEqual([]);
  expect(await t.database.admin.query.select().from(accountAlerts)).toEqual([]);
});

test("holding and releasing are orders to the host, and are audited", async () => {
  await holdAccount(t.owner, { serverId: t.serverId, address: ann });
  await releaseAccount(t.owner, { serverId: t.serverId, address: ann });
  const { jobIds } = await holdMailbox(t.owner, { mailboxId });
  expect(jobIds).toHaveLength(1);
  const ordered = await t.database.admin.query.select().from(jobs);
  expect(
    ordered.filter(({ verb }) => verb.endsWith("-account")).map(({ verb, lane, args }) => [verb, lane, args]),
  ).toEqual([
    ["hold-account", "change", { address: ann }],
    ["release-account", "change", { address: ann }],
    ["hold-account", "change", { address: ann }],
  ]);
  const audited = await t.database.admin.query.select().from(auditEntries);
  expect(audited.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["hold-account", "release-account"]),
  );
});

test("an order is told as done once the server has done it, and nothing else is offered while it waits", async () => {
  await tell({ alert: alert() });
  await findings();
  const { admin } = t.database;
  const [kept] = await admin.query.select().from(checkFindings);
  const page = () => getFinding(t.owner, { findingId: kept?.id ?? "" });
  const told = async () => (await page()).history.map(({ what }) => what).filter((what) => what !== "opened");
  const settle = (jobId: string, state: JobState) =>
    admin.query.update(jobs).set({ state, endedAt: t.clock.now }).where(eq(jobs.id, jobId));
  const at = { serverId: t.serverId, address: ann };
  expect((await page()).waitingOrder).toBeNull();
  expect(await list()).toMatchObject([{ waiting: null }]);
  const held = await holdAccount(t.owner, at);
  t.clock.now = new Date(t.clock.now.getTime() + 60_000);
  expect(await told()).toEqual(["hold-asked"]);
  const waiting = { verb: "hold-account", jobId: held.jobId };
  expect((await page()).waitingOrder).toEqual(waiting);
  expect(await list()).toMatchObject([{ waiting }]);
  await admin.query.update(jobs).set({ state: "running" }).where(eq(jobs.id, held.jobId));
  expect(await told()).toEqual(["hold-running"]);
  const released = await releaseAccount(t.owner, at);
  expect(await told()).toEqual(["release-asked", "hold-running"]);
  expect((await page()).waitingOrder).toEqual({ verb: "release-account", jobId: released.jobId });
  await settle(held.jobId, "failed");
  expect((await told()).sort()).toEqual(["hold-failed", "release-asked"]);
  await settle(released.jobId, "succeeded");
  expect((await told()).sort()).toEqual(["hold-failed", "released"]);
  expect((await page()).waitingOrder).toBeNull();
  for (const state of ["succeeded", "cancelled", "timed-out"] as const)
    await settle((await holdAccount(t.owner, at)).jobId, state);
  expect((await told()).sort()).toEqual(["held", "hold-cancelled", "hold-failed", "hold-failed", "released"]);
});

test("nobody holds a mailbox that is not on the server, that is another's, or without being a technician", async () => {
  const at = { serverId: t.serverId, address: ann };
  const stranger = await t.makeStranger();
  await expect(holdAccount(t.owner, { ...at, address: "eve@b.example" })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(holdAccount(stranger, at)).rejects.toMatchObject({ kind: "not-found" });
  await expect(holdMailbox(stranger, { mailboxId })).rejects.toMatchObject({ kind: "not-found" });
  for (const use of [holdAccount, releaseAccount])
    await expect(use(t.as("auditor"), at)).rejects.toMatchObject({ kind: "forbidden" });
});

test("what has another shape, such as a recipient's address, is left out", async () => {
  expect(await tell({}, { address: "Not An Address" })).toContain("a shape that is not known here");
  await tell({ alert: alert() }, { recipients: ["eve@b.example"] });
  const rows = await t.database.admin.query.select().from(accountAlerts);
  expect(JSON.stringify(rows)).not.toContain("eve@b.example");
});
