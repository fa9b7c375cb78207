import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openRolloutFleet } from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  addFreeze,
  excludeServer,
  getMaintenanceTimes,
  getRolloutPlace,
  includeServer,
  listFreezes,
  previewRollout,
  removeFreeze,
  setGoesFirst,
  setMaintenanceTimes,
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

const choice = { kind: "security" as const };

test("a customer's windows are kept in its own time zone, and hold rollouts back", async () => {
  const { tenantId } = t;
  expect((await getMaintenanceTimes(t.owner, { tenantId })).windows).toEqual([]);
  const windows = [{ weekdays: [6], fromMinute: 120, untilMinute: 240 }];
  await setMaintenanceTimes(t.owner, { tenantId, timeZone: "Europe/Oslo", windows });
  expect(await getMaintenanceTimes(t.owner, { tenantId })).toEqual({ timeZone: "Europe/Oslo", windows });
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const { rolloutId } = await startRollout(t.owner, { title: "Patches", choice });
  await fleet.pass(3);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "waiting" });
});

test.each([
  ["a time zone that nobody knows", { timeZone: "Europe/Atlantis" }, /no time zone/],
  [
    "a window in which no change fits",
    { windows: [{ weekdays: [1], fromMinute: 0, untilMinute: 20 }] },
    /30 minutes at least/,
  ],
])("%s is refused in a sentence", async (_what, changed, says) => {
  const input = { tenantId: t.tenantId, timeZone: "Europe/Oslo", windows: [], ...changed };
  await expect(async () => setMaintenanceTimes(t.owner, input)).rejects.toMatchObject({
    kind: "invalid",
    message: expect.stringMatching(says),
  });
});

test("a freeze of all holds every rollout back, and is gone when it is taken back", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const { freezeId } = await addFreeze(t.owner, {
    fromDay: "2026-11-19",
    untilDay: "2026-11-27",
    reason: "Black Friday",
  });
  expect(await listFreezes(t.owner)).toMatchObject([
    { id: freezeId, tenantId: null, reason: "Black Friday" },
  ]);
  const { rolloutId } = await startRollout(t.owner, { title: "Patches", choice });
  await fleet.pass(2);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "waiting" });
  await removeFreeze(t.owner, { freezeId });
  await fleet.pass(60);
  expect(await fleet.states(rolloutId)).toEqual({ mail0: "succeeded" });
});

test("a customer's own people freeze their own servers, and see the freezes of nobody else", async () => {
  const { freezeId } = await addFreeze(t.owner, {
    fromDay: "2026-12-01",
    untilDay: "2026-12-02",
    reason: "Audit",
  });
  const own = t.as("technician", t.tenantId);
  await addFreeze(own, { fromDay: "2026-12-24", untilDay: "2026-12-26", reason: "Christmas" });
  expect(await listFreezes(own)).toMatchObject([{ tenantId: t.tenantId, reason: "Christmas" }]);
  await expect(removeFreeze(own, { freezeId })).rejects.toMatchObject({ kind: "not-found" });
});

test("a freeze ends on the day it begins or later, and lasts for no season", async () => {
  const add = (untilDay: string) => async () =>
    addFreeze(t.owner, { fromDay: "2026-12-10", untilDay, reason: "Trade" });
  await expect(add("2026-12-09")).rejects.toMatchObject({ kind: "invalid" });
  await expect(add("2027-12-09")).rejects.toMatchObject({ kind: "invalid" });
});

test("a server that is left out stays so until its day, and one that goes first proves the others", async () => {
  const fleet = await openRolloutFleet(t, ["mail0", "mail1", "mail2", "mail3"]);
  const idOf = (name: string) => fleet.ids.get(name) ?? "";
  const endsAt = new Date("2026-12-01T00:00:00Z");
  await excludeServer(t.owner, { serverId: idOf("mail1"), reason: "It is being moved.", endsAt });
  await setGoesFirst(t.owner, { serverId: idOf("mail3"), goesFirst: true });
  expect(await getRolloutPlace(t.owner, { serverId: idOf("mail1") })).toMatchObject({
    goesFirst: false,
    exclusion: { reason: "It is being moved.", endsAt },
  });
  const preview = await previewRollout(t.owner, { choice });
  expect(preview.leftOut).toMatchObject([{ names: ["mail1"] }]);
  expect(preview.waves[0]?.names).toEqual(["mail3"]);
  t.clock.now = new Date("2026-12-02T00:00:00Z");
  expect((await previewRollout(t.owner, { choice })).leftOut).toEqual([]);
  t.clock.now = new Date("2026-11-20T12:00:00Z");
  await includeServer(t.owner, { serverId: idOf("mail1") });
  expect((await getRolloutPlace(t.owner, { serverId: idOf("mail1") })).exclusion).toBeNull();
});

test("a neighbour and an auditor change nothing of this", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const serverId = fleet.ids.get("mail0") ?? "";
  const stranger = await t.makeStranger();
  await expect(setGoesFirst(stranger, { serverId, goesFirst: true })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(getRolloutPlace(stranger, { serverId })).rejects.toMatchObject({ kind: "not-found" });
  await expect(getMaintenanceTimes(stranger, { tenantId: t.tenantId })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(async () =>
    excludeServer(t.as("auditor"), { serverId, reason: "No.", endsAt: null }),
  ).rejects.toMatchObject({ kind: "forbidden" });
});
