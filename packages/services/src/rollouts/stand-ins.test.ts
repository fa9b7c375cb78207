import { defaultRolloutSettings, type RolloutSettings } from "@mailstead/core/rollouts";
import { makeDomain, makeTenant } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  done,
  healthOf,
  openRolloutFleet,
  type RolloutFleet,
  wellBehaved,
} from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  excludeServers,
  getRolloutMember,
  getRolloutPlace,
  previewRollout,
  setStandIns,
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

const names = ["mail0", "mail1", "mail2", "mail3"];
const inFlight = ["checking", "applying", "verifying", "restoring"];
const start = (serverIds?: readonly string[], changed: Partial<RolloutSettings> = {}) =>
  startRollout(t.owner, {
    title: "OpenSSL",
    choice: { kind: "sources", sourceNames: ["openssl"] },
    settings: {
      ...defaultRolloutSettings,
      waves: [{ share: 1, bakeTimeMs: 60_000, needsApproval: false }],
      ...changed,
    },
    ...(serverIds === undefined ? {} : { serverIds: [...serverIds] }),
  });
const pair = async (fleet: RolloutFleet, ...members: readonly string[]) => {
  for (const name of members)
    await setStandIns(t.owner, { serverId: fleet.ids.get(name) ?? "", groupName: "relays" });
};

test("servers of one group are never in the middle of a change at once, and one stays as it is while another is away", async () => {
  const fleet = await openRolloutFleet(t, names);
  await pair(fleet, "mail1", "mail2");
  await fleet.setOnline("mail2", false);
  // A canary that waits holds up everybody, and who is one is by chance else.
  await t.database.admin.pool.query("update servers set goes_first = true where id = $1", [
    fleet.ids.get("mail0"),
  ]);
  const { rolloutId } = await start();
  await fleet.pass(80);
  expect(await fleet.states(rolloutId)).toEqual({
    mail0: "succeeded",
    mail1: "waiting",
    mail2: "waiting",
    mail3: "succeeded",
  });
  const waits = await getRolloutMember(t.owner, { rolloutId, serverId: fleet.ids.get("mail1") ?? "" });
  expect(waits.waitsBecause).toBe("mail2, which stands in for it, is offline.");
  await fleet.setOnline("mail2", true);
  const together: string[] = [];
  for (let look = 0; look < 60; look += 1) {
    await fleet.pass(1);
    const { mail1 = "", mail2 = "" } = await fleet.states(rolloutId);
    if (inFlight.includes(mail1) && inFlight.includes(mail2)) together.push(`${mail1} ${mail2}`);
  }
  expect(together).toEqual([]);
  expect(new Set(Object.values(await fleet.states(rolloutId)))).toEqual(new Set(["succeeded"]));
});

test("a server that was left out beforehand does not hold up who stands in for it", async () => {
  const fleet = await openRolloutFleet(t, names);
  await pair(fleet, "mail1", "mail2");
  const serverIds = [fleet.ids.get("mail2") ?? ""];
  await excludeServers(t.owner, { serverIds, reason: "It is being moved.", endsAt: null });
  const { rolloutId } = await start();
  await fleet.pass(80);
  expect(await fleet.states(rolloutId)).toEqual({
    mail0: "succeeded",
    mail1: "succeeded",
    mail2: "left-out",
    mail3: "succeeded",
  });
});

test("a server that is left out because its mail is not well keeps who stands in for it as it is", async () => {
  const fleet = await openRolloutFleet(t, names);
  await pair(fleet, "mail1", "mail2");
  await t.database.admin.pool.query("update servers set goes_first = true where id = $1", [
    fleet.ids.get("mail0"),
  ]);
  fleet.answers = (order) =>
    order.verb === "check-mail" && order.server === "mail1"
      ? done(healthOf("bad", "IMAP does not answer."))
      : wellBehaved(order);
  // Until it is its turn, the other one is away.
  await fleet.setOnline("mail2", false);
  const { rolloutId } = await start();
  await fleet.pass(80);
  await setStandIns(t.owner, { serverId: fleet.ids.get("mail2") ?? "", groupName: null });
  await fleet.pass(20);
  expect((await fleet.states(rolloutId))["mail1"]).toBe("left-out");
  await pair(fleet, "mail2");
  await fleet.setOnline("mail2", true);
  await fleet.pass(40);
  expect((await fleet.states(rolloutId))["mail2"]).toBe("waiting");
});

test("no server goes first that has to wait for its stand-in, while another can", async () => {
  const fleet = await openRolloutFleet(t, names);
  await pair(fleet, "mail0", "mail1", "mail2");
  await fleet.setOnline("mail2", false);
  await t.database.admin.pool.query("update servers set goes_first = true where name = 'mail0'");
  const { rolloutId } = await start();
  await fleet.pass(80);
  expect(await fleet.states(rolloutId)).toEqual({
    mail0: "waiting",
    mail1: "waiting",
    mail2: "waiting",
    mail3: "succeeded",
  });
});

test("which servers are never changed at once is shown before, by their group and by domains", async () => {
  const fleet = await openRolloutFleet(t, names);
  await pair(fleet, "mail0", "mail1");
  const { admin } = t.database;
  const { organisationId, tenantId } = t;
  for (let domains = 0; domains < 2; domains += 1) {
    const domain = await makeDomain(admin, {
      organisationId,
      tenantId,
      serverId: fleet.ids.get("mail2") ?? "",
    });
    await admin.pool.query(
      `insert into domain_servers (domain_id, server_id, organisation_id, tenant_id, role, created_at)
        values ($1, $2, $3, $4, 'mx', now())`,
      [domain.id, fleet.ids.get("mail3"), organisationId, tenantId],
    );
  }
  const choice = { kind: "sources" as const, sourceNames: ["openssl"] };
  const { keptApart, keptApartInAll } = await previewRollout(t.owner, { choice });
  expect(keptApart.map(({ names: some, ...one }) => ({ ...one, names: some.toSorted() }))).toEqual([
    { groupName: "relays", domains: 0, servers: 2, names: ["mail0", "mail1"] },
    { groupName: null, domains: 2, servers: 2, names: ["mail2", "mail3"] },
  ]);
  expect(keptApartInAll).toBe(2);
  const alone = await previewRollout(t.owner, { choice, serverIds: [fleet.ids.get("mail0") ?? ""] });
  expect(alone.keptApart).toEqual([]);
});

test("a group that is named while a rollout runs holds for it", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await start();
  await fleet.setOnline("mail3", false);
  await pair(fleet, "mail0", "mail1", "mail2", "mail3");
  await fleet.pass(20);
  expect(new Set(Object.values(await fleet.states(rolloutId)))).toEqual(new Set(["waiting"]));
});

test("two rollouts never have two servers of one group in the middle of a change at once, and say so", async () => {
  const fleet = await openRolloutFleet(t, names);
  await pair(fleet, "mail0", "mail1");
  const one = await start([fleet.ids.get("mail0") ?? ""]);
  const other = await start([fleet.ids.get("mail1") ?? ""]);
  fleet.answers = () => null;
  await fleet.pass(2);
  const states = { ...(await fleet.states(one.rolloutId)), ...(await fleet.states(other.rolloutId)) };
  expect(Object.values(states).toSorted()).toEqual(["checking", "waiting"]);
  const { rows } = await t.database.admin.pool.query(
    "select waits_because from rollout_members where state = 'waiting'",
  );
  const [first, second] = Object.entries(states).toSorted(([, state]) => (state === "checking" ? -1 : 1));
  expect([first?.[1], second?.[1]]).toEqual(["checking", "waiting"]);
  expect(rows).toEqual([
    { waits_because: `${first?.[0]}, which stands in for it, is being changed by another rollout.` },
  ]);
});

test("why a server waits is told as it is now: by the name of its stand-in, and no more once it only waits for room", async () => {
  const fleet = await openRolloutFleet(t, names);
  await pair(fleet, "mail1", "mail2");
  await t.database.admin.pool.query("update servers set goes_first = true where name = 'mail0'");
  await fleet.setOnline("mail3", false);
  const { rolloutId } = await start(undefined, { inFlightMax: 1 });
  const waits = async () => {
    const { rows } = await t.database.admin.pool.query<{ name: string; waits_because: string | null }>(
      `select s.name, m.waits_because from rollout_members m join servers s on s.id = m.server_id
        where m.rollout_id = $1 and m.state = 'waiting' order by s.name`,
      [rolloutId],
    );
    return Object.fromEntries(rows.map(({ name, waits_because }) => [name, waits_because]));
  };
  // All but the canary are of the last wave, which takes one of the two that stand in for each other first.
  for (let look = 0; look < 40 && Object.keys(await waits()).length > 2; look += 1) await fleet.pass(1);
  fleet.answers = () => null;
  await fleet.pass(1);
  const [busy] = Object.entries(await fleet.states(rolloutId)).filter(([, state]) =>
    inFlight.includes(state),
  );
  const other = busy?.[0] === "mail1" ? "mail2" : "mail1";
  expect(await waits()).toEqual({
    [other]: `${busy?.[0]}, which stands in for it, is being changed.`,
    mail3: "It is offline.",
  });
  await fleet.setOnline("mail3", true);
  await fleet.pass(1);
  expect((await waits())["mail3"]).toBeNull();
});

test("a name is one group however it is spelled, and that of another customer is another", async () => {
  const fleet = await openRolloutFleet(t, ["mail0", "mail1"]);
  const { id: tenantId } = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  const others = await openRolloutFleet(t, ["theirs"], { tenantId });
  const idOf = (name: string) => fleet.ids.get(name) ?? others.ids.get(name) ?? "";
  await setStandIns(t.owner, { serverId: idOf("mail0"), groupName: "Relays" });
  await setStandIns(t.owner, { serverId: idOf("mail1"), groupName: " relays " });
  await setStandIns(t.owner, { serverId: idOf("theirs"), groupName: "relays" });
  expect((await getRolloutPlace(t.owner, { serverId: idOf("mail1") })).standIns).toEqual({
    groupName: "Relays",
    others: [{ id: idOf("mail0"), name: "mail0" }],
    groupNames: ["Relays"],
  });
  expect((await getRolloutPlace(t.owner, { serverId: idOf("theirs") })).standIns.others).toEqual([]);
  await setStandIns(t.owner, { serverId: idOf("mail1"), groupName: null });
  expect((await getRolloutPlace(t.owner, { serverId: idOf("mail0") })).standIns.others).toEqual([]);
});

test("a neighbour, another customer and an auditor name no stand-ins, and a name is one line", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const serverId = fleet.ids.get("mail0") ?? "";
  const { id: tenantId } = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  for (const ctx of [await t.makeStranger(), t.as("admin", tenantId)])
    await expect(setStandIns(ctx, { serverId, groupName: "relays" })).rejects.toMatchObject({
      kind: "not-found",
    });
  await expect(async () =>
    setStandIns(t.as("auditor"), { serverId, groupName: "relays" }),
  ).rejects.toMatchObject({ kind: "forbidden" });
  for (const groupName of ["", "a\nb", "x".repeat(61)])
    await expect(async () => setStandIns(t.owner, { serverId, groupName })).rejects.toMatchObject({
      kind: "invalid",
    });
});
