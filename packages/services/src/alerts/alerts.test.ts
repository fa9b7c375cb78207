import { alertAttempts, alertChannels, alerts, auditEntries, toldFindings } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { recordFindings } from "../checks/index.ts";
import { withTransaction } from "../context/index.ts";
import { storeSealingKey } from "../secrets/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import {
  type AlertSending,
  addAlertChannel,
  changeAlertChannel,
  dismissAlerts,
  forgetOldAlerts,
  getAlertSettings,
  listFailedChannels,
  makeAlerts,
  removeAlertChannel,
  retryAlerts,
  sendAlerts,
  setTimeZone,
  testAlertChannel,
} from "./index.ts";
import type { PostOutcome } from "./post-webhook.ts";

let shared: TestDatabase;
let t: ServerTest;
const opener = makeTestOpener();
const minuteMs = 60_000;
const key = "delivery-ip-reputation outlook 203.0.113.7";
const finding = { key, severity: "error" as const, sentence: "Outlook.com blocks 203.0.113.7 (S3140)." };

interface Posted {
  url: string;
  id: string;
  body: {
    type: string;
    id: string;
    events: { what: string; findingId: string | null; sentence: string; url: string; runbookUrl?: string }[];
    total: number;
  };
}
let posted: Posted[];
let answers: (() => Promise<PostOutcome> | PostOutcome)[];

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await storeSealingKey(t.system, opener);
  posted = [];
  answers = [];
  return () => t.close();
});
afterAll(() => shared.close());

const webhook = (values: object = {}) =>
  addAlertChannel(t.owner, {
    name: "Pager",
    target: { kind: "webhook", url: "https://hook.example/in?token=s3cret" },
    ...values,
  });
/** What is found on the server now, as a check keeps it. */
const find = (...found: (typeof finding)[]) =>
  withTransaction(t.owner, (tx) =>
    recordFindings(
      tx,
      { organisationId: t.organisationId, tenantId: t.tenantId, serverId: t.serverId },
      { found, unseen: () => false, at: t.clock.now, by: "delivery" },
    ),
  );
const passes = (minutes: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + minutes * minuteMs);
};
const make = async () =>
  expect(await makeAlerts(t.system, { app: t.database.app, installation: t.installation })).toEqual([]);
const sending = (values: Partial<AlertSending> = {}): AlertSending => ({
  installation: t.installation,
  opener,
  sendMail: null,
  post: async ({ url, body, headers }) => {
    posted.push({ url, id: headers["webhook-id"] ?? "", body: JSON.parse(body) });
    return (await answers.shift()?.()) ?? { kind: "sent" };
  },
  ...values,
});
const send = (values: Partial<AlertSending> = {}) => sendAlerts(t.system, sending(values));
const told = () => posted.flatMap(({ body }) => body.events.map(({ what }) => what));

test("what opens and what closes is told once each, in one post, with the way to its page", async () => {
  await webhook();
  await find(finding, { ...finding, key: `${key}8`, sentence: "Another." });
  passes(1);
  await make();
  await make();
  await send();
  await send();
  expect(posted).toHaveLength(1);
  expect(posted[0]).toMatchObject({ url: "https://hook.example/in?token=s3cret", body: { total: 2 } });
  const [event] = posted[0]?.body.events ?? [];
  expect(event?.url).toBe(`https://control.example/findings/${event?.findingId}`);
  expect(event?.runbookUrl).toBe("https://control.example/runbooks/outlook#ip-reputation");
  await find();
  passes(11);
  await make();
  await send();
  expect(told()).toEqual(["opened", "opened", "closed", "closed"]);
  const named = (what: string) =>
    posted.flatMap(({ body }) =>
      body.events.flatMap((event) => (event.what === what ? [`${event.findingId} ${event.url}`] : [])),
    );
  // An endpoint that opened an incident by the id closes that very one.
  expect(named("closed").sort()).toEqual(named("opened").sort());
  expect(named("opened").join()).not.toContain("null");
});

test("a finding that comes and goes within minutes is told once", async () => {
  await webhook();
  await find(finding);
  passes(1);
  await make();
  for (let n = 0; n < 3; n += 1) {
    passes(2);
    await find();
    await make();
    passes(2);
    await find(finding);
    await make();
  }
  await send();
  expect(told()).toEqual(["opened"]);
});

test("two workers at once write and send each alert once", async () => {
  await webhook();
  await find(finding);
  passes(1);
  await Promise.all([make(), make(), make()]);
  await Promise.all([send(), send(), send()]);
  expect(told()).toEqual(["opened"]);
});

test("a worker killed while it writes an alert leaves it to the next one, and neither told nor lost", async () => {
  await webhook();
  await find(finding);
  passes(1);
  // The transaction that would have noted it is cut off.
  const { pool } = t.database.admin;
  await pool.query(
    `create function cut() returns trigger language plpgsql as $$ begin raise 'killed'; end $$`,
  );
  await pool.query(`create trigger cut before insert on alerts for each row execute function cut()`);
  const failed = await makeAlerts(t.system, { app: t.database.app, installation: t.installation });
  await pool.query(`drop function cut cascade`);
  expect(failed).toHaveLength(1);
  expect(await t.database.admin.query.select().from(toldFindings)).toEqual([]);
  await make();
  await send();
  expect(told()).toEqual(["opened"]);
});

test("a worker killed while it sends leaves the alert to the next one, under the same id, once its lease is over", async () => {
  await webhook();
  await find(finding);
  passes(1);
  await make();
  answers = [() => Promise.reject(new Error("killed"))];
  await expect(send()).rejects.toThrow("killed");
  expect(await send()).toMatchObject({ sent: 0 });
  passes(4);
  expect(await send()).toMatchObject({ sent: 1 });
  expect(new Set(posted.map(({ id }) => id)).size).toBe(1);
});

test("an endpoint that fails is tried again later and later, with its later alerts behind it, and every attempt is in the log", async () => {
  await webhook();
  await find(finding);
  passes(1);
  await make();
  answers = [
    () => ({ kind: "temporary", problem: "HTTP 500" }),
    () => ({ kind: "temporary", problem: "no answer within 10 s" }),
  ];
  await send();
  await find(finding, { ...finding, key: `${key}8`, sentence: "Another." });
  passes(1);
  await make();
  await send();
  await send();
  expect(posted).toHaveLength(2);
  passes(1);
  await send();
  await send();
  expect(posted.map(({ body }) => body.events[0]?.sentence)).toEqual([
    finding.sentence,
    finding.sentence,
    finding.sentence,
    "Another.",
  ]);
  const [channel] = (await getAlertSettings(t.owner)).channels;
  expect(channel?.log.map(({ state }) => state)).toEqual(["sent", "sent"]);
  expect(channel?.log[1]?.attempts.map(({ problem }) => problem)).toEqual([
    null,
    "no answer within 10 s",
    "HTTP 500",
  ]);
});

test("an endpoint that is away for good is given up, and the channel goes on", async () => {
  await webhook();
  await find(finding);
  passes(1);
  await make();
  answers = Array.from({ length: 12 }, () => () => ({ kind: "temporary" as const, problem: "HTTP 500" }));
  for (let n = 0; n < 14; n += 1) {
    await send();
    passes(24 * 60);
  }
  expect(posted).toHaveLength(12);
  const [row] = await t.database.admin.query.select().from(alerts);
  expect(row?.failedAt).not.toBeNull();
});

test("what was given up is told on the dashboard, and tried again under the same id when a person says so", async () => {
  await webhook();
  await find(finding);
  passes(1);
  await make();
  answers = Array.from({ length: 12 }, () => () => ({ kind: "temporary" as const, problem: "HTTP 500" }));
  for (let n = 0; n < 14; n += 1) {
    await send();
    passes(24 * 60);
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
  answers = [];
  await send();
  expect(new Set(posted.map(({ body }) => body.id)).size).toBe(1);
  const [row] = await t.database.admin.query.select().from(alerts);
  expect(row).toMatchObject({ failedAt: null, attempts: 13 });
  expect(row?.sentAt).not.toBeNull();
});

test("a lost alert is told until somebody answers, whatever arrives after it, and for longer than the log lasts", async () => {
  const { channelId } = await webhook();
  await find(finding);
  passes(1);
  await make();
  answers = [() => ({ kind: "permanent", problem: "HTTP 404" })];
  await send();
  await find(finding, { ...finding, key: `${key}8`, sentence: "Another." });
  passes(1);
  await make();
  expect(await send()).toMatchObject({ sent: 1 });
  const lost = [{ channelId, lost: 1, problem: "HTTP 404", isStopped: false }];
  expect(await listFailedChannels(t.owner)).toMatchObject(lost);
  passes(60 * 24 * 60);
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
  const { channelId } = await webhook();
  answers = [
    () => ({ kind: "permanent", problem: "HTTP 404" }),
    () => ({ kind: "gone", problem: "HTTP 410" }),
  ];
  await testAlertChannel(t.owner, { channelId });
  await send();
  expect(await listFailedChannels(t.owner)).toEqual([]);
  expect((await getAlertSettings(t.owner)).channels).toMatchObject([{ lost: 0 }]);
  await find(finding);
  passes(1);
  await make();
  await send();
  expect(await listFailedChannels(t.owner)).toMatchObject([{ lost: 1, isStopped: true }]);
  await expect(retryAlerts(t.owner, { channelId })).rejects.toMatchObject({ kind: "precondition-failed" });
  expect(await dismissAlerts(t.owner, { channelId })).toEqual({ count: 1 });
  expect(await listFailedChannels(t.owner)).toEqual([]);
});

test("what was tried again says what became of it: it waits, it arrived, or it is lost once more", async () => {
  const { channelId } = await webhook();
  await find(finding);
  passes(1);
  await make();
  const states = async () => {
    const [channel] = (await getAlertSettings(t.owner)).channels;
    return [channel?.lost, channel?.retried.waiting, channel?.retried.sent];
  };
  answers = [
    () => ({ kind: "permanent", problem: "HTTP 404" }),
    () => ({ kind: "permanent", problem: "HTTP 403" }),
  ];
  await send();
  expect(await states()).toEqual([1, 0, 0]);
  await retryAlerts(t.owner, { channelId });
  expect(await states()).toEqual([0, 1, 0]);
  await send();
  expect(await states()).toEqual([1, 0, 0]);
  expect(await listFailedChannels(t.owner)).toMatchObject([{ problem: "HTTP 403" }]);
  await retryAlerts(t.owner, { channelId });
  await send();
  expect(await states()).toEqual([0, 0, 1]);
  passes(2 * 24 * 60);
  expect(await states()).toEqual([0, 0, 0]);
});

test("an endpoint that says that it is gone stops the channel, which says so", async () => {
  await webhook();
  await find(finding);
  passes(1);
  await make();
  answers = [() => ({ kind: "gone", problem: "HTTP 410: the endpoint is gone" })];
  await send();
  expect((await getAlertSettings(t.owner)).channels).toMatchObject([
    { stoppedBecause: "HTTP 410: the endpoint is gone" },
  ]);
  passes(10);
  await find();
  await make();
  expect(await send()).toMatchObject({ sent: 0 });
});

test("a slow endpoint holds up no other", async () => {
  await webhook();
  await webhook({ name: "Chat", target: { kind: "webhook", url: "https://chat.example/" } });
  await find(finding);
  passes(1);
  await make();
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  const done: string[] = [];
  await send({
    post: async ({ url }) => {
      if (url.startsWith("https://hook")) await isReleased;
      else release();
      done.push(url);
      return { kind: "sent" };
    },
  });
  expect(done[0]).toBe("https://chat.example/");
});

test("quiet hours are those of the organisation, and an error breaks through where that is wanted", async () => {
  await setTimeZone(t.owner, { timeZone: "Asia/Tokyo" });
  const quietHours = { fromMinute: 20 * 60, untilMinute: 23 * 60 };
  await webhook({ quietHours, breaksThrough: "error" });
  await webhook({ name: "Chat", quietHours, breaksThrough: null });
  // Noon of UTC is nine in the evening there.
  await find(finding);
  passes(1);
  await make();
  await send();
  expect(posted).toHaveLength(1);
  passes(2 * 60);
  await make();
  await send();
  expect(posted).toHaveLength(2);
});

test("mail goes out with the words of the finding, and waits where there is no way to send it", async () => {
  await addAlertChannel(t.owner, { name: "On call", target: { kind: "mail", recipient: "noc@msp.example" } });
  await find(finding);
  passes(1);
  await make();
  await send();
  passes(1);
  const mails: unknown[] = [];
  await send({
    sendMail: async (mail) => {
      mails.push(mail);
      return { kind: "sent" };
    },
  });
  expect(mails).toMatchObject([
    {
      recipient: "noc@msp.example",
      subject: `Error: ${finding.sentence}`,
      body: expect.stringMatching(/\/findings\/[\s\S]*\/runbooks\/outlook#ip-reputation/),
    },
  ]);
});

test("a test is sent at once and told apart, and no secret is ever shown again or kept in the open", async () => {
  const { channelId, secret } = await webhook();
  expect(secret).toMatch(/^whsec_/);
  await testAlertChannel(t.as("technician"), { channelId });
  await send();
  expect(posted).toMatchObject([{ body: { type: "test", total: 0 } }]);
  const kept = JSON.stringify([
    await getAlertSettings(t.owner),
    await t.database.admin.query.select().from(alertChannels),
    await t.database.admin.query.select().from(alertAttempts),
    await t.database.admin.query.select().from(auditEntries),
  ]);
  expect(kept).not.toContain("s3cret");
  expect(kept).not.toContain(secret?.slice(6));
});

test("a channel is changed, stopped and removed by an admin, and each is in the audit", async () => {
  const { channelId } = await webhook();
  await expect(webhook()).rejects.toMatchObject({ kind: "conflict" });
  await changeAlertChannel(t.owner, {
    channelId,
    wish: { name: "Night pager", topic: "fleet" },
    isStopped: true,
  });
  expect((await getAlertSettings(t.owner)).channels).toMatchObject([
    { name: "Night pager", topic: "fleet", stoppedAt: t.clock.now },
  ]);
  await expect(
    addAlertChannel(t.as("technician"), { name: "x", target: { kind: "mail", recipient: "a@b.example" } }),
  ).rejects.toMatchObject({ kind: "forbidden" });
  await removeAlertChannel(t.owner, { channelId });
  const audit = await t.database.admin.query.select({ action: auditEntries.action }).from(auditEntries);
  const own = audit.map(({ action }) => action).filter((action) => action.endsWith("alert-channel"));
  expect(own.sort()).toEqual(["add-alert-channel", "change-alert-channel", "remove-alert-channel"]);
});

test("a customer's channel hears of that customer alone, and a stranger's of nothing", async () => {
  await webhook({ tenantId: t.tenantId });
  const stranger = await t.makeStranger();
  await addAlertChannel(stranger, { name: "Theirs", target: { kind: "mail", recipient: "x@y.example" } });
  await find(finding);
  passes(1);
  await make();
  await send();
  expect(posted).toHaveLength(1);
  expect((await getAlertSettings(stranger)).channels.map(({ name, log }) => [name, log.length])).toEqual([
    ["Theirs", 0],
  ]);
});
