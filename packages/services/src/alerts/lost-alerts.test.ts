import { alerts } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type AlertTest, openAlertTest } from "../testing/open-alert-test.ts";
import {
  dismissAlerts,
  forgetOldAlerts,
  getAlertSettings,
  listFailedChannels,
  retryAlerts,
  testAlertChannel,
} from "./index.ts";

let shared: TestDatabase;
let t: AlertTest;
const key = "delivery-ip-reputation outlook 203.0.113.7";
const finding = { key, severity: "error" as const, sentence: "Outlook.com blocks 203.0.113.7 (S3140)." };

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openAlertTest(shared);
  return () => t.close();
});
afterAll(() => shared.close());

test("what was given up is told on the dashboard, and tried again under the same id when a person says so", async () => {
  await t.webhook();
  await t.find(finding);
  t.passes(1);
  await t.make();
  t.answers = Array.from({ length: 12 }, () => () => ({ kind: "temporary" as const, problem: "HTTP 500" }));
  for (let n = 0; n < 14; n += 1) {
    await t.send();
    t.passes(24 * 60);
  }
  const [channel] = (await getAlertSettings(t.owner)).channels;
  expect(channel?.lost).toBe(1);
  expect(await listFailedChannels(t.owner)).toMatchObject([
    { channelId: channel?.id, lost: 1, problem: "HTTP 500" },
  ]);
  expect(await listFailedChannels(await t.makeStranger())).toEqual([]);
  const channelId = channel?.id ?? "";
  await expect(retryAlerts(await t.makeStranger(), { channelId })).rejects.toMatchObject({
    kind: "not-found",
  });
  expect(await retryAlerts(t.owner, { channelId })).toEqual({ count: 1 });
  expect(await listFailedChannels(t.owner)).toEqual([]);
  t.answers = [];
  await t.send();
  expect(new Set(t.posted.map(({ body }) => body.id)).size).toBe(1);
  const [row] = await t.database.admin.query.select().from(alerts);
  expect(row).toMatchObject({ failedAt: null, attempts: 13 });
  expect(row?.sentAt).not.toBeNull();
});

test("a lost alert is told until somebody t.answers, whatever arrives after it, and for longer than the log lasts", async () => {
  const { channelId } = await t.webhook();
  await t.find(finding);
  t.passes(1);
  await t.make();
  t.answers = [() => ({ kind: "permanent", problem: "HTTP 404" })];
  await t.send();
  await t.find(finding, { ...finding, key: `${key}8`, sentence: "Another." });
  t.passes(1);
  await t.make();
  expect(await t.send()).toMatchObject({ sent: 1 });
  const lost = [{ channelId, lost: 1, problem: "HTTP 404", isStopped: false }];
  expect(await listFailedChannels(t.owner)).toMatchObject(lost);
  t.passes(60 * 24 * 60);
  expect(await forgetOldAlerts(t.system)).toBe(1);
  expect(await listFailedChannels(t.owner)).toMatchObject(lost);
  await expect(dismissAlerts(await t.makeStranger(), { channelId })).rejects.toMatchObject({
    kind: "not-found",
  });
  expect(await dismissAlerts(t.as("technician"), { channelId })).toEqual({ count: 1 });
  expect(await listFailedChannels(t.owner)).toEqual([]);
  const [channel] = (await getAlertSettings(t.owner)).channels;
  expect(channel?.lost).toBe(0);
  expect(channel?.log.map(({ state }) => state)).toEqual(["failed"]);
  expect(await retryAlerts(t.owner, { channelId })).toEqual({ count: 0 });
  expect(await forgetOldAlerts(t.system)).toBe(1);
});

test("a paused channel's lost alerts are told as such and can be dismissed; a failed test is none", async () => {
  const { channelId } = await t.webhook();
  t.answers = [
    () => ({ kind: "permanent", problem: "HTTP 404" }),
    () => ({ kind: "gone", problem: "HTTP 410" }),
  ];
  await testAlertChannel(t.owner, { channelId });
  await t.send();
  expect(await listFailedChannels(t.owner)).toEqual([]);
  expect((await getAlertSettings(t.owner)).channels).toMatchObject([{ lost: 0 }]);
  await t.find(finding);
  t.passes(1);
  await t.make();
  await t.send();
  expect(await listFailedChannels(t.owner)).toMatchObject([{ lost: 1, isStopped: true }]);
  await expect(retryAlerts(t.owner, { channelId })).rejects.toMatchObject({ kind: "precondition-failed" });
  expect(await dismissAlerts(t.owner, { channelId })).toEqual({ count: 1 });
  expect(await listFailedChannels(t.owner)).toEqual([]);
});

test("what was tried again says what became of it: it waits, it arrived, or it is lost once more", async () => {
  const { channelId } = await t.webhook();
  await t.find(finding);
  t.passes(1);
  await t.make();
  const states = async () => {
    const [channel] = (await getAlertSettings(t.owner)).channels;
    return [channel?.lost, channel?.retried.waiting, channel?.retried.sent];
  };
  t.answers = [
    () => ({ kind: "permanent", problem: "HTTP 404" }),
    () => ({ kind: "permanent", problem: "HTTP 403" }),
  ];
  await t.send();
  expect(await states()).toEqual([1, 0, 0]);
  await retryAlerts(t.owner, { channelId });
  expect(await states()).toEqual([0, 1, 0]);
  await t.send();
  expect(await states()).toEqual([1, 0, 0]);
  expect(await listFailedChannels(t.owner)).toMatchObject([{ problem: "HTTP 403" }]);
  await retryAlerts(t.owner, { channelId });
  await t.send();
  expect(await states()).toEqual([0, 0, 1]);
  t.passes(2 * 24 * 60);
  expect(await states()).toEqual([0, 0, 0]);
});
