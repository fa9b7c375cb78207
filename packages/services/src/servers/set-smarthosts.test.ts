import { generateKeyPairSync } from "node:crypto";
import { makeAgent } from "@mailstead/db/factories";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDomain } from "../domains/index.ts";
import { getJob } from "../jobs/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { changeStackSettings, getTargetState, setRelays, setSmarthosts, testSmarthost } from "./index.ts";

const sealingKey = () =>
  Buffer.from(
    generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }).x ?? "",
    "base64url",
  ).toString("base64");

let t: ServerTest;
beforeAll(async () => {
  t = await openServerTest({ hasAgent: false });
  const { organisationId, tenantId, serverId } = t;
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId, sealingKey: sealingKey() });
});
afterAll(() => t.close());

const host = { host: "smtp.relay.example", port: 587, username: "msp" };
const withPassword = { ...host, password: "s3cret-standby" };
const state = async () => (await getTargetState(t.owner, { serverId: t.serverId })).state;

test("smarthosts for receivers keep their passwords sealed, beside those of relays for senders", async () => {
  const { serverId } = t;
  await setRelays(t.owner, {
    isUntested: true,
    serverId,
    relays: [{ sendersOf: "Ann@Alpha.Example", smarthost: { ...host, password: "s3cret-sender" } }],
  });
  const smarthosts = [
    { to: "standby", isAutomatic: true, smarthost: withPassword },
    { to: "provider:outlook", percent: 30, smarthost: { host: "split.example", port: 465 } },
    { to: "Receiver.Example", smarthost: null },
  ];
  await setSmarthosts(t.owner, { isUntested: true, serverId, smarthosts });
  const { password: _, ...kept } = withPassword;
  const again = await setSmarthosts(t.owner, {
    isUntested: true,
    serverId,
    smarthosts: [{ ...smarthosts[0], to: "standby", smarthost: kept }, ...smarthosts.slice(1)],
  });
  const after = await state();
  expect(again.revision).toBe(after.revision);
  expect(after.relays[0]?.sendersOf).toBe("ann@alpha.example");
  expect(after.destinationRelays.map(({ to, percent }) => ({ to, percent }))).toEqual([
    { to: "standby", percent: 100 },
    { to: "provider:outlook", percent: 30 },
    { to: "receiver.example", percent: 100 },
  ]);
  const { rows } = await t.database.admin.pool.query(
    "select (select string_agg(document, '') from target_states) || (select string_agg(box, '') from relay_secrets) || (select string_agg(coalesce(after::text, ''), '') from audit_entries) as everything, (select count(*)::int from relay_secrets) as secrets",
  );
  expect(rows[0].everything).not.toMatch(/s3cret/);
  expect(rows[0].secrets).toBe(2);
  await setRelays(t.owner, { isUntested: true, serverId, relays: [] });
  await t.database.admin.pool.query("update agents set sealing_key = $1", [sealingKey()]);
  const before = (await state()).destinationRelays[0]?.smarthost?.password?.box;
  await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });
  expect((await state()).destinationRelays[0]?.smarthost?.password?.box).not.toBe(before);
});

test("a smarthost is tested by the host with what is typed or kept, and never with another's password", async () => {
  const { serverId } = t;
  await setSmarthosts(t.owner, {
    isUntested: true,
    serverId,
    smarthosts: [{ to: "standby", smarthost: withPassword }],
  });
  const { jobId } = await testSmarthost(t.owner, { serverId, smarthost: host });
  const job = await getJob(t.owner, { jobId });
  expect(job).toMatchObject({ verb: "test-smarthost", lane: "diagnostic" });
  expect(JSON.stringify(job.args)).not.toContain("s3cret");
  await expect(
    testSmarthost(t.owner, { serverId, smarthost: { ...host, host: "smtp.thief.example" } }),
  ).rejects.toMatchObject({ kind: "invalid", message: /another one now/ });
});

test.each([
  ["password", "s3cret ", "The password begins or ends with a space, which Postfix would cut off."],
  ["password", " s3cret", "The password begins or ends with a space, which Postfix would cut off."],
  ["username", "msp ", "The user name begins or ends with a space, which Postfix would cut off."],
])("a %s with a space at an end is refused: %j", async (field, value, message) => {
  const { serverId } = t;
  const smarthost = { ...withPassword, [field]: value };
  for (const act of [
    () => testSmarthost(t.owner, { serverId, smarthost }),
    () => setSmarthosts(t.owner, { isUntested: true, serverId, smarthosts: [{ to: "standby", smarthost }] }),
    () =>
      setRelays(t.owner, {
        isUntested: true,
        serverId,
        relays: [{ sendersOf: "a@alpha.example", smarthost }],
      }),
  ])
    await expect(act()).rejects.toMatchObject({ kind: "invalid", message });
});

test("a user name that is the password too is kept nowhere, because names are no secrets", async () => {
  const { serverId } = t;
  const smarthost = { ...host, username: "s3cret-token", password: "s3cret-token" };
  const relays = [{ sendersOf: "a@alpha.example", smarthost }];
  for (const act of [
    () => testSmarthost(t.owner, { serverId, smarthost }),
    () => setSmarthosts(t.owner, { isUntested: true, serverId, smarthosts: [{ to: "standby", smarthost }] }),
    () => setRelays(t.owner, { isUntested: true, serverId, relays }),
  ])
    await expect(act()).rejects.toMatchObject({
      kind: "invalid",
      message: expect.stringMatching(/at Postmark an SMTP token/),
    });
});

test("a password may hold spaces inside", async () => {
  const smarthost = { ...withPassword, password: "s3cret  word" };
  const { serverId } = t;
  await setSmarthosts(t.owner, { isUntested: true, serverId, smarthosts: [{ to: "standby", smarthost }] });
});

test("a password that is typed for one receiver is that of all which are led to the same smarthost", async () => {
  const { serverId } = t;
  const save = (...smarthosts: Parameters<typeof setSmarthosts>[1]["smarthosts"]) =>
    setSmarthosts(t.owner, { isUntested: true, serverId, smarthosts });
  const split = (smarthost: object) => ({
    to: "provider:gmail",
    percent: 50,
    smarthost: { ...host, ...smarthost },
  });
  await save({ to: "far.example", smarthost: withPassword }, split({ password: withPassword.password }));
  const boxes = async () =>
    (await state()).destinationRelays.map(({ smarthost }) => smarthost?.password?.box);
  const before = await boxes();
  await save({ to: "far.example", smarthost: { ...host, password: "s3cret-rotated" } }, split({}));
  const after = await boxes();
  expect(after[0]).not.toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
  await expect(
    save({ to: "far.example", smarthost: withPassword }, split({ password: "s3cret-other" })),
  ).rejects.toMatchObject({ kind: "invalid", message: expect.stringMatching(/given two passwords/) });
  await save(
    { to: "far.example", smarthost: withPassword },
    { to: "provider:gmail", smarthost: { ...host, port: 2525, password: "s3cret-other" } },
  );
});

test("what is at home here, a split of one domain and two names at one host are refused with a sentence", async () => {
  const { serverId, tenantId } = t;
  await addDomain(t.owner, { tenantId, serverId, name: "home.example" });
  const refused = (smarthosts: Parameters<typeof setSmarthosts>[1]["smarthosts"]) =>
    setSmarthosts(t.owner, { isUntested: true, serverId, smarthosts }).then(
      () => "taken",
      (error: Error) => error.message,
    );
  expect(await refused([{ to: "home.example", smarthost: host }])).toMatch(/is at home on this server/);
  expect(
    await refused([{ to: "far.example", percent: 50, smarthost: { host: "split.example", port: 25 } }]),
  ).toMatch(/Only a provider's mail can be split/);
  expect(
    await refused([
      { to: "standby", smarthost: withPassword },
      { to: "far.example", smarthost: { ...withPassword, username: "other" } },
    ]),
  ).toMatch(/used with two user names/);
});
