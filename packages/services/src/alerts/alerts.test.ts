import { alertAttempts, alertChannels, alerts, auditEntries, toldFindings } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type AlertTest, openAlertTest } from "../testing/open-alert-test.ts";
import {
  addAlertChannel,
  changeAlertChannel,
  getAlertSettings,
  makeAlerts,
  removeAlertChannel,
  setTimeZone,
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

test("what opens and what closes is told once each, in one post, with the way to its page", async () => {
  await t.webhook();
  await t.find(finding, { ...finding, key: `${key}8`, sentence: "Another." });
  t.passes(1);
  await t.make();
  await t.make();
  await t.send();
  await t.send();
  expect(t.posted).toHaveLength(1);
  expect(t.posted[0]).toMatchObject({ url: "https://hook.example/in?token=s3cret", body: { total: 2 } });
  const [event] = t.posted[0]?.body.events ?? [];
  expect(event?.url).toBe(`https://control.example/findings/${event?.findingId}`);
  expect(event?.runbookUrl).toBe("https://control.example/runbooks/outlook#ip-reputation");
  await t.find();
  t.passes(11);
  await t.make();
  await t.send();
  expect(t.told()).toEqual(["opened", "opened", "closed", "closed"]);
  const named = (what: string) =>
    t.posted.flatMap(({ body }) =>
      body.events.flatMap((event) => (event.what === what ? [`${event.findingId} ${event.url}`] : [])),
    );
  // An endpoint that opened an incident by the id closes that very one.
  expect(named("closed").sort()).toEqual(named("opened").sort());
  expect(named("opened").join()).not.toContain("null");
});

test("a finding that comes and goes within minutes is told once", async () => {
  await t.webhook();
  await t.find(finding);
  t.passes(1);
  await t.make();
  for (let n = 0; n < 3; n += 1) {
    t.passes(2);
    await t.find();
    await t.make();
    t.passes(2);
    await t.find(finding);
    await t.make();
  }
  await t.send();
  expect(t.told()).toEqual(["opened"]);
});

test("two workers at once write and send each alert once", async () => {
  await t.webhook();
  await t.find(finding);
  t.passes(1);
  await Promise.all([t.make(), t.make(), t.make()]);
  await Promise.all([t.send(), t.send(), t.send()]);
  expect(t.told()).toEqual(["opened"]);
});

test("a worker killed while it writes an alert leaves it to the next one, and neither told nor lost", async () => {
  await t.webhook();
  await t.find(finding);
  t.passes(1);
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
  await t.make();
  await t.send();
  expect(t.told()).toEqual(["opened"]);
});

test("a worker killed while it sends leaves the alert to the next one, under the same id, once its lease is over", async () => {
  await t.webhook();
  await t.find(finding);
  t.passes(1);
  await t.make();
  t.answers = [() => Promise.reject(new Error("killed"))];
  await expect(t.send()).rejects.toThrow("killed");
  expect(await t.send()).toMatchObject({ sent: 0 });
  t.passes(4);
  expect(await t.send()).toMatchObject({ sent: 1 });
  expect(new Set(t.posted.map(({ id }) => id)).size).toBe(1);
});

test("an endpoint that fails is tried again later and later, with its later alerts behind it, and every attempt is in the log", async () => {
  await t.webhook();
  await t.find(finding);
  t.passes(1);
  await t.make();
  t.answers = [
    () => ({ kind: "temporary", problem: "HTTP 500" }),
    () => ({ kind: "temporary", problem: "no answer within 10 s" }),
  ];
  await t.send();
  await t.find(finding, { ...finding, key: `${key}8`, sentence: "Another." });
  t.passes(1);
  await t.make();
  await t.send();
  await t.send();
  expect(t.posted).toHaveLength(2);
  t.passes(1);
  await t.send();
  await t.send();
  expect(t.posted.map(({ body }) => body.events[0]?.sentence)).toEqual([
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
  await t.webhook();
  await t.find(finding);
  t.passes(1);
  await t.make();
  t.answers = Array.from({ length: 12 }, () => () => ({ kind: "temporary" as const, problem: "HTTP 500" }));
  for (let n = 0; n < 14; n += 1) {
    await t.send();
    t.passes(24 * 60);
  }
  expect(t.posted).toHaveLength(12);
  const [row] = await t.database.admin.query.select().from(alerts);
  expect(row?.failedAt).not.toBeNull();
});

test("an endpoint that says that it is gone stops the channel, which says so", async () => {
  await t.webhook();
  await t.find(finding);
  t.passes(1);
  await t.make();
  t.answers = [() => ({ kind: "gone", problem: "HTTP 410: the endpoint is gone" })];
  await t.send();
  expect((await getAlertSettings(t.owner)).channels).toMatchObject([
    { stoppedBecause: "HTTP 410: the endpoint is gone" },
  ]);
  t.passes(10);
  await t.find();
  await t.make();
  expect(await t.send()).toMatchObject({ sent: 0 });
});

test("a slow endpoint holds up no other", async () => {
  await t.webhook();
  await t.webhook({ name: "Chat", target: { kind: "webhook", url: "https://chat.example/" } });
  await t.find(finding);
  t.passes(1);
  await t.make();
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  const done: string[] = [];
  await t.send({
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
  await t.webhook({ quietHours, breaksThrough: "error" });
  await t.webhook({ name: "Chat", quietHours, breaksThrough: null });
  // Noon of UTC is nine in the evening there.
  await t.find(finding);
  t.passes(1);
  await t.make();
  await t.send();
  expect(t.posted).toHaveLength(1);
  t.passes(2 * 60);
  await t.make();
  await t.send();
  expect(t.posted).toHaveLength(2);
});

test("mail goes out with the words of the finding, and waits where there is no way to send it", async () => {
  await addAlertChannel(t.owner, { name: "On call", target: { kind: "mail", recipient: "noc@msp.example" } });
  await t.find(finding);
  t.passes(1);
  await t.make();
  await t.send();
  t.passes(1);
  const mails: unknown[] = [];
  await t.send({
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
  const { channelId, secret } = await t.webhook();
  expect(secret).toMatch(/^whsec_/);
  await testAlertChannel(t.as("technician"), { channelId });
  await t.send();
  expect(t.posted).toMatchObject([{ body: { type: "test", total: 0 } }]);
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
  const { channelId } = await t.webhook();
  await expect(t.webhook()).rejects.toMatchObject({ kind: "conflict" });
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
  await t.webhook({ tenantId: t.tenantId });
  const stranger = await t.makeStranger();
  await addAlertChannel(stranger, { name: "Theirs", target: { kind: "mail", recipient: "x@y.example" } });
  await t.find(finding);
  t.passes(1);
  await t.make();
  await t.send();
  expect(t.posted).toHaveLength(1);
  expect((await getAlertSettings(stranger)).channels.map(({ name, log }) => [name, log.length])).toEqual([
    ["Theirs", 0],
  ]);
});
