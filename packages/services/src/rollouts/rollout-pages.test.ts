import { defaultRolloutSettings, type RolloutSettings, stateOfMark } from "@mailstead/core/rollouts";
import { makeTenant } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { openBus, rolloutsChannel } from "../bus/index.ts";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { done, failed, healthOf, openRolloutFleet, wellBehaved } from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  approveWave,
  compareHealth,
  getRollout,
  getRolloutMember,
  groupRolloutOutputs,
  haltRollout,
  listRolloutMembers,
  listRollouts,
  readRolloutCells,
  readRolloutMarks,
  runDueRollouts,
  startRollout,
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

const names = Array.from({ length: 6 }, (_, number) => `mail${number}`);
const settings: RolloutSettings = {
  ...defaultRolloutSettings,
  waves: [
    { share: 0.5, bakeTimeMs: 60_000, needsApproval: false },
    { share: 1, bakeTimeMs: 60_000, needsApproval: true },
  ],
  badMax: 3,
  restoresBad: false,
};
const begin = (changed: Partial<RolloutSettings> = {}, title = "OpenSSL") =>
  startRollout(t.owner, {
    title,
    choice: { kind: "sources", sourceNames: ["openssl"] },
    settings: { ...settings, ...changed },
  });
/** The canary is well, and every other server breaks in its own words. */
async function beginAndBreak() {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  await fleet.pass(1);
  const canary = Object.entries(await fleet.states(rolloutId)).find(([, state]) => state === "checking")?.[0];
  fleet.answers = (order) =>
    order.verb === "install-updates" && order.server !== canary
      ? failed(`${order.server}.msp.example: dpkg stopped after ${order.server.length + 7} s.`)
      : wellBehaved(order);
  await fleet.pass(40);
  return { fleet, rolloutId, canary: canary ?? "" };
}

test("what runs is listed apart from what is over, the newest first and page by page", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const ids: string[] = [];
  for (const title of ["First", "Second", "Third"]) {
    ids.push((await begin({}, title)).rolloutId);
    await fleet.pass(30);
  }
  const running = await begin({}, "Fourth");
  await fleet.pass(1);
  expect(await listRollouts(t.owner, { isOver: false })).toMatchObject({
    rollouts: [
      {
        id: running.rolloutId,
        title: "Fourth",
        state: "running",
        wave: 0,
        lastWave: 2,
        counts: { checking: 1 },
      },
    ],
    total: 1,
    nextCursor: null,
  });
  const first = await listRollouts(t.owner, { isOver: true, limit: 2 });
  expect(first).toMatchObject({ rollouts: [{ title: "Third" }, { title: "Second" }], total: 3 });
  const cursor = first.nextCursor ?? "";
  const rest = await listRollouts(t.owner, { isOver: true, limit: 2, cursor });
  expect(rest).toMatchObject({
    rollouts: [{ id: ids[0], state: "finished", counts: { succeeded: 1 } }],
    nextCursor: null,
  });
});

test("a rollout tells its waves, what it brings, what happened with who did it, and what can be done now", async () => {
  const { rolloutId } = await beginAndBreak();
  const story = await getRollout(t.owner, { rolloutId });
  expect(story).toMatchObject({
    state: "running",
    servers: 6,
    tenants: 1,
    bad: 2,
    canGoBack: 1,
    packages: [{ name: "openssl", from: "1.0-1", version: "1.0-2" }],
    packagesInAll: 1,
    steers: ["halt", "stop", "roll-back"],
    approves: 2,
  });
  expect(story.waves).toMatchObject([
    { wave: 0, servers: 1, counts: { succeeded: 1 }, standing: "open" },
    { wave: 1, servers: 2, counts: { failed: 2 }, standing: "open" },
    { wave: 2, servers: 3, counts: { waiting: 3 }, standing: "ahead", needsApproval: true },
  ]);
  await haltRollout(t.owner, { rolloutId, reason: "A customer called." });
  const halted = await getRollout(t.owner, { rolloutId });
  expect(halted.steers).toEqual(["resume", "stop", "roll-back"]);
  expect(halted.haltedBecause).toMatch(/: A customer called\.$/);
  expect(halted.events.map(({ kind }) => kind)).toEqual(["halted", "asked-approval", "wave", "started"]);
  expect(halted.events.map(({ byName }) => byName !== null)).toEqual([true, false, false, true]);
});

test("the wave that waits for a person is named, until somebody has said yes", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  await fleet.pass(40);
  expect((await getRollout(t.owner, { rolloutId })).approves).toBe(2);
  await approveWave(t.owner, { rolloutId, wave: 2 });
  expect((await getRollout(t.owner, { rolloutId })).approves).toBeNull();
});

test("servers are listed with what went wrong first, page by page, and by wave, group, customer and name", async () => {
  const { rolloutId, canary } = await beginAndBreak();
  const states = async (filter: Partial<Parameters<typeof listRolloutMembers>[1]> = {}) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRolloutMembers(t.owner, {
        rolloutId,
        limit: 2,
        ...filter,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.members.map(({ state }) => state));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return seen;
  };
  expect(await states()).toEqual(["failed", "failed", "waiting", "waiting", "waiting", "succeeded"]);
  expect(await states({ group: "bad" })).toEqual(["failed", "failed"]);
  expect(await states({ wave: 0 })).toEqual(["succeeded"]);
  expect(await states({ search: `${canary}.MSP` })).toEqual(["succeeded"]);
  expect(await states({ tenantId: t.tenantId })).toHaveLength(6);
  const { members } = await listRolloutMembers(t.owner, { rolloutId, group: "bad" });
  expect(members[0]?.sentence).toMatch(/dpkg stopped after 12 s\.$/);
});

test("what happened to many is told once, whatever each of them calls itself", async () => {
  const { rolloutId, canary, fleet } = await beginAndBreak();
  const { outputs, total } = await groupRolloutOutputs(t.owner, { rolloutId });
  expect(total).toBe(3);
  expect(outputs).toMatchObject([
    { state: "failed", servers: 2, sentence: "…: dpkg stopped after … s.", changes: [] },
    { state: "waiting", servers: 3 },
    {
      state: "succeeded",
      servers: 1,
      sentence: null,
      members: [{ id: fleet.ids.get(canary), name: canary }],
      changes: [{ name: "openssl", from: "1.0-1", to: "1.0-2" }],
    },
  ]);
});

test("one server tells what it had and has, how its mail did before and after, and where its job is", async () => {
  const { rolloutId, canary, fleet } = await beginAndBreak();
  const member = await getRolloutMember(t.owner, { rolloutId, serverId: fleet.ids.get(canary) ?? "" });
  expect(member).toMatchObject({
    name: canary,
    state: "succeeded",
    packages: [{ name: "openssl", from: "1.0-1", version: "1.0-2" }],
    healthBefore: { checks: [{ state: "ok" }] },
    healthAfter: { checks: [{ state: "ok" }] },
  });
  const { members } = await listRolloutMembers(t.owner, { rolloutId, group: "bad" });
  const broken = await getRolloutMember(t.owner, { rolloutId, serverId: members[0]?.id ?? "" });
  expect(broken).toMatchObject({ state: "failed", healthAfter: null, changes: null });
});

test("mail is compared for each customer by looks at the same servers and by hours of deliveries", async () => {
  const other = await makeTenant(t.database.admin, { organisationId: t.organisationId, name: "Zebra" });
  const ours = await openRolloutFleet(t, ["mail0", "mail1"]);
  await openRolloutFleet(t, ["zebra0"], { tenantId: other.id });
  const { rolloutId } = await begin({
    canary: { serversMin: 3, bakeTimeMs: 60_000, needsApproval: false },
  });
  let isChanged = false;
  ours.answers = (order) => {
    if (order.verb === "install-updates" && order.server === "zebra0") isChanged = true;
    if (order.verb !== "check-mail") return wellBehaved(order);
    const health = healthOf(order.server === "zebra0" && isChanged ? "bad" : "ok");
    return done({ ...health, figures: { queueMessages: isChanged ? 9 : 4, recent: null } });
  };
  await keepDeliveryPartitions(t.system);
  const startedAt = t.clock.now;
  await ours.pass(20);
  const hours: [number, string, number][] = [
    [-2, "sent", 90],
    [-2, "deferred", 10],
    [-30, "sent", 7],
    [2, "sent", 50],
    [2, "deferred", 50],
  ];
  for (const [hour, status, attempts] of hours)
    await t.database.admin.pool.query(
      `insert into delivery_hours (server_id, starts_at, direction, domain, sending_address, provider, status, category,
          organisation_id, tenant_id, attempts, first_attempts, over_tls, size_bytes, latencies)
        values ($1, $2, 'outbound', 'a.example', '', 'gmail', $3, '', $4, $5, $6, 0, 0, 0, '{}')`,
      [
        ours.ids.get("mail0"),
        new Date(startedAt.getTime() + hour * 3_600_000),
        status,
        t.organisationId,
        t.tenantId,
        attempts,
      ],
    );
  t.clock.now = new Date(startedAt.getTime() + 4 * 3_600_000);
  const { customers, total } = await compareHealth(t.owner, { rolloutId });
  expect(total).toBe(2);
  expect(customers).toMatchObject([
    { name: "Zebra", servers: 1, looked: 1, before: { well: 1 }, after: { well: 0, queueMessages: 9 } },
    {
      servers: 2,
      looked: 2,
      before: { well: 2 },
      after: { well: 2 },
      hoursBefore: { attempts: 100, delivered: 90, deferred: 10 },
      hoursAfter: { attempts: 100, delivered: 50, deferred: 50 },
    },
  ]);
});

test("a neighbour finds none of it", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const { rolloutId } = await begin();
  const stranger = await t.makeStranger();
  for (const use of [
    getRollout,
    listRolloutMembers,
    groupRolloutOutputs,
    compareHealth,
    readRolloutCells,
    readRolloutMarks,
  ])
    await expect(use(stranger, { rolloutId })).rejects.toMatchObject({ kind: "not-found" });
  await expect(
    getRolloutMember(stranger, { rolloutId, serverId: fleet.ids.get("mail0") ?? "" }),
  ).rejects.toMatchObject({ kind: "not-found" });
  expect(await listRollouts(stranger, { isOver: false })).toMatchObject({ rollouts: [], total: 0 });
});

test("a customer's person sees how it stands and their own servers, and nothing of others or in others' words", async () => {
  const other = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  await openRolloutFleet(t, ["mail0", "mail1"]);
  const theirs = await openRolloutFleet(t, ["theirs0"], { tenantId: other.id });
  const { rolloutId } = await begin({}, "For Fjord first");
  await haltRollout(t.owner, { rolloutId, reason: "Fjord called." });
  const person = t.as("technician", other.id);
  expect(await listRollouts(person, { isOver: false })).toMatchObject({
    rollouts: [{ id: rolloutId, title: null, state: "halted", haltedBecause: null, servers: 1 }],
  });
  expect(await getRollout(person, { rolloutId })).toMatchObject({
    ...{ isOwn: false, title: null, haltedBecause: null, servers: 1, tenants: 1, steers: [], events: [] },
  });
  expect((await readRolloutCells(person, { rolloutId })).names).toEqual(["theirs0"]);
  expect((await readRolloutMarks(person, { rolloutId })).marks).toHaveLength(1);
  expect((await listRolloutMembers(person, { rolloutId })).members.map(({ name }) => name)).toEqual([
    "theirs0",
  ]);
  expect((await groupRolloutOutputs(person, { rolloutId })).outputs).toMatchObject([{ servers: 1 }]);
  expect((await compareHealth(person, { rolloutId })).customers.map(({ id }) => id)).toEqual([other.id]);
  const fleetWide = await readRolloutCells(t.owner, { rolloutId });
  const foreign = fleetWide.ids.find((id) => id !== theirs.ids.get("theirs0")) ?? "";
  await expect(getRolloutMember(person, { rolloutId, serverId: foreign })).rejects.toMatchObject({
    kind: "not-found",
  });
  const third = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  await expect(getRollout(t.as("technician", third.id), { rolloutId })).rejects.toMatchObject({
    kind: "not-found",
  });
});

test("who watches is woken once what a look changed is committed, and a look that changes nothing wakes nobody", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const { rolloutId } = await begin();
  const bus = await openBus({ databaseUrl: t.database.systemUrl });
  const seen: Promise<string | undefined>[] = [];
  await bus.subscribe(rolloutsChannel(t.organisationId), () =>
    seen.push(fleet.states(rolloutId).then(({ mail0 }) => mail0)),
  );
  /** As the schedule of the worker does. */
  const look = async () => {
    const { changedOrganisationIds } = await runDueRollouts(t.system, {
      app: t.database.app,
      installation: t.installation,
    });
    for (const id of changedOrganisationIds) await bus.publish(rolloutsChannel(id), "");
    t.clock.now = new Date(t.clock.now.getTime() + 1_000);
    return changedOrganisationIds;
  };
  expect(await look()).toEqual([t.organisationId]);
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  expect(await seen[0]).toBe("checking");
  // It says whom it waits for, and then there is nothing new to say.
  await look();
  expect(await look()).toEqual([]);
  await fleet.pass(1);
  expect(await look()).toEqual([t.organisationId]);
  await vi.waitFor(async () => expect(await seen.at(-1)).not.toBe("checking"));
  await bus.close();
});

test("ten thousand servers are told in a letter each, and all pages of them hold together", async () => {
  const { admin } = t.database;
  await openRolloutFleet(t, ["mail0"]);
  const { rolloutId } = await begin();
  const count = 10_000;
  await admin.pool.query(
    `insert into servers (id, organisation_id, tenant_id, name, hostname, created_at, facts, facts_at, enrolment_state)
      select gen_random_uuid(), organisation_id, tenant_id, 'many' || n, 'many' || n || '.msp.example', created_at, facts,
        facts_at, enrolment_state from servers, generate_series(1, $1::integer - 1) n where name = 'mail0'`,
    [count],
  );
  await admin.pool.query(
    `insert into rollout_members (rollout_id, server_id, organisation_id, tenant_id, wave, position, state, state_since,
        packages, is_proven, has_way_back, problem, changes)
      select m.rollout_id, s.id, m.organisation_id, m.tenant_id, 1 + substr(s.name, 5)::integer % 2, substr(s.name, 5)::integer,
        case when substr(s.name, 5)::integer % 100 = 0 then 'failed' else 'succeeded' end, m.state_since, m.packages, true, true,
        case when substr(s.name, 5)::integer % 100 = 0 then s.hostname || ' broke after ' || s.name || ' s.' end,
        '[{"name":"openssl","architecture":"amd64","from":"1.0-1","to":"1.0-2"}]'
      from rollout_members m, servers s where s.name like 'many%'`,
  );
  const cells = await readRolloutCells(t.owner, { rolloutId });
  const { marks } = await readRolloutMarks(t.owner, { rolloutId });
  expect(cells.ids).toHaveLength(count);
  expect(marks).toHaveLength(count);
  expect(cells.waves).toEqual([
    { wave: 0, servers: 1 },
    { wave: 1, servers: 4_999 },
    { wave: 2, servers: 5_000 },
  ]);
  const at = cells.names.indexOf("many300");
  expect(stateOfMark(marks.charAt(at))).toBe("failed");
  const bad = await readRolloutMarks(t.owner, { rolloutId, group: "bad" });
  expect(bad.marks.length).toBe(count);
  expect([...bad.marks].filter((mark) => stateOfMark(mark) === "failed")).toHaveLength(99);
  expect([...bad.marks].filter((mark) => stateOfMark(mark) === null)).toHaveLength(count - 99);
  const page = await listRolloutMembers(t.owner, { rolloutId, limit: 200 });
  expect(page.total).toBe(count);
  expect(page.members.slice(0, 99).every(({ state }) => state === "failed")).toBe(true);
  const { outputs } = await groupRolloutOutputs(t.owner, { rolloutId });
  expect(outputs).toMatchObject([
    { state: "failed", servers: 99, sentence: "… broke after … s." },
    { state: "waiting", servers: 1 },
    { state: "succeeded", servers: 9_900 },
  ]);
  expect((await getRollout(t.owner, { rolloutId })).servers).toBe(count);
});
