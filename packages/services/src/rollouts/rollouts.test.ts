import { defaultRolloutSettings, type RolloutSettings } from "@mailstead/core/rollouts";
import { makeDomain } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import {
  done,
  failed,
  healthOf,
  openRolloutFleet,
  type RolloutFleet,
  wellBehaved,
} from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  approveWave,
  getRollout,
  haltRollout,
  previewRollout,
  resumeRollout,
  rollBackRollout,
  startRollout,
  stopRollout,
} from "./index.ts";

let shared: TestDatabase;
let t: ServiceTest;
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServiceTest({ shared });
  return () => t.close();
});
afterAll(() => shared.close());

const names = Array.from({ length: 8 }, (_, number) => `mail${number}`);
const settings: RolloutSettings = {
  ...defaultRolloutSettings,
  waves: [
    { share: 0.5, bakeTimeMs: 60_000, needsApproval: false },
    { share: 1, bakeTimeMs: 60_000, needsApproval: false },
  ],
  badMax: 1,
};
const begin = (changed: Partial<RolloutSettings> = {}) =>
  startRollout(t.owner, {
    title: "OpenSSL",
    choice: { kind: "sources", sourceNames: ["openssl"] },
    settings: { ...settings, ...changed },
  });

const rolloutRow = async (rolloutId: string) => {
  const { rows } = await t.database.admin.pool.query("select * from rollouts where id = $1", [rolloutId]);
  return rows[0] as {
    state: string;
    wave: number;
    halted_because: string | null;
    waits_because: string | null;
  };
};
const countOf = async (rolloutId: string, fleet: RolloutFleet) => {
  const counts: Record<string, number> = {};
  for (const state of Object.values(await fleet.states(rolloutId))) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
};

test("a rollout brings exact versions to every server, wave by wave, and ends", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId, servers } = await begin();
  expect(servers).toBe(8);
  await fleet.pass(1);
  expect(await countOf(rolloutId, fleet)).toEqual({ checking: 1, waiting: 7 });
  await fleet.pass(60);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 8 });
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "finished" });
  const installs = fleet.orders.filter(({ verb }) => verb === "install-updates");
  expect(installs).toHaveLength(8);
  expect(installs.every(({ args }) => args.packages?.[0]?.version === "1.0-2")).toBe(true);
});

test("waves without servers are passed over in silence", async () => {
  const fleet = await openRolloutFleet(t, ["mail0", "mail1"]);
  const { rolloutId } = await begin({ waves: defaultRolloutSettings.waves });
  await fleet.pass(60);
  const { events } = await getRollout(t.owner, { rolloutId });
  expect(events.toReversed().map(({ sentence }) => sentence)).toEqual([
    "2 servers in 2 waves.",
    "Wave 3 of 3 begins, with 1 server.",
    "It is over: 2 updated.",
  ]);
});

test("a canary that is not well afterwards gets back what it had, the rollout halts, and no other server saw it", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  let isChanged = false;
  fleet.answers = (order) => {
    if (order.verb === "install-updates") isChanged = true;
    if (order.verb === "roll-back-updates") isChanged = false;
    return order.verb === "check-mail" && isChanged
      ? done(healthOf("bad", "IMAP does not answer."))
      : wellBehaved(order);
  };
  await fleet.pass(40);
  expect(await countOf(rolloutId, fleet)).toEqual({ restored: 1, waiting: 7 });
  expect(await rolloutRow(rolloutId)).toMatchObject({
    state: "halted",
    halted_because: "1 server of the canary went wrong.",
  });
  expect(new Set(fleet.orders.map(({ server }) => server)).size).toBe(1);
  const restored = fleet.orders.find(({ verb }) => verb === "roll-back-updates");
  expect(restored?.args.packages).toEqual([{ name: "openssl", architecture: "amd64", version: "1.0-1" }]);
});

test("a rollout that halts by itself is a finding until somebody decides, and one that a person halts is none", async () => {
  const fleet = await openRolloutFleet(t, names);
  const open = async () =>
    (await t.database.admin.pool.query("select sentence from check_findings where closed_at is null")).rows;
  const { rolloutId } = await begin({ restoresBad: false });
  await haltRollout(t.owner, { rolloutId });
  expect(await open()).toEqual([]);
  await resumeRollout(t.owner, { rolloutId });
  fleet.answers = (order) => (order.verb === "install-updates" ? failed("dpkg broke.") : wellBehaved(order));
  await fleet.pass(10);
  expect(await open()).toEqual([
    { sentence: "The rollout “OpenSSL” is halted: 1 server of the canary went wrong." },
  ]);
  await stopRollout(t.owner, { rolloutId });
  expect(await open()).toEqual([]);
});

test("one bad look alone concludes nothing", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const { rolloutId } = await begin();
  let looks = 0;
  fleet.answers = (order) => {
    if (order.verb !== "check-mail") return wellBehaved(order);
    looks += 1;
    return done(healthOf(looks === 2 ? "bad" : "ok"));
  };
  await fleet.pass(60);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "succeeded" });
});

test("a server whose mail was not well before is left as it is, and said", async () => {
  const fleet = await openRolloutFleet(t, ["mail0", "mail1"]);
  const { rolloutId } = await begin();
  const { rows } = await t.database.admin.pool.query<{ name: string }>(
    "select s.name from rollout_members m join servers s on s.id = m.server_id where m.wave > 0",
  );
  const sick = rows[0]?.name ?? "";
  fleet.answers = (order) =>
    order.verb === "check-mail" && order.server === sick
      ? done(healthOf("bad", "The queue is stuck."))
      : wellBehaved(order);
  await fleet.pass(60);
  expect((await fleet.states(rolloutId))[sick]).toBe("left-out");
  expect(fleet.orders.filter(({ verb, server }) => verb === "install-updates" && server === sick)).toEqual(
    [],
  );
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "finished" });
});

test("a server that puts off far more mail than in its usual hours is not well, and one that always does is", async () => {
  const fleet = await openRolloutFleet(t, ["mail0", "mail1"]);
  const hour = new Date("2026-11-20T09:00:00Z");
  await keepDeliveryPartitions(t.system);
  for (const [status, attempts] of [
    ["sent", 400],
    ["deferred", 600],
  ])
    await t.database.admin.pool.query(
      `insert into delivery_hours (server_id, starts_at, direction, domain, sending_address, provider, status, category,
         organisation_id, tenant_id, attempts, first_attempts, over_tls, size_bytes, latencies)
       values ($1, $2, 'outbound', 'a.example', '192.0.2.1', 'gmail', $3, '', $4, $5, $6, 1, 1, 1, '{}')`,
      [fleet.ids.get("mail1"), hour, status, t.organisationId, t.tenantId, attempts],
    );
  const { rolloutId } = await begin({ badMax: 2, canary: { ...settings.canary, serversMin: 2 } });
  const changed = new Set<string>();
  fleet.answers = (order) => {
    if (order.verb === "install-updates") changed.add(order.server);
    // What it put off stays in its figures for a while after it has gone back.
    const recent = changed.has(order.server)
      ? { sent: 40, deferred: 60, bounced: 0, rejected: 0 }
      : { sent: 100, deferred: 0, bounced: 0, rejected: 0 };
    return order.verb === "check-mail"
      ? done({ ...healthOf(), figures: { queueMessages: 0, recent } })
      : wellBehaved(order);
  };
  await fleet.pass(60);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "restored", mail1: "succeeded" });
});

test("more failures than allowed over all waves halt it, and it goes on when a person says so", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin({ inFlightMax: 1, restoresBad: false });
  const canary = await (async () => {
    await fleet.pass(1);
    return Object.entries(await fleet.states(rolloutId)).find(([, state]) => state === "checking")?.[0];
  })();
  fleet.answers = (order) =>
    order.verb === "install-updates" && order.server !== canary ? failed("dpkg broke.") : wellBehaved(order);
  await fleet.pass(60);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 1, failed: 2, waiting: 5 });
  expect(await rolloutRow(rolloutId)).toMatchObject({
    state: "halted",
    halted_because: "2 servers went wrong, fell silent or are unknown; 1 may.",
  });
  fleet.answers = wellBehaved;
  await resumeRollout(t.owner, { rolloutId });
  await fleet.pass(90);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 6, failed: 2 });
});

test("halting takes back what has not left, and lets end what has", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  fleet.answers = () => null;
  await fleet.pass(1);
  await haltRollout(t.owner, { rolloutId, reason: "A customer called." });
  expect(await countOf(rolloutId, fleet)).toEqual({ waiting: 8 });
  const { rows } = await t.database.admin.pool.query("select state from jobs where verb = 'check-mail'");
  expect(rows).toEqual([{ state: "cancelled" }]);
  fleet.answers = wellBehaved;
  await fleet.pass(10);
  expect(await countOf(rolloutId, fleet)).toEqual({ waiting: 8 });
  await resumeRollout(t.owner, { rolloutId });
  await fleet.pass(60);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 8 });
});

test("silence past its deadline is told as such and counts, and an answer that comes later still does", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const { rolloutId } = await begin();
  fleet.answers = (order) => (order.verb === "install-updates" ? null : wellBehaved(order));
  await fleet.pass(150);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "unknown" });
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "halted" });
  fleet.answers = wellBehaved;
  await fleet.pass(3, 1);
  await resumeRollout(t.owner, { rolloutId });
  await fleet.pass(60);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "succeeded" });
});

test("a server that was offline at its turn is caught up with when it is back", async () => {
  const fleet = await openRolloutFleet(t, names);
  await fleet.setOnline("mail3", false);
  const { rolloutId } = await begin();
  await fleet.pass(80);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 7, waiting: 1 });
  await fleet.setOnline("mail3", true);
  await fleet.pass(40);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 8 });
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "finished" });
});

test("a server that never comes back is left out at the end, with the reason", async () => {
  const fleet = await openRolloutFleet(t, names);
  await fleet.setOnline("mail3", false);
  const { rolloutId } = await begin();
  await fleet.pass(80);
  await fleet.pass(2, 15 * 86_400);
  await fleet.pass(2);
  expect(await fleet.states(rolloutId)).toMatchObject({ mail3: "left-out" });
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "finished" });
});

test("a wave that begins late is waited for as long as any other, and nobody is left out whose turn never came", async () => {
  const fleet = await openRolloutFleet(t, names);
  const week = 7 * 24 * 3_600_000;
  const waves = settings.waves.map((wave) => ({ ...wave, bakeTimeMs: week }));
  const { rolloutId } = await begin({ waves, canary: { ...settings.canary, bakeTimeMs: week } });
  await fleet.pass(240, 3 * 3_600);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 8 });
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "finished" });
});

test("a rollout that is resumed after long waits again for who is away", async () => {
  const fleet = await openRolloutFleet(t, names);
  await t.database.admin.pool.query("update servers set goes_first = true where name = 'mail0'");
  const { rolloutId } = await begin();
  await haltRollout(t.owner, { rolloutId });
  await fleet.pass(1, 15 * 86_400);
  await fleet.setOnline("mail3", false);
  await resumeRollout(t.owner, { rolloutId });
  await fleet.pass(80);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 7, waiting: 1 });
  await fleet.setOnline("mail3", true);
  await fleet.pass(40);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 8 });
});

test("a wave that needs approval waits for it, and for that of no other wave", async () => {
  const fleet = await openRolloutFleet(t, names);
  const waves = settings.waves.map((wave) => ({ ...wave, needsApproval: true }));
  const { rolloutId } = await begin({ waves });
  await fleet.pass(40);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 1, waiting: 7 });
  await expect(approveWave(t.owner, { rolloutId, wave: 2 })).rejects.toMatchObject({ kind: "conflict" });
  await approveWave(t.owner, { rolloutId, wave: 1 });
  await fleet.pass(40);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 4, waiting: 4 });
});

test("stopping brings what runs to its end and leaves the others as they were", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  await fleet.pass(3);
  await stopRollout(t.owner, { rolloutId });
  await fleet.pass(40);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 1, "left-out": 7 });
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "stopped" });
});

test("rolling back gives every changed server what it had, also after the end", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  await fleet.pass(80);
  await rollBackRollout(t.owner, { rolloutId });
  await fleet.pass(40);
  expect(await countOf(rolloutId, fleet)).toEqual({ restored: 8 });
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "rolled-back" });
});

test("rolling back waits for a server that is away, and is over when somebody stops it", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  await fleet.pass(80);
  await fleet.setOnline("mail3", false);
  await fleet.setOnline("mail4", false);
  await rollBackRollout(t.owner, { rolloutId });
  await fleet.pass(40);
  expect(await countOf(rolloutId, fleet)).toEqual({ restored: 6, succeeded: 2 });
  expect(await rolloutRow(rolloutId)).toMatchObject({
    state: "rolling-back",
    waits_because: "2 servers cannot go back now.",
  });
  await fleet.setOnline("mail3", true);
  await fleet.pass(10);
  expect(await countOf(rolloutId, fleet)).toEqual({ restored: 7, succeeded: 1 });
  await stopRollout(t.owner, { rolloutId });
  await fleet.pass(2);
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "stopped" });
});

test("rolling back waits no longer than the rollout would have", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  await fleet.pass(80);
  await fleet.pass(1, 15 * 86_400);
  await fleet.setOnline("mail3", false);
  await rollBackRollout(t.owner, { rolloutId });
  await fleet.pass(40);
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "rolling-back" });
  await fleet.pass(2, 15 * 86_400);
  expect(await countOf(rolloutId, fleet)).toEqual({ restored: 7, succeeded: 1 });
  expect(await rolloutRow(rolloutId)).toMatchObject({ state: "rolled-back" });
});

test("two servers that take one domain's mail are never in the middle of it at once, and one stays as it is while the other is away", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { admin } = t.database;
  const domain = await makeDomain(admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    serverId: fleet.ids.get("mail1") ?? "",
  });
  await admin.pool.query(
    `insert into domain_servers (domain_id, server_id, organisation_id, tenant_id, role, created_at)
      values ($1, $2, $3, $4, 'mx', now())`,
    [domain.id, fleet.ids.get("mail2"), t.organisationId, t.tenantId],
  );
  await fleet.setOnline("mail2", false);
  const { rolloutId } = await begin();
  await fleet.pass(80);
  expect(await fleet.states(rolloutId)).toMatchObject({ mail1: "waiting", mail2: "waiting" });
  await fleet.setOnline("mail2", true);
  const together: string[] = [];
  for (let look = 0; look < 60; look += 1) {
    await fleet.pass(1);
    const { mail1 = "", mail2 = "" } = await fleet.states(rolloutId);
    const busy = ["checking", "applying", "verifying", "restoring"];
    if (busy.includes(mail1) && busy.includes(mail2)) together.push(`${mail1} ${mail2}`);
  }
  expect(together).toEqual([]);
  expect(await countOf(rolloutId, fleet)).toEqual({ succeeded: 8 });
});

test("nothing begins in a freeze or outside of a customer's window", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  await t.database.admin.pool.query(
    `insert into maintenance_times (tenant_id, organisation_id, time_zone, windows, changed_by, changed_at)
      values ($1, $2, 'Europe/Oslo', '[{"weekdays":[6],"fromMinute":120,"untilMinute":240}]', 'Ann', now())`,
    [t.tenantId, t.organisationId],
  );
  const { rolloutId } = await begin();
  await fleet.pass(5);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "waiting" });
  // The Saturday after, at two in the morning there.
  t.clock.now = new Date("2026-11-21T01:05:00Z");
  await fleet.pass(40);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "succeeded" });
});

test("what a rollout would do is shown before: waves, versions, what cannot be taken back, who is left out and why", async () => {
  const fleet = await openRolloutFleet(t, names, {
    suiteOf: (name) => (name < "mail4" ? "bookworm" : "trixie"),
  });
  await t.database.admin.pool.query(
    `insert into rollout_exclusions (server_id, organisation_id, tenant_id, reason, made_by, made_at)
      values ($1, $2, $3, 'It is being moved.', 'Ann', now())`,
    [fleet.ids.get("mail7"), t.organisationId, t.tenantId],
  );
  const preview = await previewRollout(t.owner, { choice: { kind: "security" }, settings });
  expect(preview.waves.map(({ servers }) => servers)).toEqual([2, 2, 3]);
  expect(preview.packages).toEqual([{ name: "openssl", version: "1.0-2", servers: 7 }]);
  expect(preview.leftOut).toEqual([
    { because: "It is left out of rollouts: It is being moved.", servers: 1, names: ["mail7"] },
  ]);
});

test("the canaries that are shown before are those that go first", async () => {
  const fleet = await openRolloutFleet(t, names);
  const choice = { kind: "sources" as const, sourceNames: ["openssl"] };
  const shown = (await previewRollout(t.owner, { choice, settings })).waves[0]?.names;
  const { rolloutId } = await begin();
  await fleet.pass(1);
  const first = Object.entries(await fleet.states(rolloutId)).filter(([, state]) => state === "checking");
  expect(first.map(([name]) => name)).toEqual(shown);
});

test("a rollout that would touch nobody is not started, and says why", async () => {
  await expect(begin()).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/^None of these servers has told that such a thing waits\./),
  });
});

test("a neighbour sees nothing of it and steers nothing", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const { rolloutId } = await begin();
  const stranger = await t.makeStranger();
  for (const use of [haltRollout, resumeRollout, stopRollout, rollBackRollout])
    await expect(use(stranger, { rolloutId })).rejects.toMatchObject({ kind: "not-found" });
  for (const use of [haltRollout, resumeRollout, stopRollout, rollBackRollout])
    await expect(async () => use(t.as("auditor"), { rolloutId })).rejects.toMatchObject({
      kind: "forbidden",
    });
  await expect(
    startRollout(stranger, {
      title: "Theirs",
      choice: { kind: "all" },
      serverIds: [fleet.ids.get("mail0") ?? ""],
    }),
  ).rejects.toMatchObject({ kind: "precondition-failed" });
});
