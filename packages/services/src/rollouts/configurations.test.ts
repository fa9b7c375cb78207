import { defaultRolloutSettings, type RolloutSettings } from "@mailstead/core/rollouts";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { changeHostname } from "../servers/index.ts";
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
  getRollout,
  getRolloutMember,
  groupRolloutOutputs,
  previewRollout,
  rollBackRollout,
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

const choice = { kind: "configurations", revertsDrift: false } as const;
const settings: RolloutSettings = {
  ...defaultRolloutSettings,
  waves: [
    { share: 0.5, bakeTimeMs: 60_000, needsApproval: false },
    { share: 1, bakeTimeMs: 60_000, needsApproval: false },
  ],
};
const begin = () => startRollout(t.owner, { title: "Configurations", choice, settings });

/** What a host holds: by default all that it ought to, as its agent writes it. */
interface Held {
  pendingPaths?: readonly string[] | null;
  appliedRevision?: number;
  hasDrift?: boolean;
}
const told = (name: string, { pendingPaths = [], appliedRevision = 1, hasDrift = false }: Held) =>
  t.database.admin.pool.query(
    "update servers set observed = $2, applied_revision = $3, has_drift = $4 where name = $1",
    [name, pendingPaths === null ? {} : { pendingPaths }, appliedRevision, hasDrift],
  );
const mainCf = "/etc/postfix/main.cf";
const anew = { pendingPaths: [mainCf] };
async function openFleet(held: Readonly<Record<string, Held>>): Promise<RolloutFleet> {
  const fleet = await openRolloutFleet(t, Object.keys(held));
  for (const [name, one] of Object.entries(held)) await told(name, one);
  return fleet;
}
const ordersOf = (fleet: RolloutFleet, wanted: string) => fleet.orders.filter(({ verb }) => verb === wanted);

describe("a rollout of configurations", () => {
  test("brings what would change wave by wave, at the revision that was frozen, and tells which files changed", async () => {
    const fleet = await openFleet({
      mail0: anew,
      mail1: anew,
      mail2: {},
      mail3: { appliedRevision: 1, ...anew },
    });
    const { rolloutId, servers } = await begin();
    expect(servers).toBe(3);
    await fleet.pass(1);
    expect(Object.values(await fleet.states(rolloutId)).toSorted()).toEqual([
      "checking",
      "waiting",
      "waiting",
    ]);
    await fleet.pass(60);
    expect(await fleet.states(rolloutId)).toEqual({
      mail0: "succeeded",
      mail1: "succeeded",
      mail3: "succeeded",
    });
    expect(ordersOf(fleet, "apply-configuration").map(({ args }) => args)).toEqual(
      Array(3).fill({
        targetRevision: 1,
        targetDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
        revertsDrift: false,
        formerId: rolloutId,
      }),
    );
    const { outputs } = await groupRolloutOutputs(t.owner, { rolloutId });
    expect(outputs).toMatchObject([{ state: "succeeded", servers: 3, paths: [mainCf], pathsInAll: 1 }]);
  });

  test("says beforehand why each would change, and leaves out whose agent cannot tell", async () => {
    await openFleet({ mail0: anew, mail1: {}, mail2: { hasDrift: true }, mail3: { pendingPaths: null } });
    await t.database.admin.pool.query("update servers set applied_revision = 0 where name = 'mail1'");
    const preview = await previewRollout(t.owner, { choice, settings });
    expect(preview.configurations).toEqual([{ because: "rendered-anew", servers: 1 }]);
    expect(preview.packages).toEqual([{ name: "configuration", version: "agent 0.1.0", servers: 1 }]);
    expect(preview.withoutWayBack).toEqual([]);
    expect(preview.leftOut).toMatchObject([
      { names: ["mail3"], because: expect.stringMatching(/^Agent 0\.1\.0 does not tell yet/) },
    ]);
    const all = await previewRollout(t.owner, { choice: { ...choice, revertsDrift: true }, settings });
    // Equally many, so that either may come first.
    expect(new Set(all.configurations)).toEqual(
      new Set([
        { because: "rendered-anew", servers: 1 },
        { because: "edited", servers: 1 },
      ]),
    );
  });

  test("puts the former configuration back where mail suffers, halts, and no other server saw it", async () => {
    const fleet = await openFleet({ mail0: anew, mail1: anew, mail2: anew });
    const { rolloutId } = await begin();
    let isChanged = false;
    fleet.answers = (order) => {
      if (order.verb === "apply-configuration") isChanged = true;
      if (order.verb === "restore-configuration") isChanged = false;
      return order.verb === "check-mail" && isChanged
        ? done(healthOf("bad", "IMAP is gone."))
        : wellBehaved(order);
    };
    await fleet.pass(40);
    expect(Object.values(await fleet.states(rolloutId)).toSorted()).toEqual([
      "restored",
      "waiting",
      "waiting",
    ]);
    expect(ordersOf(fleet, "restore-configuration").map(({ args }) => args)).toEqual([
      { formerId: rolloutId },
    ]);
    expect(new Set(fleet.orders.map(({ server }) => server)).size).toBe(1);
    expect(await getRollout(t.owner, { rolloutId })).toMatchObject({ state: "halted" });
  });

  test("has a try that failed taken back as well, since steps before the one that failed may stand", async () => {
    const fleet = await openFleet({ mail0: anew });
    const { rolloutId } = await begin();
    const sentence = "dovecot did not serve with its new configuration. The previous files were put back.";
    fleet.answers = (order) => (order.verb === "apply-configuration" ? failed(sentence) : wellBehaved(order));
    await fleet.pass(20);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "restored" });
    const serverId = fleet.ids.get("mail0") ?? "";
    expect(await getRolloutMember(t.owner, { rolloutId, serverId })).toMatchObject({ problem: sentence });
  });

  test("goes back everywhere when it is told to, but where the host said that no way leads back", async () => {
    const fleet = await openFleet({ mail0: anew, mail1: anew, mail2: anew });
    const oneWay = { stepsApplied: 2, changedPaths: [], withoutWayBack: ["Switch off nginx"], tookMs: 1 };
    fleet.answers = (order) =>
      order.verb === "apply-configuration" && order.server === "mail1" ? done(oneWay) : wellBehaved(order);
    const { rolloutId } = await begin();
    await fleet.pass(60);
    expect(await getRollout(t.owner, { rolloutId })).toMatchObject({
      state: "finished",
      canGoBack: 2,
      withoutWayBack: 1,
    });
    await rollBackRollout(t.owner, { rolloutId });
    await fleet.pass(30);
    expect(await fleet.states(rolloutId)).toEqual({
      mail0: "restored",
      mail1: "succeeded",
      mail2: "restored",
    });
    expect(
      ordersOf(fleet, "restore-configuration")
        .map(({ server }) => server)
        .toSorted(),
    ).toEqual(["mail0", "mail2"]);
    expect(ordersOf(fleet, "roll-back-updates")).toEqual([]);
  });

  test("leaves out who has come to a newer revision since the plan, since that change brings it along", async () => {
    const fleet = await openFleet({ mail0: anew, mail1: anew });
    const { rolloutId } = await begin();
    for (const name of ["mail0", "mail1"])
      await changeHostname(t.owner, { serverId: fleet.ids.get(name) ?? "", hostname: `${name}.new.example` });
    await fleet.pass(5);
    expect(Object.values(await fleet.states(rolloutId)).toSorted()).toEqual(["left-out", "waiting"]);
    expect(ordersOf(fleet, "apply-configuration")).toEqual([]);
    const { rows } = await t.database.admin.pool.query(
      "select problem from rollout_members where state = 'left-out'",
    );
    expect(rows[0].problem).toMatch(/^Its settings were changed since this was planned/);
  });

  test("leaves out whose agent is another since the plan, since no canary has proven what that writes", async () => {
    const fleet = await openFleet({ mail0: anew, mail1: anew, mail2: anew });
    await t.database.admin.pool.query("update servers set goes_first = true where name = 'mail0'");
    const { rolloutId } = await begin();
    await fleet.pass(1);
    await t.database.admin.pool.query(
      `update servers set facts = facts || '{"agentVersion":"0.2.0"}' where name = 'mail1'`,
    );
    await fleet.pass(60);
    expect(await fleet.states(rolloutId)).toEqual({
      mail0: "succeeded",
      mail1: "left-out",
      mail2: "succeeded",
    });
    const serverId = fleet.ids.get("mail1") ?? "";
    expect(await getRolloutMember(t.owner, { rolloutId, serverId })).toMatchObject({
      problem:
        "It runs agent 0.2.0 and ran another when this was planned, so no canary has proven what would be written.",
    });
  });

  test("brings it to who stands in for one that has come to a newer revision since the plan", async () => {
    const fleet = await openFleet({ mail0: anew, mail1: anew, mail2: anew });
    const idOf = (name: string) => fleet.ids.get(name) ?? "";
    await t.database.admin.pool.query("update servers set goes_first = true where name = 'mail0'");
    for (const name of ["mail1", "mail2"])
      await setStandIns(t.owner, { serverId: idOf(name), groupName: "relays" });
    const { rolloutId } = await begin();
    await changeHostname(t.owner, { serverId: idOf("mail1"), hostname: "mail1.new.example" });
    await fleet.pass(60);
    expect(await fleet.states(rolloutId)).toEqual({
      mail0: "succeeded",
      mail1: "left-out",
      mail2: "succeeded",
    });
  });
});
