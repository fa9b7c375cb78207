import { generateKeyPairSync } from "node:crypto";
import type { SmarthostTest } from "@mailstead/core/jobs";
import { makeAgent } from "@mailstead/db/factories";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDomain } from "../domains/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import {
  addServer,
  answerSmarthostChange,
  getTargetState,
  listSmarthostChanges,
  setRelays,
  setSmarthosts,
  takeTestedSmarthosts,
} from "./index.ts";

let t: ServerTest;
beforeAll(async () => {
  t = await openServerTest({ hasAgent: false });
  const { organisationId, tenantId, serverId } = t;
  const { x = "" } = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
  const sealingKey = Buffer.from(x, "base64url").toString("base64");
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId, sealingKey });
});
afterAll(() => t.close());

const typed = { host: "smtp.relay.example", port: 587, username: "msp", password: "s3cret-new" };
const standby = (changes: object = {}) => [{ to: "standby", smarthost: { ...typed, ...changes } }];
const state = async () => (await getTargetState(t.owner, { serverId: t.serverId })).state;
const waiting = () => listSmarthostChanges(t.owner, { serverId: t.serverId });
/** The worker looks, which has no master key. */
const look = () =>
  takeTestedSmarthosts(t.system, {
    app: t.database.app,
    installation: { ...t.installation, masterKey: null },
  });
const query = async (text: string, values: unknown[] = []) =>
  (await t.database.admin.pool.query(text, values)).rows;
const actions = async () =>
  (await query("select action from audit_entries order by id")).map(({ action }) => action);

/** What the host found, as its agent reports it. */
async function hostFinds(result: SmarthostTest | null, at = "%") {
  const outcome =
    result === null
      ? { kind: "failed", problem: "it never answered", retry: "temporary" }
      : { kind: "succeeded", result };
  await query(
    "update jobs set state = $1, outcome = $2, ended_at = now() where verb = 'test-smarthost' and ended_at is null and args #>> '{smarthost,host}' like $3",
    [result === null ? "timed-out" : "succeeded", outcome, at],
  );
}
const good: SmarthostTest = { reached: "done", retry: null, sentence: "It takes the sign-in over TLS." };
const bad: SmarthostTest = {
  reached: "tls",
  retry: "permanent",
  sentence: "smtp.relay.example:587 refuses the user name and password: 535 wrong.",
};

test("before an agent has called nothing can be tried, so a smarthost is refused unless it is wanted untested", async () => {
  const { serverId } = await addServer(t.owner, {
    tenantId: t.tenantId,
    name: "mail2",
    hostname: "mail2.msp.example",
  });
  const relays = [{ sendersOf: "*", smarthost: { host: "open.example", port: 25 } }];
  await expect(setRelays(t.owner, { serverId, relays })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/can only be used untested/),
  });
  expect(await setRelays(t.owner, { serverId, relays, isUntested: true })).toMatchObject({
    isWaiting: false,
  });
  expect(await actions()).toContain("set-relays-untested");
});

test("a new smarthost takes effect when its host has tried it, and mail goes as before until then", async () => {
  const { serverId } = t;
  expect(await setSmarthosts(t.owner, { serverId, smarthosts: standby() })).toMatchObject({
    isWaiting: true,
    jobId: null,
  });
  await look();
  expect((await state()).destinationRelays).toEqual([]);
  expect(await waiting()).toMatchObject([
    { concerns: "receivers", problem: null, trials: [{ of: "standby", host: typed.host, port: 587 }] },
  ]);
  const [everything] = await query(
    "select (select string_agg(c::text, '') from smarthost_changes c) || (select string_agg(j::text, '') from jobs j) || (select string_agg(a::text, '') from audit_entries a) as told, (select count(*)::int from relay_secrets) as secrets",
  );
  expect(everything.told).not.toContain("s3cret");
  // The password of today's smarthost must not be lost to one that may never take effect.
  expect(everything.secrets).toBe(0);
  await hostFinds(good);
  expect(await look()).toEqual({ failed: [] });
  expect((await state()).destinationRelays).toMatchObject([
    { to: "standby", smarthost: { host: typed.host, username: "msp" } },
  ]);
  expect(await waiting()).toEqual([]);
  expect((await actions()).slice(-2)).toEqual(["try-smarthosts", "set-smarthosts"]);
});

test("what is in use already is used for more receivers at once, and changing any part of it is tried", async () => {
  const { serverId } = t;
  const { password: _, ...known } = typed;
  const open = { to: "far.example", smarthost: { host: "open.example", port: 25 } };
  await setRelays(t.owner, {
    serverId,
    relays: [{ sendersOf: "*", smarthost: open.smarthost }],
    isUntested: true,
  });
  const inUse = [{ to: "standby", isAutomatic: true, smarthost: known }, open];
  expect(await setSmarthosts(t.owner, { serverId, smarthosts: inUse })).toMatchObject({ isWaiting: false });
  for (const changed of [
    { port: 2525 },
    { password: "other" },
    { verifiesCertificate: false },
    { username: "b" },
  ])
    expect(await setSmarthosts(t.owner, { serverId, smarthosts: [...standby(changed), open] })).toMatchObject(
      { isWaiting: true },
    );
  expect(await waiting()).toHaveLength(1);
  expect((await state()).destinationRelays[0]?.smarthost).toMatchObject(known);
  await setSmarthosts(t.owner, { serverId, smarthosts: [] });
  expect(await waiting()).toEqual([]);
  await hostFinds(good);
  await look();
  expect((await state()).destinationRelays).toEqual([]);
});

test("a test that fails keeps all as it was and says why; it is tried again, discarded, or used untested on record", async () => {
  const { serverId } = t;
  const receivers = { serverId, concerns: "receivers" } as const;
  await setSmarthosts(t.owner, { serverId, smarthosts: standby() });
  await hostFinds(bad);
  await look();
  expect(await waiting()).toMatchObject([{ problem: bad.sentence }]);
  expect((await state()).destinationRelays).toEqual([]);
  await answerSmarthostChange(t.owner, { ...receivers, answer: "test-again" });
  expect(await waiting()).toMatchObject([{ problem: null }]);
  await hostFinds(null);
  await look();
  expect(await waiting()).toMatchObject([
    { problem: expect.stringMatching(/could not be tested: it never answered/) },
  ]);
  await answerSmarthostChange(t.owner, { ...receivers, answer: "use-untested" });
  expect((await state()).destinationRelays).toHaveLength(1);
  expect((await actions()).at(-1)).toBe("set-smarthosts-untested");
  expect(
    await query("select summary from target_states where server_id = $1 order by revision desc limit 1", [
      serverId,
    ]),
  ).toEqual([{ summary: "Smarthosts changed, untested" }]);
  await setSmarthosts(t.owner, { serverId, smarthosts: standby({ port: 465 }) });
  await answerSmarthostChange(t.owner, { ...receivers, answer: "discard" });
  await expect(answerSmarthostChange(t.owner, { ...receivers, answer: "discard" })).rejects.toMatchObject({
    kind: "not-found",
  });
  expect((await state()).destinationRelays[0]?.smarthost).toMatchObject({ port: 587 });
});

const busy: SmarthostTest = {
  reached: "sender",
  retry: "temporary",
  sentence: "smtp.relay.example:587 refuses mail from postmaster@a.example: 451 later.",
};
const passMinutes = (minutes: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + minutes * 60_000);
};
const asked = async () =>
  (
    await query(
      "select args #>> '{smarthost,host}' as host from jobs where verb = 'test-smarthost' order by id",
    )
  ).map(({ host }) => host);

test("what failed for now only is tried again by itself, and what held meanwhile is not", async () => {
  const { serverId } = t;
  const other = { to: "other.example", smarthost: { ...typed, host: "other.relay.example" } };
  await setSmarthosts(t.owner, { serverId, smarthosts: [...standby({ password: "again" }), other] });
  const before = (await asked()).length;
  await hostFinds(good, "other.%");
  await hostFinds(busy, "smtp.%");
  await look();
  expect(await waiting()).toMatchObject([
    { problem: busy.sentence, retryAt: new Date(t.clock.now.getTime() + 60_000) },
  ]);
  await look();
  expect(await asked()).toHaveLength(before);
  passMinutes(1);
  await look();
  await look();
  expect((await asked()).slice(before)).toEqual([typed.host]);
  expect(await waiting()).toMatchObject([{ problem: null, retryAt: null, trials: [{}, {}] }]);
  await hostFinds(good);
  expect(await look()).toEqual({ failed: [] });
  expect(await waiting()).toEqual([]);
  expect((await state()).destinationRelays.map(({ to }) => to)).toEqual(["standby", "other.example"]);
});

test("a smarthost is tried again a few times and then left to a person, whose word begins it anew", async () => {
  const { serverId } = t;
  await setSmarthosts(t.owner, { serverId, smarthosts: standby({ password: "third" }) });
  const before = (await asked()).length;
  for (let days = 0; days < 20; days++) {
    await hostFinds(days % 2 === 0 ? busy : null);
    await look();
    passMinutes(24 * 60);
    await look();
  }
  expect((await asked()).length - before).toBe(5);
  expect(await waiting()).toMatchObject([
    { problem: expect.stringMatching(/never answered/), retryAt: null },
  ]);
  await answerSmarthostChange(t.owner, { serverId, concerns: "receivers", answer: "test-again" });
  await hostFinds(busy);
  await look();
  expect(await waiting()).toMatchObject([{ retryAt: expect.any(Date) }]);
  await setSmarthosts(t.owner, { serverId, smarthosts: standby({ password: "fourth" }) });
  await hostFinds(bad);
  await look();
  expect(await waiting()).toMatchObject([{ problem: bad.sentence, retryAt: null }]);
  await answerSmarthostChange(t.owner, { serverId, concerns: "receivers", answer: "discard" });
});

test("relays for senders are tried in the name of who will send, and each smarthost once", async () => {
  const smarthost = { host: "one.example", port: 587, username: "u", password: "p" };
  const relays = ["alpha.example", "beta.example", "ann@gamma.example"].map((sendersOf) => ({
    sendersOf,
    smarthost,
  }));
  await setRelays(t.owner, { serverId: t.serverId, relays });
  const change = (await waiting()).find(({ concerns }) => concerns === "senders");
  expect(change?.trials).toHaveLength(1);
  const [job] = await query("select args from jobs where id = $1", [change?.trials[0]?.jobId]);
  expect(job.args.sender).toBe("postmaster@alpha.example");
});

test("what is wrong with it is said at once and nothing is tried; what became wrong meanwhile is told like a failed test", async () => {
  const { serverId } = t;
  const sent = async () => (await query("select count(*)::int as count from jobs"))[0]?.count;
  const before = await sent();
  await expect(
    setSmarthosts(t.owner, { serverId, smarthosts: [{ to: "far.example", percent: 30, smarthost: typed }] }),
  ).rejects.toMatchObject({ kind: "invalid" });
  expect(await sent()).toBe(before);
  await setSmarthosts(t.owner, {
    serverId,
    smarthosts: [{ to: "late.example", smarthost: { ...typed, host: "late-relay.example" } }],
  });
  await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "late.example" });
  await hostFinds(good);
  expect(await look()).toEqual({ failed: [] });
  expect((await waiting()).find(({ concerns }) => concerns === "receivers")?.problem).toMatch(
    /late\.example is at home on this server/,
  );
});
