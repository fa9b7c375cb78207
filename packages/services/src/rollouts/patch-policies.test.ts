import { makeTenant } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { failed, openRolloutFleet, wellBehaved } from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { listPatchPolicies, runPatchPolicies, setGoesFirst, setPatchPolicy } from "./index.ts";

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

const run = () => runPatchPolicies(t.system, { app: t.database.app, installation: t.installation });
const follow = (tenantId: string, canaryDays = 2, updates: "security" | "all" = "security") =>
  setPatchPolicy(t.owner, { tenantId, policy: { updates, canaryDays } });
const day = 86_400;

test("customers who want the same are updated together, by a canary that has it for their days first", async () => {
  const other = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  const fleet = await openRolloutFleet(t, ["mail0", "mail1"]);
  const theirs = await openRolloutFleet(t, ["mail8", "mail9"], { tenantId: other.id });
  await setGoesFirst(t.owner, { serverId: theirs.ids.get("mail9") ?? "", goesFirst: true });
  for (const tenantId of [t.tenantId, other.id]) await follow(tenantId);
  const { started } = await run();
  expect(started).toHaveLength(1);
  const [rolloutId = ""] = started;
  await fleet.pass(30);
  expect(await fleet.states(rolloutId)).toMatchObject({
    mail9: "baking",
    mail0: "waiting",
    mail8: "waiting",
  });
  t.clock.now = new Date(t.clock.now.getTime() + 2 * day * 1000);
  await fleet.pass(90);
  expect(await fleet.states(rolloutId)).toEqual({
    mail0: "succeeded",
    mail1: "succeeded",
    mail8: "succeeded",
    mail9: "succeeded",
  });
});

test("what a policy brings already is not begun anew, and neither is what was tried and put back", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  await follow(t.tenantId, 0);
  expect((await run()).started).toHaveLength(1);
  expect((await run()).started).toEqual([]);
  fleet.answers = (order) => (order.verb === "install-updates" ? failed("dpkg broke.") : wellBehaved(order));
  await fleet.pass(30);
  await t.database.admin.pool.query("update rollouts set state = 'stopped', ended_at = now()");
  expect((await run()).started).toEqual([]);
});

test("a customer without a policy is left to people, as one is whose policy was taken back", async () => {
  await openRolloutFleet(t, ["mail0"]);
  expect((await run()).started).toEqual([]);
  await follow(t.tenantId);
  expect(await listPatchPolicies(t.owner)).toMatchObject([{ tenantId: t.tenantId, canaryDays: 2 }]);
  await setPatchPolicy(t.owner, { tenantId: t.tenantId, policy: null });
  expect(await listPatchPolicies(t.owner)).toEqual([]);
  expect((await run()).started).toEqual([]);
});

test("a policy for security brings nothing else", async () => {
  await openRolloutFleet(t, ["mail0"]);
  await t.database.admin.pool.query("update server_updates set is_security = false");
  await follow(t.tenantId);
  expect((await run()).started).toEqual([]);
  await follow(t.tenantId, 0, "all");
  expect((await run()).started).toHaveLength(1);
});

test("a neighbour's policies are not to be seen or changed", async () => {
  await follow(t.tenantId);
  const stranger = await t.makeStranger();
  expect(await listPatchPolicies(stranger)).toEqual([]);
  await expect(setPatchPolicy(stranger, { tenantId: t.tenantId, policy: null })).rejects.toMatchObject({
    kind: "not-found",
  });
});
